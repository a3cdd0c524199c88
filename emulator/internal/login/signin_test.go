package login_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

const everyFactor = "username password code stay"

func TestPagesOfASignIn(t *testing.T) {
	for name, row := range map[string]struct {
		rules []rule
		extra map[string]string
		want  string
	}{
		"no policy asks for the password only":            {nil, nil, "username password stay"},
		"a policy asks for a second factor":               {[]rule{{mfa: true}}, nil, everyFactor},
		"a policy that is off asks for nothing":           {[]rule{{mfa: true, state: "disabled"}}, nil, "username password stay"},
		"a report-only policy asks for nothing":           {[]rule{{mfa: true, state: "enabledForReportingButNotEnforced"}}, nil, "username password stay"},
		"a policy on a context that is not asked":         {[]rule{{mfa: true, context: "c1"}}, nil, "username password stay"},
		"a policy on the context that is asked":           {[]rule{{mfa: true, context: "c1"}}, stepUp("c1"), everyFactor},
		"a login hint spares the user name":               {nil, map[string]string{"login_hint": "admin"}, "password stay"},
		"claims without acrs are no step-up":              {[]rule{{mfa: true, context: "c1"}}, map[string]string{"claims": `{"access_token":{"xms_cc":{"values":["cp1"]}}}`}, "username password stay"},
		"claims with amr mfa ask for a second factor":     {nil, map[string]string{"claims": `{"access_token":{"amr":{"essential":true,"values":["mfa"]}}}`}, everyFactor},
		"prompt=login without a session asks as usual":    {nil, map[string]string{"prompt": "login"}, "username password stay"},
		"an unpublished context changes nothing":          {[]rule{}, stepUp("c9"), "username password stay"},
		"every time right after the sign-in is satisfied": {[]rule{{mfa: true, context: "c1", every: true}}, stepUp("c1"), everyFactor},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(row.rules...)
			extra := maps.Clone(row.extra)
			if extra["login_hint"] != "" {
				extra["login_hint"] = w.facts.AdminUPN
			}
			b := w.browser()
			if got := w.signIn(b, extra); got != row.want {
				t.Errorf("pages %q, want %q", got, row.want)
			}
			if got := b.Page.Parameters().Get("state"); got != "the state" {
				t.Errorf("state %q came back", got)
			}
			w.redeem(b)
		})
	}
}

// What a session asks for again, after a first full sign-in and some time.
func TestPagesOfAStepUp(t *testing.T) {
	for name, row := range map[string]struct {
		rule  rule
		wait  time.Duration
		extra map[string]string
		want  string
	}{
		"every time after eleven minutes asks for everything": {rule{context: "c1", mfa: true, every: true}, 11 * time.Minute, nil, "password code stay"},
		"every time after four minutes asks for nothing":      {rule{context: "c1", mfa: true, every: true}, 4 * time.Minute, nil, ""},
		"every time at exactly five minutes asks":             {rule{context: "c1", mfa: true, every: true}, 5 * time.Minute, nil, "password code stay"},
		"one hour, after eleven minutes, asks for nothing":    {rule{context: "c1", mfa: true, hours: 1}, 11 * time.Minute, nil, ""},
		"one hour, after two, asks for everything":            {rule{context: "c1", mfa: true, hours: 1}, 2 * time.Hour, nil, "password code stay"},
		"MFA without a frequency asks for nothing":            {rule{context: "c1", mfa: true}, 11 * time.Minute, nil, ""},
		"every time in report-only asks for nothing":          {rule{context: "c1", mfa: true, every: true, state: "enabledForReportingButNotEnforced"}, 11 * time.Minute, nil, ""},
		"prompt=login asks for the password":                  {rule{context: "c1", mfa: true}, 11 * time.Minute, map[string]string{"prompt": "login", "login_hint": "admin"}, "password stay"},
		"max_age that has passed asks for the password":       {rule{context: "c1", mfa: true}, 11 * time.Minute, map[string]string{"max_age": "600"}, "password stay"},
		"max_age that has not passed asks for nothing":        {rule{context: "c1", mfa: true}, 11 * time.Minute, map[string]string{"max_age": "6000"}, ""},
		"a day without use ends a session that does not stay": {rule{context: "c1", mfa: true}, 25 * time.Hour, nil, everyFactor},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{mfa: true}, row.rule)
			b := w.browser()
			w.signIn(b, nil)
			before := claimsOf(t, w.redeem(b).ID)
			w.advance(row.wait)
			extra := stepUp("c1")
			maps.Copy(extra, row.extra)
			if extra["login_hint"] != "" {
				extra["login_hint"] = w.facts.AdminUPN
			}
			if got := w.signIn(b, extra); got != row.want {
				t.Errorf("pages %q, want %q", got, row.want)
			}
			after := claimsOf(t, w.redeem(b).ID)
			prompted := row.want != ""
			if moved := after["auth_time"].(float64) > before["auth_time"].(float64); moved != prompted {
				t.Errorf("auth_time moved: %t, want %t", moved, prompted)
			}
			if sameSession := after["sid"] == before["sid"]; sameSession == (row.wait > 24*time.Hour) {
				t.Errorf("same sid: %t", sameSession)
			}
			if after["oid"] != before["oid"] || after["sub"] != before["sub"] {
				t.Error("the subject changed")
			}
		})
	}
}

