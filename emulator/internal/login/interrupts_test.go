package login_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// afterPassword opens a sign-in and gives the password.
func (w *world) afterPassword(extra map[string]string) *walker.Walker {
	w.t.Helper()
	b := w.browser()
	parameters := map[string]string{"login_hint": w.facts.AdminUPN}
	for name, value := range extra {
		parameters[name] = value
	}
	w.open(b, parameters)
	if err := b.Submit("f1", map[string]string{"passwd": w.facts.Password}); err != nil {
		w.t.Fatal(err)
	}
	return b
}

func TestConsent(t *testing.T) {
	const asked = "openid Mail.Read"
	w := newWorld(t)
	b := w.afterPassword(map[string]string{"scope": asked})
	if b.Page.ID() != "ConvergedConsent" || !strings.Contains(b.Page.HTML, "<li>Mail.Read</li>") {
		t.Fatalf("page %q does not ask for consent", b.Page.ID())
	}
	declined := *b.Page
	if err := b.Submit("f1", map[string]string{"acceptConsent": "true"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SignIn(w.credentials()); err != nil {
		t.Fatal(err)
	}
	if scopes := strings.Fields(w.redeem(b).Scope); !contains(scopes, "Mail.Read") {
		t.Errorf("scopes %v lack what was consented to", scopes)
	}
	// It is remembered, for this user only.
	if again := w.afterPassword(map[string]string{"scope": asked}); again.Page.ID() != "KmsiInterrupt" {
		t.Errorf("asked again: page %q", again.Page.ID())
	}
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		if others := app.ScopesFor(store.ResourceGraph, "somebody else"); contains(others, "Mail.Read") {
			w.t.Error("the consent is everybody's")
		}
	})
	b.Page = &declined
	if err := b.Submit("f1", map[string]string{"acceptConsent": "true"}); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS50089") {
		t.Errorf("a consent page of a finished sign-in: %q", got)
	}
}

func contains(list []string, value string) bool {
	for _, v := range list {
		if v == value {
			return true
		}
	}
	return false
}

func TestConsentIsDeclined(t *testing.T) {
	w := newWorld(t)
	b := w.afterPassword(map[string]string{"scope": "openid Mail.Read"})
	if err := b.Submit("f1", map[string]string{"acceptConsent": "false"}); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Parameters(); got.Get("error") != "access_denied" || !strings.HasPrefix(got.Get("error_description"), "AADSTS65004") {
		t.Errorf("answer %v", got)
	}
}

// A scope that only an administrator can grant ends at a page that nobody can agree to.
func TestConsentOfAnAdministrator(t *testing.T) {
	w := newWorld(t)
	b := w.afterPassword(map[string]string{"scope": "openid Application.ReadWrite.All"})
	if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS90094") {
		t.Fatalf("page %q says %q", b.Page.ID(), got)
	}
	if err := b.Submit("f1", map[string]string{"acceptConsent": "true"}); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Parameters(); got.Get("code") != "" || got.Get("error") != "access_denied" {
		t.Errorf("answer %v", got)
	}
}

func TestRegistrationCanBePutOff(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) { t.Settings.MFARegistrationDays = 14 })
	w.admin(func(_ *store.Tenant, u *store.User) { u.TOTPSecret = "" })
	for _, row := range []struct {
		wait time.Duration
		days float64
	}{{0, 14}, {36 * time.Hour, 13}, {11*24*time.Hour + 11*time.Hour, 2}} {
		w.advance(row.wait)
		b := w.afterPassword(nil)
		days, _ := b.Page.Config["iRemainingDaysToSkipMfaRegistration"].(float64)
		if b.Page.ID() != "ConvergedProofUpRedirect" || days != row.days || !b.Page.Has("skipMfaRegistrationLink") {
			t.Fatalf("page %q with %v days, want %v", b.Page.ID(), days, row.days)
		}
		if err := b.Get(b.Page.Text("urlSkipMfaRegistration")); err != nil {
			t.Fatal(err)
		}
		if b.Page.ID() != "KmsiInterrupt" {
			t.Fatalf("page %q after it was put off: %s", b.Page.ID(), b.Page.Text("strServiceExceptionMessage"))
		}
	}
	w.advance(3 * 24 * time.Hour)
	b := w.afterPassword(nil)
	if b.Page.ID() != "ConvergedProofUpRedirect" || b.Page.Has("skipMfaRegistrationLink") || b.Page.Text("urlSkipMfaRegistration") != "" {
		t.Fatalf("page %q can be skipped after the days are over", b.Page.ID())
	}
	// The address of an earlier day is of no use.
	if err := b.Get(b.Page.Text("urlResume") + "&skipmfaregistration=1&flowtoken=" + b.Page.Text("sFT")); err != nil {
		t.Fatal(err)
	}
	if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS50079") {
		t.Errorf("skipped all the same: page %q %q", b.Page.ID(), got)
	}
}

