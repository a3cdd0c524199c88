package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// passwordForm stands at the password page and returns where its form goes, and its fields
// with the right password in them.
func (w *world) passwordForm() (action string, fields url.Values) {
	w.t.Helper()
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	action, fields, ok := b.Page.Form("f1")
	if !ok {
		w.t.Fatalf("page %q has no form", b.Page.ID())
	}
	fields.Set("passwd", w.facts.Password)
	return action, fields
}

// What a page sends back of its state is checked: each row differs from a right post in one
// field.
func TestTheStateOfAPageIsChecked(t *testing.T) {
	const accepted = ""
	tamper := func(text string) string { return text[:len(text)-1] + string(text[len(text)-1]^1) }
	for name, row := range map[string]struct {
		change func(w *world, fields, other url.Values)
		want   string
	}{
		"as the page has it":    {func(*world, url.Values, url.Values) {}, accepted},
		"flow token missing":    {func(_ *world, f, _ url.Values) { f.Del("flowToken") }, "AADSTS50089"},
		"everything missing":    {func(_ *world, f, _ url.Values) { clear(f) }, "AADSTS50089"},
		"flow token tampered":   {func(_ *world, f, _ url.Values) { f.Set("flowToken", tamper(f.Get("flowToken"))) }, "AADSTS50089"},
		"flow token of another": {func(_ *world, f, o url.Values) { f.Set("flowToken", o.Get("flowToken")) }, "AADSTS165000"},
		"flow token expired":    {func(w *world, _, _ url.Values) { w.advance(61 * time.Minute) }, "AADSTS50089"},
		"canary missing":        {func(_ *world, f, _ url.Values) { f.Del("canary") }, "AADSTS165000"},
		"canary tampered":       {func(_ *world, f, _ url.Values) { f.Set("canary", tamper(f.Get("canary"))) }, "AADSTS165000"},
		"canary of another":     {func(_ *world, f, o url.Values) { f.Set("canary", o.Get("canary")) }, "AADSTS165000"},
		"context missing":       {func(_ *world, f, _ url.Values) { f.Del("ctx") }, "AADSTS165000"},
		"context of another":    {func(_ *world, f, o url.Values) { f.Set("ctx", o.Get("ctx")) }, "AADSTS165000"},
		"all of another is right": {func(_ *world, f, o url.Values) {
			f.Set("ctx", o.Get("ctx"))
			f.Set("canary", o.Get("canary"))
			f.Set("flowToken", o.Get("flowToken"))
		}, accepted},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			action, fields := w.passwordForm()
			_, other := w.passwordForm()
			row.change(w, fields, other)
			b := w.browser()
			if err := b.Post(action, fields); err != nil {
				t.Fatal(err)
			}
			if row.want == accepted {
				if b.Page.ID() != "KmsiInterrupt" {
					t.Errorf("page %q after the right password: %s", b.Page.ID(), b.Page.Text("strServiceExceptionMessage"))
				}
				return
			}
			if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, row.want) {
				t.Errorf("page %q says %q, want %s", b.Page.ID(), got, row.want)
			}
		})
	}
}

// A form fits the address that its page names, and no other.
func TestAFormGoesWhereItsPageSays(t *testing.T) {
	for name, path := range map[string]string{
		"stay signed in": "/kmsi", "consent": "/common/Consent/Set", "second factor": "/common/SAS/ProcessAuth",
		"device code": "/appverify", "new password": "/common/SSPR/End",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			_, fields := w.passwordForm()
			b := w.browser()
			if err := b.Post("https://login.microsoftonline.com"+path, fields); err != nil {
				t.Fatal(err)
			}
			if got := b.Page.Text("strServiceExceptionMessage"); !strings.HasPrefix(got, "AADSTS90023") {
				t.Errorf("page %q says %q, want AADSTS90023", b.Page.ID(), got)
			}
		})
	}
}