func TestSilentRequests(t *testing.T) {
	for name, row := range map[string]struct {
		rule   rule
		signIn bool
		extra  map[string]string
		wait   time.Duration
		oauth  string // empty: a code
		number string
	}{
		"without a session":              {rule{}, false, nil, 0, "login_required", "AADSTS50058"},
		"with a session":                 {rule{}, true, nil, time.Minute, "", ""},
		"second factor missing":          {rule{context: "c1", mfa: true}, true, stepUp("c1"), time.Minute, "interaction_required", "AADSTS50076"},
		"re-authentication due":          {rule{context: "c1", every: true}, true, stepUp("c1"), 11 * time.Minute, "interaction_required", "AADSTS70044"},
		"blocked":                        {rule{context: "c1", block: true}, true, stepUp("c1"), time.Minute, "interaction_required", "AADSTS53003"},
		"device wanted":                  {rule{context: "c1", device: true}, true, stepUp("c1"), time.Minute, "interaction_required", "AADSTS53000"},
		"max_age passed":                 {rule{}, true, map[string]string{"max_age": "60"}, 2 * time.Minute, "login_required", "AADSTS50058"},
		"scope that nobody consented to": {rule{}, true, map[string]string{"scope": "openid Mail.Read"}, time.Minute, "consent_required", "AADSTS65001"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			if row.signIn {
				w.signIn(b, nil)
			}
			w.policies(row.rule)
			w.advance(row.wait)
			extra := map[string]string{"prompt": "none"}
			maps.Copy(extra, row.extra)
			w.open(b, extra)
			answer := b.Page.Parameters()
			if answer.Get("error") != row.oauth || !strings.HasPrefix(answer.Get("error_description"), row.number) {
				t.Errorf("answer %v, want error %q %s", answer, row.oauth, row.number)
			}
			if (answer.Get("code") != "") != (row.oauth == "") {
				t.Errorf("code %q", answer.Get("code"))
			}
		})
	}
}