// A policy that wants a second factor leaves no way round the registration.
func TestRegistrationForAPolicyCannotBePutOff(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	w.tenant(func(t *store.Tenant) { t.Settings.MFARegistrationDays = 14 })
	w.admin(func(_ *store.Tenant, u *store.User) { u.TOTPSecret = "" })
	b := w.afterPassword(nil)
	if b.Page.ID() != "ConvergedProofUpRedirect" || b.Page.Has("skipMfaRegistrationLink") {
		t.Errorf("page %q can be skipped", b.Page.ID())
	}
}

// sspr does what the script of the page for a new password does.
func (w *world) sspr(b *walker.Walker, address string, body map[string]string) (answer map[string]any) {
	w.t.Helper()
	body["FlowToken"], body["Ctx"] = b.Page.Text("sFT"), b.Page.Text("sCtx")
	w.call(address, body, &answer)
	return answer
}

func TestAPasswordThatMustBeChanged(t *testing.T) {
	const next = "A-new-passw0rd"
	w := newWorld(t)
	w.admin(func(_ *store.Tenant, u *store.User) { u.MustChange = true })
	b := w.afterPassword(nil)
	if b.Page.ID() != "ConvergedChangePassword" {
		t.Fatalf("page %q", b.Page.ID())
	}
	for name, body := range map[string]map[string]string{
		"wrong old one":    {"OldPassword": "guess", "NewPassword": next},
		"the old one":      {"OldPassword": w.facts.Password, "NewPassword": w.facts.Password},
		"too short":        {"OldPassword": w.facts.Password, "NewPassword": "Ab1!"},
		"of two kinds":     {"OldPassword": w.facts.Password, "NewPassword": "alllowercase1"},
		"nothing at all":   {},
		"without a change": {"OldPassword": w.facts.Password},
	} {
		if answer := w.sspr(b, b.Page.Text("urlAsyncSsprBegin"), body); answer["ErrorCode"] == nil || answer["IsJobPending"] == true {
			t.Errorf("%s: %v", name, answer)
		}
	}
	page := *b.Page
	if err := b.Submit("f1", nil); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "ConvergedChangePassword" {
		t.Fatalf("page %q without a new password", b.Page.ID())
	}
	b.Page = &page
	if answer := w.sspr(b, b.Page.Text("urlAsyncSsprBegin"), map[string]string{"OldPassword": w.facts.Password, "NewPassword": next}); answer["IsJobPending"] != true {
		t.Fatalf("begin: %v", answer)
	}
	if answer := w.sspr(b, b.Page.Text("urlAsyncSsprPoll"), map[string]string{}); answer["IsJobPending"] != false {
		t.Fatalf("poll: %v", answer)
	}
	if err := b.Submit("f1", map[string]string{"currentpasswd": w.facts.Password, "newpasswd": next, "confirmnewpasswd": next}); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "KmsiInterrupt" {
		t.Fatalf("page %q after the change: %s", b.Page.ID(), b.Page.Text("strServiceExceptionMessage"))
	}
	if _, err := b.SignIn(w.credentials()); err != nil {
		t.Fatal(err)
	}
	w.open(b, map[string]string{"prompt": "none"})
	if b.Page.Parameters().Get("code") == "" {
		t.Errorf("the session did not outlive the change: %v", b.Page.Parameters())
	}
	if got := w.guess(w.facts.Password); got != "50126" {
		t.Errorf("the old password: %s", got)
	}
}

