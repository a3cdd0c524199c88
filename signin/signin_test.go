package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
)

func TestSignInReturnsVerifiedTokens(t *testing.T) {
	a := newAuthority(t)
	c := a.client()
	got, err := c.SignIn(t.Context(), a.browser(), signin.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if got.ID.ObjectID != admin || !got.ID.AuthTime.Equal(now.Add(-time.Minute)) || len(got.ID.SHA256) != 64 {
		t.Errorf("ID claims are %+v", got.ID)
	}
	if got.Refresh.Reveal() != "refresh-1" || got.Access.Empty() || !got.AccessClaims.HasCP1() {
		t.Errorf("access claims are %+v, refresh token %q", got.AccessClaims, got.Refresh.Reveal())
	}
	if !got.Sent.Equal(now) || !got.Received.Equal(now) {
		t.Errorf("sent %s, received %s; want the host's clock", got.Sent, got.Received)
	}
}

func TestSignInAsksForNothingThatForcesAPrompt(t *testing.T) {
	a := newAuthority(t)
	step := signin.Request{Claims: tokens.ClaimsRequest{Contexts: []string{"c1"}, CP1: true}, LoginHint: "admin@contoso.example"}
	got, err := a.client().SignIn(t.Context(), a.browser(), step)
	if err != nil {
		t.Fatal(err)
	}
	sent := a.authorized[0]
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(sent.Get(name)) != 43 {
			t.Errorf("%s is %q, want 256 bits in base64url", name, sent.Get(name))
		}
		sent.Del(name)
	}
	want := url.Values{
		"client_id": {client}, "redirect_uri": {redirect}, "response_type": {"code"}, "response_mode": {"query"},
		"scope":                 {"openid profile offline_access https://graph.microsoft.com/.default"},
		"code_challenge_method": {"S256"}, "login_hint": {"admin@contoso.example"},
		"claims": {`{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}`},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("authorize request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got.AuthorizeURL.Query()); diff != "" {
		t.Errorf("recorded authorize request (-want +got):\n%s", diff)
	}
	if forced := tokens.ForcedBy(sent); forced != nil {
		t.Errorf("the request forces a prompt by %v", forced)
	}
	if got := a.forms[0].Get("claims"); got != want.Get("claims") {
		t.Errorf("claims of the token request are %q, want those of the authorize request", got)
	}
}

func TestSignInPassesOnWhatIsAskedFor(t *testing.T) {
	a := newAuthority(t)
	r := signin.Request{Scopes: []string{"https://graph.microsoft.com/User.Read"}, Prompt: "login", SessionID: "session-1"}
	if _, err := a.client().SignIn(t.Context(), a.browser(), r); err != nil {
		t.Fatal(err)
	}
	sent := a.authorized[0]
	if sent.Get("prompt") != "login" || sent.Get("sid") != "session-1" || !strings.HasSuffix(sent.Get("scope"), " https://graph.microsoft.com/User.Read") {
		t.Errorf("authorize request is %v", sent)
	}
	if sent.Has("claims") || a.forms[0].Has("claims") {
		t.Error("claims are sent though none were asked for")
	}
}

func TestEverySignInHasItsOwnStateNonceAndVerifier(t *testing.T) {
	a := newAuthority(t)
	c := a.client()
	seen := map[string]bool{}
	for range 3 {
		if _, err := c.SignIn(t.Context(), a.browser(), signin.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, q := range a.authorized {
		for _, v := range []string{q.Get("state"), q.Get("nonce"), q.Get("code_challenge"), a.forms[i].Get("code_verifier")} {
			if seen[v] {
				t.Errorf("%q was used twice", v)
			}
			seen[v] = true
		}
	}
	if a.keyFetches != 1 {
		t.Errorf("keys were fetched %d times, want once", a.keyFetches)
	}
}

// refusedRow is a host, or a way back from it, that a sign-in must not believe.
type refusedRow struct {
	name   string
	host   func(*authority)
	way    func(back *url.URL, q url.Values)
	field  string // of a tokens.RefusedError
	text   string // in the error
	redeem bool   // the token endpoint was asked
}

func (row refusedRow) run(t *testing.T) {
	a := newAuthority(t)
	if row.host != nil {
		row.host(a)
	}
	nav := a.browser()
	if row.way != nil {
		nav = a.detour(row.way)
	}
	got, err := a.client().SignIn(t.Context(), nav, signin.Request{})
	if err == nil {
		t.Fatal("the sign-in succeeds")
	}
	var refused *tokens.RefusedError
	if row.field != "" && (!errors.As(err, &refused) || refused.Field != row.field) {
		t.Errorf("error is %v, want refused for %q", err, row.field)
	}
	if !strings.Contains(err.Error(), row.text) {
		t.Errorf("error is %v, want it to say %q", err, row.text)
	}
	if asked := len(a.forms) > 0; asked != row.redeem {
		t.Errorf("token endpoint asked: %v, want %v", asked, row.redeem)
	}
	if !got.Access.Empty() || !got.Refresh.Empty() {
		t.Error("a failed sign-in yields tokens")
	}
	mustNotShowSecrets(t, a, err)
}

// mustNotShowSecrets fails when an error holds what was secret in the sign-in.
func mustNotShowSecrets(t *testing.T, a *authority, err error) {
	t.Helper()
	for _, q := range append(a.authorized, a.forms...) {
		for _, name := range []string{"state", "nonce", "code", "code_challenge", "code_verifier", "refresh_token"} {
			if v := q.Get(name); v != "" && strings.Contains(err.Error(), v) {
				t.Errorf("error shows the %s: %v", name, err)
			}
		}
	}
	if strings.Contains(err.Error(), "eyJ") {
		t.Errorf("error shows a token: %v", err)
	}
}

func TestSignInBelievesNoOtherAnswer(t *testing.T) {
	claim := func(name string, v any) func(*authority) {
		return func(a *authority) { a.claims = map[string]any{name: v} }
	}
	answer := func(name string, v any) func(*authority) {
		return func(a *authority) { a.answer = map[string]any{name: v} }
	}
	for _, row := range []refusedRow{
		{name: "another state", way: func(_ *url.URL, q url.Values) { q.Set("state", "x") }, text: "state"},
		{name: "no state", way: func(_ *url.URL, q url.Values) { q.Del("state") }, text: "state"},
		{name: "two states", way: func(_ *url.URL, q url.Values) { q.Add("state", "x") }, text: "state"},
		{name: "error that answers another request", way: func(_ *url.URL, q url.Values) { q.Set("state", "x"); q.Set("error", "login_required") }, text: "state"},
		{name: "no code", way: func(_ *url.URL, q url.Values) { q.Del("code") }, text: "0 codes"},
		{name: "two codes", way: func(_ *url.URL, q url.Values) { q.Add("code", "x") }, text: "2 codes"},
		{name: "another host", way: func(u *url.URL, _ url.Values) { u.Host = "evil.example" }, text: "not sent to http://localhost"},
		{name: "another port", way: func(u *url.URL, _ url.Values) { u.Host = "localhost:81" }, text: "not sent to http://localhost"},
		{name: "another scheme", way: func(u *url.URL, _ url.Values) { u.Scheme = "https" }, text: "not sent to http://localhost"},
		{name: "another path", way: func(u *url.URL, _ url.Values) { u.Path = "/other" }, text: "not sent to http://localhost"},
		{name: "another code", way: func(_ *url.URL, q url.Values) { q.Set("code", "x") }, text: "AADSTS70000", redeem: true},
		{name: "nonce of another request", host: claim("nonce", "x"), field: "nonce", text: "nonce", redeem: true},
		{name: "no nonce", host: claim("nonce", nil), field: "nonce", text: "nonce", redeem: true},
		{name: "another issuer", host: claim("iss", "https://sts.windows.net/"+tenant+"/"), field: "iss", text: "iss", redeem: true},
		{name: "another client", host: claim("aud", "x"), field: "aud", text: "aud", redeem: true},
		{name: "another tenant", host: claim("tid", "x"), field: "tid", text: "tid", redeem: true},
		{name: "auth_time a string", host: claim("auth_time", "1"), field: "auth_time", text: "auth_time", redeem: true},
		{name: "expired", host: claim("exp", now.Add(-time.Hour).Unix()), field: "exp", text: "exp", redeem: true},
		{name: "signed with a key that is not published", host: func(a *authority) { a.published = secondKey }, field: "signature", text: "signature", redeem: true},
		{name: "signed with a key for encryption", host: func(a *authority) { a.use = "enc" }, field: "kid", text: "kid", redeem: true},
		{name: "no ID token", host: answer("id_token", nil), text: "no ID token", redeem: true},
		{name: "no access token", host: answer("access_token", nil), text: "no access token", redeem: true},
		{name: "opaque access token", host: answer("access_token", "opaque"), field: "token", text: "read access token", redeem: true},
		{name: "token bound to a key", host: answer("token_type", "pop"), text: `"pop"`, redeem: true},
		{name: "ID token a number", host: answer("id_token", 5), text: "no JSON object", redeem: true},
	} {
		t.Run(row.name, row.run)
	}
}

func TestSignInFetchesKeysAnewWhenTheHostRollsThemOver(t *testing.T) {
	a := newAuthority(t)
	c := a.client()
	mustSignIn := func() {
		t.Helper()
		if _, err := c.SignIn(t.Context(), a.browser(), signin.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	mustSignIn()
	a.key, a.kid = secondKey, "second"
	mustSignIn()
	mustSignIn()
	if a.keyFetches != 2 {
		t.Errorf("keys were fetched %d times, want twice", a.keyFetches)
	}
}

func TestSignInReportsTheNavigatorsError(t *testing.T) {
	broken := errors.New("page not recognised")
	_, err := newAuthority(t).client().SignIn(t.Context(), navigator(func(context.Context, *url.URL, string) (*url.URL, error) {
		return nil, broken
	}), signin.Request{})
	if !errors.Is(err, broken) {
		t.Errorf("error is %v, want the navigator's", err)
	}
}

func TestSignInSurvivesANavigatorThatReturnsNothing(t *testing.T) {
	_, err := newAuthority(t).client().SignIn(t.Context(), navigator(func(context.Context, *url.URL, string) (*url.URL, error) {
		return nil, nil
	}), signin.Request{})
	if err == nil {
		t.Error("the sign-in succeeds without an answer")
	}
}

func TestSignInRecordsWhatItAskedNotWhatTheNavigatorMadeOfIt(t *testing.T) {
	a := newAuthority(t)
	got, err := a.client().SignIn(t.Context(), navigator(func(ctx context.Context, u *url.URL, r string) (*url.URL, error) {
		back, err := a.browser()(ctx, u, r)
		u.RawQuery = "prompt=none"
		return back, err
	}), signin.Request{Prompt: "login"})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.AuthorizeURL.Query().Get("prompt"); p != "login" {
		t.Errorf("recorded prompt is %q, want login", p)
	}
}

func TestSignInWithoutRandomnessDoesNotStart(t *testing.T) {
	a := newAuthority(t)
	c := a.client()
	c.Random = iotest.ErrReader(errors.New("no entropy"))
	if _, err := c.SignIn(t.Context(), a.browser(), signin.Request{}); err == nil || len(a.authorized) > 0 {
		t.Errorf("error is %v after %d requests, want one before any", err, len(a.authorized))
	}
}

func TestTokenRequestFollowsNoRedirect(t *testing.T) {
	a := newAuthority(t)
	reached := false
	other := http.NewServeMux()
	other.HandleFunc("/", func(http.ResponseWriter, *http.Request) { reached = true })
	a.Config.Handler.(*http.ServeMux).Handle("/elsewhere", other)
	a.tokens = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}
	_, err := a.client().SignIn(t.Context(), a.browser(), signin.Request{})
	var refused *signin.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusTemporaryRedirect || reached {
		t.Errorf("error is %v, redirect followed: %v", err, reached)
	}
}

func TestProbeAsksSilentlyForTheSessionAlone(t *testing.T) {
	a := newAuthority(t)
	id, err := a.client().Probe(t.Context(), a.browser(), "admin@contoso.example", "session-1")
	if err != nil {
		t.Fatal(err)
	}
	if id.SessionID != "session-1" || !id.AuthTime.Equal(now.Add(-time.Minute)) {
		t.Errorf("claims are %+v", id)
	}
	sent := a.authorized[0]
	want := map[string]string{"prompt": "none", "scope": "openid profile", "login_hint": "admin@contoso.example", "sid": "session-1", "claims": ""}
	for name, v := range want {
		if sent.Get(name) != v {
			t.Errorf("%s is %q, want %q", name, sent.Get(name), v)
		}
	}
}

func TestProbeLeavesOutWhatIsNotKnown(t *testing.T) {
	a := newAuthority(t)
	if _, err := a.client().Probe(t.Context(), a.browser(), "", ""); err != nil {
		t.Fatal(err)
	}
	if sent := a.authorized[0]; sent.Has("login_hint") || sent.Has("sid") {
		t.Errorf("authorize request is %v", sent)
	}
}

func TestProbeSortsRefusals(t *testing.T) {
	for _, row := range []struct {
		name    string
		refusal url.Values
		number  int
		dead    bool
	}{
		{"nobody is signed in", refusal("login_required", "AADSTS50058: A silent sign-in request was sent but no user is signed in.\r\nTrace ID: t"), 50058, true},
		{"no session of that id", refusal("interaction_required", "AADSTS160021: Application requested a user session which does not exist."), 160021, true},
		{"session revoked", refusal("interaction_required", "AADSTS50133: The session is not valid"), 50133, true},
		{"another policy wants a second factor", refusal("interaction_required", "AADSTS50076: use multi-factor authentication"), 50076, false},
		{"another policy wants a younger session", refusal("interaction_required", "AADSTS70044: The session has expired"), 70044, false},
		{"a policy blocks", refusal("access_denied", "AADSTS53003: blocked by Conditional Access"), 53003, false},
		{"consent is missing", refusal("consent_required", "AADSTS65001: no consent"), 65001, false},
		{"no number and login required", refusal("login_required", ""), 0, true},
		{"no number and something else", refusal("interaction_required", "sign in"), 0, false},
		{"number in the help link alone", url.Values{"error": {"interaction_required"}, "error_uri": {"https://login.microsoftonline.com/error?code=50079"}}, 50079, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			a := newAuthority(t)
			a.refusal = row.refusal
			_, err := a.client().Probe(t.Context(), a.browser(), "", "")
			var refused *signin.Error
			if !errors.As(err, &refused) {
				t.Fatalf("error is %v, want a signin.Error", err)
			}
			if refused.AADSTS != row.number || refused.SessionDead() != row.dead || refused.Status != 0 {
				t.Errorf("got %+v, dead %v; want AADSTS%d, dead %v", refused, refused.SessionDead(), row.number, row.dead)
			}
			if len(a.forms) != 0 {
				t.Error("the token endpoint was asked after a refusal")
			}
			mustNotShowSecrets(t, a, err)
		})
	}
}

func refusal(code, description string) url.Values {
	return url.Values{"error": {code}, "error_description": {description}, "claims": {`{"access_token":{"acrs":{"value":"c1"}}}`}}
}

func TestErrorSaysTheFirstLine(t *testing.T) {
	err := &signin.Error{Code: "invalid_grant", Suberror: "basic_action", Status: 400}
	want := "the sign-in host refused: invalid_grant (basic_action), HTTP 400: AADSTS50076: use MFA"
	for _, ids := range []string{"\r\nTrace ID: t", " Trace ID: t Correlation ID: c"} {
		err.Description = "AADSTS50076: use MFA" + ids
		if err.Error() != want {
			t.Errorf("error is %q, want %q", err, want)
		}
	}
}

func TestRefreshAsksForTheClaimsAgain(t *testing.T) {
	a := newAuthority(t)
	got, err := a.client().Refresh(t.Context(), secret.New("refresh-1"), signin.Request{Claims: tokens.ClaimsRequest{CP1: true}})
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {"refresh-1"}, "client_id": {client},
		"scope":  {"openid profile offline_access https://graph.microsoft.com/.default"},
		"claims": {`{"access_token":{"xms_cc":{"values":["cp1"]}}}`},
	}
	if diff := cmp.Diff(want, a.forms[0]); diff != "" {
		t.Errorf("token request (-want +got):\n%s", diff)
	}
	if got.ID.ObjectID != admin || got.Access.Empty() || got.AuthorizeURL != nil || !got.Sent.Equal(now) {
		t.Errorf("result is %+v", got)
	}
}

func TestRefreshReportsARefusal(t *testing.T) {
	a := newAuthority(t)
	a.tokens = func(w http.ResponseWriter, _ *http.Request) { refuse(w, "invalid_grant", 70043, "sign-in frequency") }
	_, err := a.client().Refresh(t.Context(), secret.New("refresh-1"), signin.Request{})
	var refused *signin.Error
	if !errors.As(err, &refused) {
		t.Fatalf("error is %v, want a signin.Error", err)
	}
	want := &signin.Error{
		Code: "invalid_grant", AADSTS: 70043, Suberror: "basic_action", Claims: `{"access_token":{}}`, Status: http.StatusBadRequest,
		Description: "AADSTS70043: sign-in frequency\r\nTrace ID: t\r\nCorrelation ID: c",
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

func TestRefreshNeedsARefreshToken(t *testing.T) {
	a := newAuthority(t)
	if _, err := a.client().Refresh(t.Context(), secret.Text{}, signin.Request{}); err == nil || len(a.forms) > 0 {
		t.Errorf("error is %v after %d requests, want one before any", err, len(a.forms))
	}
}

func TestRefusalThatIsNoOAuthErrorKeepsItsStatus(t *testing.T) {
	a := newAuthority(t)
	a.tokens = func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>busy</html>", http.StatusServiceUnavailable)
	}
	_, err := a.client().Refresh(t.Context(), secret.New("refresh-1"), signin.Request{})
	var refused *signin.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || refused.SessionDead() {
		t.Errorf("error is %v, want HTTP 503 that says nothing of the session", err)
	}
}

func TestOffsetIsTheMiddleOfThree(t *testing.T) {
	a := newAuthority(t)
	asked := 0
	a.metadata = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cache-Control") != "no-cache, no-store" {
			t.Errorf("Cache-Control is %q", r.Header.Get("Cache-Control"))
		}
		off := []time.Duration{90 * time.Second, time.Hour, 80 * time.Second}[asked]
		asked++
		w.Header().Set("Date", now.Add(off).Format(http.TimeFormat))
	}
	c := a.client()
	c.MachineNow = func() time.Time { return now }
	got, err := c.Offset(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := 90*time.Second + 500*time.Millisecond; got != want || asked != 3 {
		t.Errorf("offset is %s after %d answers, want %s after 3", got, asked, want)
	}
}

func TestOffsetTakesTheMiddleOfTheRequest(t *testing.T) {
	a := newAuthority(t)
	a.metadata = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Date", now.Format(http.TimeFormat)) }
	c := a.client()
	clock := now.Add(-time.Second)
	c.MachineNow = func() time.Time { clock = clock.Add(time.Second); return clock }
	// The three requests run from 0 s to 1 s, 2 s to 3 s and 4 s to 5 s; the host stands at 0.5 s.
	if got, err := c.Offset(t.Context()); err != nil || got != -2*time.Second {
		t.Errorf("offset is %s, %v; want -2s", got, err)
	}
}

func TestOffsetRefusesAnAnswerThatTellsNoTime(t *testing.T) {
	for name, header := range map[string]http.Header{
		"from a cache": {"Date": {now.Format(http.TimeFormat)}, "Age": {"30"}},
		"no date":      {"Date": {""}},
		"broken date":  {"Date": {"yesterday"}},
	} {
		a := newAuthority(t)
		a.metadata = func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range header {
				w.Header()[k] = v
			}
		}
		if got, err := a.client().Offset(t.Context()); err == nil {
			t.Errorf("%s: offset is %s, want an error", name, got)
		}
	}
}

func TestResultShowsNoSecretWhenPrinted(t *testing.T) {
	a := newAuthority(t)
	got, err := a.client().SignIn(t.Context(), a.browser(), signin.Request{})
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%+v %#v", got, got)
	for _, s := range []string{got.Access.Reveal(), got.Refresh.Reveal(), a.authorized[0].Get("state"), a.authorized[0].Get("nonce")} {
		if strings.Contains(printed, s) {
			t.Errorf("a printed result shows %q", s)
		}
	}
}