func TestRejectedCredentialsStayOnThePage(t *testing.T) {
	for name, row := range map[string]struct {
		credentials func(c *walker.Credentials)
		element     string
		code        string
	}{
		"unknown user":   {func(c *walker.Credentials) { c.UPN = "nobody@" + strings.Split(c.UPN, "@")[1] }, "usernameError", "50034"},
		"wrong password": {func(c *walker.Credentials) { c.Password = "guess" }, "passwordError", "50126"},
		"wrong code":     {func(c *walker.Credentials) { c.TOTPSecret = "JBSWY3DPEHPK3PXP" }, "idSpan_SAOTCC_Error_OTC", "500121"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(rule{mfa: true})
			b := w.browser()
			w.open(b, nil)
			c := w.credentials()
			row.credentials(&c)
			if steps, err := b.SignIn(c); err == nil {
				t.Fatalf("signed in after %v", steps)
			}
			if b.Page.Inner(row.element) == "" || b.Page.Text("sErrorCode") != row.code {
				t.Errorf("#%s %q, sErrorCode %q, want %s", row.element, b.Page.Inner(row.element), b.Page.Text("sErrorCode"), row.code)
			}
		})
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.signIn(w.browser(), nil)
	b := w.browser()
	w.open(b, nil)
	if _, err := b.SignIn(w.credentials()); err == nil {
		t.Fatal("the same code was accepted twice")
	}
	if got := b.Page.Text("sErrorCode"); got != "500121" {
		t.Errorf("sErrorCode %q, want 500121", got)
	}
	w.advance(time.Minute)
	w.signIn(w.browser(), nil)
}

func TestStaySignedInOutlivesTheBrowser(t *testing.T) {
	for name, row := range map[string]struct {
		stay bool
		want string
	}{
		"yes": {true, ""},
		"no":  {false, "username password stay"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			w.open(b, nil)
			c := w.credentials()
			c.Stay = row.stay
			if _, err := b.SignIn(c); err != nil {
				t.Fatal(err)
			}
			b.ForgetSession("https://login.microsoftonline.com/")
			if got := w.signIn(b, nil); got != row.want {
				t.Errorf("pages after the browser was closed %q, want %q", got, row.want)
			}
		})
	}
}

func TestSessionCookiesAreNotForScripts(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, nil)
	c := w.credentials()
	c.Stay = true
	if _, err := b.SignIn(c); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, line := range b.Page.Header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatal(err)
		}
		names[cookie.Name] = true
		if !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteNoneMode {
			t.Errorf("cookie %s: %s", cookie.Name, line)
		}
		if outlives := cookie.MaxAge > 0; outlives != (cookie.Name == "ESTSAUTHPERSISTENT") {
			t.Errorf("cookie %s outlives the browser: %t", cookie.Name, outlives)
		}
	}
	for _, name := range []string{"ESTSAUTH", "ESTSAUTHPERSISTENT", "ESTSAUTHLIGHT"} {
		if !names[name] {
			t.Errorf("cookie %s is missing", name)
		}
	}
}

func TestBlockedPageSaysWhy(t *testing.T) {
	for name, row := range map[string]struct {
		rule rule
		want string
	}{
		"policy": {rule{block: true}, "AADSTS53003"},
		"device": {rule{device: true}, "AADSTS53000"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policies(row.rule)
			b := w.browser()
			w.open(b, nil)
			if steps, err := b.SignIn(w.credentials()); err == nil {
				t.Fatalf("signed in after %v", steps)
			}
			if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, row.want) {
				t.Errorf("strServiceExceptionMessage %q, want %s", got, row.want)
			}
		})
	}
}

func TestErrorsThatMustNotReachTheClient(t *testing.T) {
	for name, row := range map[string]struct {
		tenant string
		extra  map[string]string
		want   string
	}{
		"unknown application":  {"", map[string]string{"client_id": "11111111-1111-1111-1111-111111111111"}, "AADSTS700016"},
		"foreign redirect":     {"", map[string]string{"redirect_uri": "https://evil.example/"}, "AADSTS50011"},
		"loopback with a path": {"", map[string]string{"redirect_uri": "http://localhost:4711/other"}, "AADSTS50011"},
		"loopback on https":    {"", map[string]string{"redirect_uri": "https://localhost:4711"}, "AADSTS50011"},
		"unknown tenant":       {"22222222-2222-2222-2222-222222222222", nil, "AADSTS90002"},
		"no client at all":     {"", map[string]string{"client_id": ""}, "AADSTS700016"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if row.tenant != "" {
				w.client.Tenant = row.tenant
			}
			b := w.browser()
			w.open(b, row.extra)
			if b.Page.Left != nil {
				t.Fatalf("the browser was sent to %s", b.Page.Left.Host)
			}
			got := b.Page.Text("strServiceExceptionMessage")
			if !strings.HasPrefix(got, row.want) || !traceLines.MatchString(got) {
				t.Errorf("strServiceExceptionMessage %q, want %s with trace, correlation and time", got, row.want)
			}
		})
	}
}