func TestStaySignedInIsNotAskedAgain(t *testing.T) {
	for name, row := range map[string]struct {
		never string
		want  string
	}{
		"don't show this again": {"true", "password"},
		"just no":               {"", "password stay"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.afterPassword(nil)
			if err := b.Submit("f1", map[string]string{"LoginOptions": "3", "DontShowAgain": row.never}); err != nil {
				t.Fatal(err)
			}
			if got := w.signIn(b, map[string]string{"prompt": "login", "login_hint": w.facts.AdminUPN}); got != row.want {
				t.Errorf("pages %q, want %q", got, row.want)
			}
		})
	}
}

// twoAccounts is a browser that is signed in with the admin and with another user.
func (w *world) twoAccounts() (b *walker.Walker, other *store.User) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) { other = provision.NewUser(t, "Kim Other") })
	w.harness(func(t *store.Tenant, app *store.Application) {
		app.Assigned = append(app.Assigned, store.AppAssignment{ID: t.NewID(), PrincipalID: other.ID})
		t.Consent(app, other.ID, store.ResourceGraph, app.Consents[0].Scopes)
	})
	b = w.browser()
	w.signIn(b, nil)
	w.open(b, map[string]string{"login_hint": other.UPN})
	second := w.credentials()
	second.UPN, second.Password, second.TOTPSecret = other.UPN, other.Password, other.TOTPSecret
	if _, err := b.SignIn(second); err != nil {
		w.t.Fatal(err)
	}
	return b, other
}

// Two accounts in one browser: the picker offers both, and each goes on in its own session.
func TestPickerWithSeveralAccounts(t *testing.T) {
	w := newWorld(t)
	b, other := w.twoAccounts()
	w.open(b, nil)
	if !b.Page.Has("tilesHolder") || !strings.Contains(b.Page.HTML, w.facts.AdminUPN) || !strings.Contains(b.Page.HTML, other.UPN) {
		t.Fatalf("page %q does not offer both accounts", b.Page.ID())
	}
	picker := *b.Page
	sessions := picker.Config["arrSessions"].([]any)
	seen := map[string]bool{}
	for _, entry := range sessions {
		session := entry.(map[string]any)
		w.open(b, map[string]string{"prompt": "select_account"})
		if err := b.Submit("f1", map[string]string{"pick": session["id"].(string)}); err != nil {
			t.Fatal(err)
		}
		if user := claimsOf(t, w.redeem(b).ID)["preferred_username"]; user != session["name"] {
			t.Errorf("picked %v, signed in as %v", session["name"], user)
		}
		seen[session["name"].(string)] = true
	}
	if len(seen) != 2 {
		t.Errorf("accounts %v", seen)
	}
	// A hint, a sid, and prompt=none with neither.
	if got := w.signIn(b, map[string]string{"login_hint": other.UPN}); got != "" {
		t.Errorf("a hint asks for %q", got)
	}
	w.open(b, map[string]string{"prompt": "none"})
	if got := b.Page.Parameters().Get("error_description"); !strings.HasPrefix(got, "AADSTS16000") {
		t.Errorf("prompt=none with two accounts: %q", got)
	}
}

