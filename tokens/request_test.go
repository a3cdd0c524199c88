package tokens_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/tokens"
)

func TestClaimsRequestJSON(t *testing.T) {
	for _, row := range []struct {
		name string
		ask  tokens.ClaimsRequest
		want string
	}{
		{"nothing", tokens.ClaimsRequest{}, ``},
		{"cp1", tokens.ClaimsRequest{CP1: true}, `{"access_token":{"xms_cc":{"values":["cp1"]}}}`},
		{"a context", tokens.ClaimsRequest{Contexts: []string{"c1"}}, `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`},
		{"a context and cp1", tokens.ClaimsRequest{Contexts: []string{"c1"}, CP1: true}, `{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}`},
		{"a second factor", tokens.ClaimsRequest{MFA: true}, `{"access_token":{"amr":{"essential":true,"values":["mfa"]}}}`},
		{"two contexts", tokens.ClaimsRequest{Contexts: []string{"c1", "c2"}}, `{"access_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}`},
	} {
		if got := row.ask.JSON(); got != row.want {
			t.Errorf("%s: %s, want %s", row.name, got, row.want)
		}
	}
}

// msalDefaults is what MSAL sends with every request (observed).
const msalDefaults = `{"id_token":{"signin_state":{"essential":false},"login_hint":{"essential":false},"tenant_region_sub_scope":{"essential":false}},"access_token":{"xms_cc":{"values":["cp1"]}}}`

func TestForcedBy(t *testing.T) {
	for _, row := range []struct {
		name  string
		query url.Values
		want  []string
	}{
		{"a plain request", url.Values{"scope": {"openid"}, "login_hint": {"a@b.example"}, "domain_hint": {"b.example"}}, nil},
		{"own step-up", url.Values{"claims": {tokens.ClaimsRequest{Contexts: []string{"c1"}, CP1: true}.JSON()}}, nil},
		{"PIM's own claims", url.Values{"claims": {observedClaims}}, nil},
		{"MSAL's defaults", url.Values{"claims": {msalDefaults}}, nil},
		{"MSAL's default without a body", url.Values{"claims": {`{"id_token":{"login_hint":null}}`}}, nil},
		{"MSAL's default made essential", url.Values{"claims": {`{"id_token":{"signin_state":{"essential":true}}}`}}, []string{"claims.id_token.signin_state"}},
		{"MSAL's default that cannot be read", url.Values{"claims": {`{"id_token":{"signin_state":7}}`}}, []string{"claims.id_token.signin_state"}},
		{"MSAL's default asked of another token", url.Values{"claims": {`{"access_token":{"login_hint":null}}`}}, []string{"claims.access_token.login_hint"}},
		{"prompt=login", url.Values{"prompt": {"login"}}, []string{"prompt"}},
		{"prompt=select_account", url.Values{"prompt": {"select_account"}}, []string{"prompt"}},
		{"prompt=none", url.Values{"prompt": {"none"}}, nil},
		{"a second prompt", url.Values{"prompt": {"none", "login"}}, []string{"prompt"}},
		{"empty parameters", url.Values{"prompt": {""}, "max_age": {""}, "claims": {""}}, nil},
		{"max_age of zero", url.Values{"max_age": {"0"}}, []string{"max_age"}},
		{"a long max_age", url.Values{"max_age": {"86400"}}, []string{"max_age"}},
		{"amr_values", url.Values{"amr_values": {"ngcmfa"}}, []string{"amr_values"}},
		{"amr as a claim", url.Values{"claims": {`{"access_token":{"acrs":{"value":"c1"},"amr":{"essential":true,"values":["mfa"]}}}`}}, []string{"claims.access_token.amr"}},
		{"auth_time as a claim", url.Values{"claims": {`{"id_token":{"auth_time":{"essential":true}}}`}}, []string{"claims.id_token.auth_time"}},
		{"claims of no known token", url.Values{"claims": {`{"userinfo":{"amr":null}}`}}, []string{"claims.userinfo.amr"}},
		{"claims that cannot be judged", url.Values{"claims": {`{"access_token":`}}, []string{"claims"}},
		{"claims null", url.Values{"claims": {`null`}}, []string{"claims"}},
		{"everything, sorted", url.Values{"prompt": {"login"}, "max_age": {"0"}, "amr_values": {"mfa"}, "claims": {`{"id_token":{"b":null,"a":null}}`}}, []string{"amr_values", "claims.id_token.a", "claims.id_token.b", "max_age", "prompt"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, tokens.ForcedBy(row.query)); diff != "" {
				t.Errorf("forced by (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzClaimsRequest holds that the own step-up never forces a prompt, names just its contexts and
// comes back out of PIM's message unchanged.
func FuzzClaimsRequest(f *testing.F) {
	f.Add("c1", "", true)
	f.Add("c1", "c99", false)
	f.Add(`"},"amr":{"x":"`, "&claims=+%20", true)
	f.Fuzz(func(t *testing.T, one, two string, cp1 bool) {
		ask := tokens.ClaimsRequest{CP1: cp1}
		for _, id := range []string{one, two} {
			if id != "" && !slices.Contains(ask.Contexts, id) {
				ask.Contexts = append(ask.Contexts, id)
			}
		}
		if forced := tokens.ForcedBy(url.Values{"claims": {ask.JSON()}}); forced != nil {
			t.Errorf("%s forces %v", ask.JSON(), forced)
		}
		want := tokens.ContextsOf(ask.JSON())
		if len(want) != len(ask.Contexts) {
			return // not UTF-8: two ids became one
		}
		if len(want) == 0 {
			return
		}
		got, err := tokens.ParseChallenge(encoded(ask.JSON()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tokens.Challenge{Contexts: want, JSON: ask.JSON()}, got); diff != "" {
			t.Errorf("out of the message (-want +got):\n%s", diff)
		}
	})
}

// FuzzForcedBy holds that nothing beside it hides a prompt.
func FuzzForcedBy(f *testing.F) {
	f.Add(msalDefaults)
	f.Add(`{"access_token":{"acrs":{"value":"c1"}}}`)
	f.Add(`[`)
	f.Fuzz(func(t *testing.T, claims string) {
		quiet := tokens.ForcedBy(url.Values{"claims": {claims}})
		loud := tokens.ForcedBy(url.Values{"claims": {claims}, "prompt": {"login"}})
		if !slices.Contains(loud, "prompt") || len(loud) != len(quiet)+1 || !slices.IsSorted(loud) {
			t.Errorf("claims %q: %v, with prompt=login %v", claims, quiet, loud)
		}
	})
}