// traceLines is the end of every error text (documented).
var traceLines = regexp.MustCompile(`Trace ID: [0-9a-f-]{36}\r\nCorrelation ID: [0-9a-f-]{36}\r\nTimestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`)

// The pictures of two sign-ins differ, because every page tells its tenant's time.
func TestPagesTellTheTime(t *testing.T) {
	w := newWorld(t)
	for _, wait := range []time.Duration{0, 61 * time.Second} {
		w.advance(wait)
		b := w.browser()
		w.open(b, nil)
		if want := "<time>" + w.now().Format("15:04:05") + " UTC</time></footer>"; !strings.Contains(b.Page.HTML, want) {
			t.Errorf("page %q has no %s", b.Page.ID(), want)
		}
	}
}

// A refusal that belongs to no tenant can be told to support as well as any other.
func TestAnUnknownTenantHasATrace(t *testing.T) {
	w := newWorld(t)
	w.client.Tenant = "22222222-2222-2222-2222-222222222222"
	tokens, err := w.browser().Token(w.client, map[string]string{"grant_type": "refresh_token", "refresh_token": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(tokens.Codes, 90002) || !traceLines.MatchString(tokens.Description) {
		t.Errorf("answer %v %q, want AADSTS90002 with trace, correlation and time", tokens.Codes, tokens.Description)
	}
}

func TestMalformedRequestsAreReportedToTheClient(t *testing.T) {
	for name, extra := range map[string]map[string]string{
		"implicit grant":            {"response_type": "id_token"},
		"unknown prompt":            {"prompt": "always"},
		"max_age that is no number": {"max_age": "soon"},
		"claims that are no JSON":   {"claims": "{"},
		"short code challenge":      {"code_challenge": "short"},
		"plain code challenge":      {"code_challenge_method": "plain"},
		"unknown resource":          {"scope": "https://other.example/.default"},
		"two resources":             {"scope": "User.Read 01fc33a7-78ba-4d2f-a4b7-768e336e890e/.default"},
		"no scope":                  {"scope": ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.browser()
			w.open(b, extra)
			if got := b.Page.Parameters(); got.Get("error") == "" || got.Get("state") != "the state" || !strings.HasPrefix(got.Get("error_description"), "AADSTS") {
				t.Errorf("answer %v", got)
			}
		})
	}
}

func TestResponseModes(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	w.open(b, map[string]string{"response_mode": "fragment"})
	if b.Page.Left == nil || b.Page.Left.RawQuery != "" || b.Page.Parameters().Get("code") == "" {
		t.Errorf("fragment: left for %v", b.Page.Left)
	}
	w.open(b, map[string]string{"response_mode": "form_post"})
	action, fields, ok := b.Page.Form("hiddenform")
	if !ok || action != w.client.Redirect || fields.Get("code") == "" || fields.Get("state") != "the state" {
		t.Errorf("form_post: form %v to %q with %v", ok, action, fields)
	}
	if !strings.Contains(b.Page.HTML, "<title>Working...</title>") {
		t.Error("form_post: the title is not that of the real page")
	}
}

func TestAccountPickerOffersTheSessionAndAnother(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	w.open(b, map[string]string{"prompt": "select_account"})
	if !b.Page.Has("tilesHolder") || !b.Page.Has("otherTile") {
		t.Fatalf("no account picker: page %q", b.Page.ID())
	}
	sessions, _ := b.Page.Config["arrSessions"].([]any)
	if len(sessions) != 1 {
		t.Fatalf("arrSessions %v, want one", sessions)
	}
	id := sessions[0].(map[string]any)["id"].(string)
	if err := b.Submit("f1", map[string]string{"pick": id}); err != nil {
		t.Fatal(err)
	}
	w.redeem(b)
	w.open(b, map[string]string{"prompt": "select_account"})
	if err := b.Submit("f1", map[string]string{"pick": "other"}); err != nil {
		t.Fatal(err)
	}
	if !b.Page.Has("i0116") {
		t.Errorf("another account: page %q without a user name field", b.Page.ID())
	}
}

func TestTemporaryAccessPass(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.admin(func(t *store.Tenant, u *store.User) {
		u.AccessPasses = []*store.AccessPass{{ID: "1", Pass: "Tap+123", StartsAt: t.Now(), Lifetime: time.Hour, Once: true}}
	})
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	if err := b.Submit("f1", map[string]string{"accesspass": "wrong"}); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Text("sErrorCode"); got != "InvalidAccessPass" {
		t.Errorf("sErrorCode after a wrong pass %q, want InvalidAccessPass", got)
	}
	if err := b.Submit("f1", map[string]string{"accesspass": "Tap+123"}); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "KmsiInterrupt" {
		t.Fatalf("page %q: a pass is both factors", b.Page.ID())
	}
	// A pass for one sign-in is spent; the password is asked for again.
	again := w.browser()
	w.open(again, map[string]string{"login_hint": w.facts.AdminUPN})
	if !again.Page.Has("i0118") {
		t.Errorf("page %q after the pass was used, want the password", again.Page.ID())
	}
}

func TestRegistrationIsWantedWithoutASecondFactor(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.admin(func(_ *store.Tenant, u *store.User) { u.TOTPSecret = "" })
	b := w.browser()
	w.open(b, nil)
	if steps, err := b.SignIn(w.credentials()); err == nil {
		t.Fatalf("signed in after %v", steps)
	}
	if b.Page.ID() != "ConvergedProofUpRedirect" {
		t.Errorf("page %q, want ConvergedProofUpRedirect", b.Page.ID())
	}
}

func TestFlowTokenIsGoodForOneSignIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	old := *b.Page
	if _, err := b.SignIn(w.credentials()); err != nil {
		t.Fatal(err)
	}
	b.Page = &old
	if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS50089") {
		t.Errorf("a used flow token: %q, want AADSTS50089", got)
	}
}

