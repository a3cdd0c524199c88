package tokens_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/tokens"
)

// observed is the message of PIM's HTTP 400, letter by letter.
const observed = "&claims=%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%20%22value%22%3A%22c1%22%7D%7D%7D"

const observedClaims = `{"access_token":{"acrs":{"essential":true, "value":"c1"}}}`

// wrap puts a message into the legacy PIM host's JSON.
func wrap(message string) string {
	raw, err := json.Marshal(map[string]string{"errorCode": "RoleAssignmentRequestAcrsValidationFailed", "message": message})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func body(message string) string {
	raw, err := json.Marshal(map[string]any{"error": map[string]string{"code": "UnknownError", "message": message}})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func encoded(claims string) string { return "&claims=" + url.QueryEscape(claims) }

func TestParseChallenge(t *testing.T) {
	two := `{"access_token":{"acrs":{"essential":true,"values":["c1","c2"]}}}`
	for _, row := range []struct {
		name, message string
		want          tokens.Challenge
	}{
		{"Graph's message", observed, tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"without the ampersand", observed[1:], tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"spaces as plus signs", strings.ReplaceAll(observed, "%20", "+"), tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"another parameter behind", observed + "&x=1", tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"words around", "Authentication context required: " + observed + " (see the docs)", tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"line end", "\n" + observed + "\r\n", tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"legacy host's message", wrap(observed), tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"legacy host's whole body", body(wrap(observed)), tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"Graph's whole body", body(observed), tokens.Challenge{Contexts: []string{"c1"}, JSON: observedClaims}},
		{"two contexts", encoded(two), tokens.Challenge{Contexts: []string{"c1", "c2"}, JSON: two}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := tokens.ParseChallenge(row.message)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("challenge (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseChallengeRefusesEverythingElse(t *testing.T) {
	deep := observed
	for range 6 {
		deep = wrap(deep)
	}
	for name, message := range map[string]string{
		"nothing":                         "",
		"another refusal":                 `The following policy rules failed: ["MfaRule"]`,
		"existing role":                   "The Role assignment already exists.",
		"no value":                        "&claims=",
		"base64 as in a header":           "&claims=" + base64.StdEncoding.EncodeToString([]byte(observedClaims)),
		"broken percent encoding":         "&claims=%7B%2",
		"broken JSON":                     encoded(`{"access_token":`),
		"null":                            encoded(`null`),
		"an array":                        encoded(`[]`),
		"claims without a context":        encoded(`{"access_token":{"xms_cc":{"values":["cp1"]}}}`),
		"empty context":                   encoded(`{"access_token":{"acrs":{"essential":true,"value":""}}}`),
		"context that is a number":        encoded(`{"access_token":{"acrs":{"essential":true,"value":1}}}`),
		"a word that ends in claims":      "noclaims=" + observed[len("&claims="):],
		"wrapped without a message":       `{"errorCode":"RoleAssignmentRequestAcrsValidationFailed"}`,
		"wrapped deeper than a host does": deep,
		"broken wrapping":                 wrap(observed)[:20],
	} {
		if got, err := tokens.ParseChallenge(message); !errors.Is(err, tokens.ErrNoChallenge) {
			t.Errorf("%s: challenge %v, error %v; want ErrNoChallenge", name, got, err)
		}
	}
}

func TestContextsOf(t *testing.T) {
	for _, row := range []struct {
		name, claims string
		want         []string
	}{
		{"access token", `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`, []string{"c1"}},
		{"ID token", `{"id_token":{"acrs":{"essential":true,"value":"c2"}}}`, []string{"c2"}},
		{"both, each once", `{"id_token":{"acrs":{"values":["c2","c1"]}},"access_token":{"acrs":{"value":"c1","values":["c1","c3"]}}}`, []string{"c1", "c3", "c2"}},
		{"beside cp1", `{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"value":"c25"}}}`, []string{"c25"}},
		{"one token malformed", `{"id_token":[],"access_token":{"acrs":{"value":"c1"}}}`, []string{"c1"}},
		{"acrs null", `{"access_token":{"acrs":null}}`, nil},
		{"elsewhere", `{"acrs":{"value":"c1"},"userinfo":{"acrs":{"value":"c1"}}}`, nil},
		{"not JSON", `c1`, nil},
		{"empty", ``, nil},
	} {
		if diff := cmp.Diff(row.want, tokens.ContextsOf(row.claims)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

func TestParseAuthenticateHeader(t *testing.T) {
	claims := base64.StdEncoding.EncodeToString([]byte(observedClaims))
	if !strings.HasSuffix(claims, "=") {
		t.Fatal("the sample has no padding to lose")
	}
	documented := `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="` + claims + `"`
	for _, row := range []struct {
		name, header string
		claims, code string
		ok           bool
	}{
		{"documented", documented, observedClaims, "insufficient_claims", true},
		{"more parameters", strings.Replace(documented, `realm=""`, `realm="", client_id="x", cc_type="authcontext"`, 1), observedClaims, "insufficient_claims", true},
		{"names in capitals", `BEARER Error="insufficient_claims",CLAIMS="` + claims + `"`, observedClaims, "insufficient_claims", true},
		{"unquoted", `Bearer error=insufficient_claims, claims=` + claims, observedClaims, "insufficient_claims", true},
		{"without padding", `Bearer error=insufficient_claims, claims=` + strings.TrimRight(claims, "="), observedClaims, "insufficient_claims", true},
		{"spaces around the equals sign", `Bearer error = "insufficient_claims" , claims = "` + claims + `"`, observedClaims, "insufficient_claims", true},
		{"behind another challenge", `Basic realm="a, b", ` + documented, observedClaims, "insufficient_claims", true},
		{"before another challenge", documented + `, PoP error="other", claims="x"`, observedClaims, "insufficient_claims", true},
		{"escaped quote in a parameter", `Bearer realm="a\"b", error="insufficient_claims", claims="` + claims + `"`, observedClaims, "insufficient_claims", true},
		{"expired token", `Bearer error="invalid_token", error_description="The token expired"`, "", "invalid_token", false},
		{"no claims", `Bearer error="insufficient_claims"`, "", "insufficient_claims", false},
		{"claims of another error", `Bearer error="invalid_token", claims="` + claims + `"`, "", "invalid_token", false},
		{"claims that are no JSON", `Bearer error="insufficient_claims", claims="AAAA"`, "", "insufficient_claims", false},
		{"claims not in base64", `Bearer error="insufficient_claims", claims="{}"`, "", "insufficient_claims", false},
		{"only another scheme", `PoP error="insufficient_claims", claims="` + claims + `"`, "", "", false},
		{"quote that never ends", `Bearer error="insufficient_claims", claims="` + claims, "", "insufficient_claims", false},
		{"claims of another challenge", `Bearer error="insufficient_claims", PoP claims="` + claims + `"`, "", "insufficient_claims", false},
		{"error twice", `Bearer error="invalid_token", error="insufficient_claims", claims="` + claims + `"`, "", "invalid_token", false},
		{"only a scheme", `Bearer`, "", "", false},
		{"empty", ``, "", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			gotClaims, code, ok := tokens.ParseAuthenticateHeader(row.header)
			if gotClaims != row.claims || code != row.code || ok != row.ok {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", gotClaims, code, ok, row.claims, row.code, row.ok)
			}
		})
	}
}

// FuzzParseChallenge holds that whatever parses is claims that name a context, and parses to the
// same when it is sent again.
func FuzzParseChallenge(f *testing.F) {
	for _, seed := range []string{observed, wrap(observed), body(wrap(observed)), "&claims=", "claims=%7B%7D", "{", encoded(`{"id_token":{"acrs":{"values":["c1"]}}}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		got, err := tokens.ParseChallenge(message)
		if err != nil {
			if !errors.Is(err, tokens.ErrNoChallenge) {
				t.Errorf("error is %v", err)
			}
			return
		}
		if !json.Valid([]byte(got.JSON)) || len(got.Contexts) == 0 {
			t.Fatalf("challenge is %+v", got)
		}
		again, err := tokens.ParseChallenge(encoded(got.JSON))
		if err != nil {
			t.Fatalf("challenge %+v does not parse again: %v", got, err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("sent again (-first +second):\n%s", diff)
		}
	})
}

// FuzzParseAuthenticateHeader holds that whatever is accepted is a JSON object of the one error.
func FuzzParseAuthenticateHeader(f *testing.F) {
	claims := base64.StdEncoding.EncodeToString([]byte(observedClaims))
	for _, seed := range []string{`Bearer error="insufficient_claims", claims="` + claims + `"`, `Basic a="\`, `Bearer =`, `Bearer error==,`, `a=b, Bearer`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		claims, code, ok := tokens.ParseAuthenticateHeader(header)
		if !ok {
			if claims != "" {
				t.Errorf("refused with claims %q", claims)
			}
			return
		}
		var object map[string]any
		if err := json.Unmarshal([]byte(claims), &object); err != nil || code != "insufficient_claims" {
			t.Errorf("accepted %q with error %q: %v", claims, code, err)
		}
	})
}