func TestEveryPageHasACanaryOfItsOwn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, nil)
	first := b.Page.Text("canary")
	if err := b.Submit("f1", map[string]string{"loginfmt": w.facts.AdminUPN}); err != nil {
		t.Fatal(err)
	}
	if second := b.Page.Text("canary"); second == first || second == b.Page.Text("apiCanary") {
		t.Errorf("canaries %q, %q and %q are not of one page and one use each", first, second, b.Page.Text("apiCanary"))
	}
	// The browser's way back: the page before this one still fits.
	_, fields, _ := b.Page.Form("f1")
	fields.Set("canary", first)
	fields.Set("passwd", w.facts.Password)
	if err := b.Post(b.Page.Text("urlPost"), fields); err != nil {
		t.Fatal(err)
	}
	if b.Page.ID() != "KmsiInterrupt" {
		t.Errorf("page %q", b.Page.ID())
	}
}

// Observed: clients without a browser send name and password in one form.
func TestNameAndPasswordInOneForm(t *testing.T) {
	for name, tenant := range map[string]string{"the tenant's own address": "", "common": "common"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tenant != "" {
				w.client.Tenant = tenant
			}
			b := w.browser()
			w.open(b, nil)
			if err := b.Submit("f1", map[string]string{"login": w.facts.AdminUPN, "loginfmt": w.facts.AdminUPN, "passwd": w.facts.Password}); err != nil {
				t.Fatal(err)
			}
			if b.Page.ID() != "KmsiInterrupt" {
				t.Errorf("page %q: %s", b.Page.ID(), b.Page.Text("sErrTxt"))
			}
		})
	}
}

// The fields of $Config by which public clients steer.
func TestConfigHasTheFieldsOfTheRealPages(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	for _, field := range []string{
		"pgid", "hpgid", "hpgact", "scid", "sErrorCode", "arrValErrs", "sErrTxt", "strServiceExceptionMessage", "strMainMessage",
		"iErrorCode", "sFT", "sFTName", "sCtx", "canary", "apiCanary", "correlationId", "sessionId", "urlPost", "urlPostAad",
		"urlPostMsa", "urlLogin", "urlCancel", "urlRefresh", "urlResume", "urlGetCredentialType", "urlGetOneTimeCode",
		"urlSessionState", "urlBeginAuth", "urlEndAuth", "iSAOtcLength", "iTotpOtcLength", "iRememberMfaDuration",
		"sTrustedDeviceCheckboxName", "sAuthMethodInputFieldName", "fAccessPassSupported", "fIsFidoSupported",
		"fIsPasskeySupportEnabled", "iAllowedIdentities", "oGetCredTypeResult", "oPostParams",
	} {
		if _, ok := b.Page.Config[field]; !ok {
			t.Errorf("$Config has no %s", field)
		}
	}
	if !strings.Contains(b.Page.HTML, `<meta name="PageID" content="ConvergedSignIn">`) {
		t.Error("the page does not name itself in its head")
	}
}

// The addresses for "show this page again" find the sign-in.
func TestThePageIsShownAgain(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	w.open(b, map[string]string{"login_hint": w.facts.AdminUPN})
	flow := b.Page.Text("sFT")
	for _, name := range []string{"urlRefresh", "urlResume", "urlCancel", "urlLogin"} {
		address, err := b.Page.URL.Parse(b.Page.Text(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Get(address.String()); err != nil {
			t.Fatal(err)
		}
		if !b.Page.Has("i0118") || b.Page.Text("sFT") != flow {
			t.Errorf("%s leads to page %q: %s", name, b.Page.ID(), b.Page.Text("strServiceExceptionMessage"))
		}
	}
}

func TestFormsAreNotFetched(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/common/login", "/" + w.facts.TenantID + "/oauth2/v2.0/token"} {
		b := w.browser()
		if err := b.Get("https://login.microsoftonline.com" + path); err != nil {
			t.Fatal(err)
		}
		if got := b.Page.Text("strServiceExceptionMessage"); b.Page.Status != http.StatusOK || !strings.HasPrefix(got, "AADSTS900561") {
			t.Errorf("GET %s answers %d %q", path, b.Page.Status, got)
		}
	}
}