// domain_hint tells the tenant where nothing else does.
func TestDomainHint(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.Create(func(t *store.Tenant) error {
		provision.Fill(t)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.client.Tenant, w.client.ClientID = "common", store.ClientPortal
	w.client.Redirect, w.client.Scope = "https://entra.microsoft.com/signin/index/", "openid"
	for name, row := range map[string]struct {
		hint   string
		tenant bool
	}{"known domain": {w.facts.Domain, true}, "unknown domain": {"elsewhere.example", false}, "none": {"", false}} {
		b := w.browser()
		w.open(b, map[string]string{"domain_hint": row.hint})
		if !b.Page.Has("i0116") || (b.Page.Text("sFT") != "") != row.tenant {
			t.Errorf("%s: page %q, flow token %q", name, b.Page.ID(), b.Page.Text("sFT"))
		}
	}
}

// A client that has no browser, with the requests of saml2aws (observed): name and password
// in one form, the code over EndAuth, and neither canary nor method in what follows.
func TestASignInWithoutABrowser(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	b := w.browser()
	w.open(b, map[string]string{"response_mode": "form_post"})
	field := func(name string) string { return b.Page.Text(name) }
	post := func(fields url.Values) {
		t.Helper()
		if err := b.Post(field("urlPost"), fields); err != nil {
			t.Fatal(err)
		}
	}
	post(url.Values{
		"canary": {field("canary")}, "hpgrequestid": {field("sessionId")}, field("sFTName"): {field("sFT")}, "ctx": {field("sCtx")},
		"login": {w.facts.AdminUPN}, "loginfmt": {w.facts.AdminUPN}, "passwd": {w.facts.Password},
	})
	proofs, _ := b.Page.Config["arrUserProofs"].([]any)
	if b.Page.ID() != "ConvergedTFA" || len(proofs) != 1 {
		t.Fatalf("page %q with proofs %v", b.Page.ID(), proofs)
	}
	if answer := w.sas(b, "BeginAuth", ""); !answer.Success {
		t.Fatalf("BeginAuth answers %+v", answer)
	}
	if answer := w.sas(b, "EndAuth", "000000"); answer.Success || answer.ErrCode != 500121 {
		t.Fatalf("EndAuth with a wrong code answers %+v", answer)
	}
	process := url.Values{field("sFTName"): {field("sFT")}, "request": {field("sCtx")}, "login": {field("sPOST_Username")}}
	page := *b.Page
	post(process)
	if b.Page.ID() != "ConvergedTFA" {
		t.Fatalf("page %q after a wrong code", b.Page.ID())
	}
	b.Page = &page
	code, err := walker.Code(w.facts.TOTPSecret, w.now())
	if err != nil {
		t.Fatal(err)
	}
	if answer := w.sas(b, "EndAuth", code); !answer.Success {
		t.Fatalf("EndAuth answers %+v", answer)
	}
	if answer := w.sas(b, "EndAuth", code); answer.Success {
		t.Fatal("the code was taken twice")
	}
	post(process)
	if b.Page.ID() != "KmsiInterrupt" {
		t.Fatalf("page %q after the code: %s", b.Page.ID(), field("sErrTxt"))
	}
	post(url.Values{field("sFTName"): {field("sFT")}, "ctx": {field("sCtx")}, "LoginOptions": {"1"}})
	if !strings.HasPrefix(b.Page.HTML, "<html><head><title>Working...</title>") || !strings.Contains(b.Page.HTML, `name="hiddenform"`) {
		t.Fatalf("the last page is not the one that clients know: %.80s", b.Page.HTML)
	}
	action, fields, ok := b.Page.Form("hiddenform")
	if !ok || action != w.client.Redirect || fields.Get("code") == "" {
		t.Errorf("form to %q with %v", action, fields)
	}
}

// sas is what a client without a page sends to BeginAuth and EndAuth.
func (w *world) sas(b *walker.Walker, method, code string) (answer sasAnswer) {
	w.t.Helper()
	w.call(b.Page.Text("url"+method), map[string]string{
		"AuthMethodId": "PhoneAppOTP", "Method": method, "Ctx": b.Page.Text("sCtx"), "FlowToken": b.Page.Text("sFT"), "AdditionalAuthData": code,
	}, &answer)
	return answer
}

// sasAnswer is what such a client reads.
type sasAnswer struct {
	Success bool
	ErrCode int
}

func TestNoPageNoSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.policies(rule{mfa: true})
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	code, err := walker.Code(w.facts.TOTPSecret, w.now())
	if err != nil {
		t.Fatal(err)
	}
	b.Page.Config["urlEndAuth"] = "https://login.microsoftonline.com/common/SAS/EndAuth"
	if answer := w.sas(b, "EndAuth", code); answer.Success || answer.ErrCode != 90023 {
		t.Errorf("EndAuth while the password is asked for answers %+v", answer)
	}
}