func TestCommonFindsTheTenantByTheUserName(t *testing.T) {
	w := newWorld(t)
	var other string
	if _, err := w.store.Create(func(t *store.Tenant) error {
		other = t.ID
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.client.Tenant, w.client.ClientID = "common", store.ClientPortal
	w.client.Redirect, w.client.Scope = "https://entra.microsoft.com/signin/index/", "openid profile https://graph.microsoft.com/.default"
	b := w.browser()
	if got := w.signIn(b, nil); got != "username password stay" {
		t.Errorf("pages %q", got)
	}
	w.client.Tenant = w.facts.TenantID
	if tid := claimsOf(t, w.redeem(b).ID)["tid"]; tid != w.facts.TenantID || tid == other {
		t.Errorf("tid %v, want %s", tid, w.facts.TenantID)
	}
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.signIn(b, nil)
	if err := b.Get("https://login.microsoftonline.com/" + w.facts.TenantID + "/oauth2/v2.0/logout"); err != nil {
		t.Fatal(err)
	}
	if len(b.Cookies("https://login.microsoftonline.com/")) != 0 {
		t.Error("session cookies are left")
	}
	if got := w.signIn(b, nil); got != "username password stay" {
		t.Errorf("pages after signing out %q", got)
	}
}

func TestPagesSpeakTheTenantsLanguage(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) { t.Language = "de" })
	b := w.browser()
	w.open(b, nil)
	if !strings.Contains(b.Page.HTML, `lang="de"`) || !strings.Contains(b.Page.HTML, "Anmelden") || !b.Page.Has("i0116") {
		t.Error("the page is not in German, or lost its ids")
	}
}
