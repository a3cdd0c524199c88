package entra

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/secret"
)

func code(t *testing.T, when time.Time) string {
	t.Helper()
	text, err := codeAt(secret.New(seed), when)
	if err != nil {
		t.Fatal(err)
	}
	return text.Reveal()
}

func TestSignInThroughAllPages(t *testing.T) {
	h, r := newHost(t, userName, password, oneTimeCode, stay), newTrial(t)
	r.NoPictures = false
	r.Admin.StaySignedIn = true
	back, err := r.Authorize(testContext(t), h.authorize(t), callback)
	if err != nil {
		t.Fatal(err)
	}
	if back.Query().Get("code") != "granted" {
		t.Errorf("sent back to %s", back.Redacted())
	}
	wantNames(t, r, "user-name", "password sent", "one-time-code sent", "stay-signed-in")
	wantSent(t, h, "loginfmt", "Admin@contoso.example")
	wantSent(t, h, "passwd", "correct horse")
	wantSent(t, h, "otc", code(t, at))
	wantSent(t, h, "LoginOptions", "1")
	for _, v := range r.visits {
		if _, err := png.Decode(bytes.NewReader(v.Screenshot)); err != nil {
			t.Errorf("picture of %s: %v", v.Page, err)
		}
		if v.Host != strings.TrimPrefix(h.URL, "http://") || !v.At.Equal(at) || v.PGID == "" {
			t.Errorf("visit %+v", v)
		}
		// The tenant's clock stands still in this test and the machine's does not.
		if v.Sent && (v.SentAt.After(at) || at.Sub(v.SentAt) > time.Minute) {
			t.Errorf("%s was sent at %s, which is not the tenant's time", v.Page, v.SentAt)
		}
	}
}

func TestNotStayingSignedInSaysNo(t *testing.T) {
	h, r := newHost(t, stay), newTrial(t)
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantSent(t, h, "LoginOptions", "3")
}

// The real first page asks for the account in one view and for the password in the next, in
// one document (observed).
func TestViewsOfOneDocument(t *testing.T) {
	views := markup("ConvergedSignIn", nil, form(`<input id="i0116" name="loginfmt"><input id="i0118" name="passwd" type="password" style="width:0;height:0;border:0;padding:0">`+
		`<button type="button" id="idSIButton9">¤</button>`)+
		`<script>const button = document.getElementById("idSIButton9"), word = document.getElementById("i0118");
			button.onclick = () => {
				button.disabled = true;
				setTimeout(() => { i0116.style.display = "none"; word.style = ""; button.disabled = false; button.onclick = () => document.forms[0].submit() }, 10);
			}</script>`)
	h, r := newHost(t, views), newTrial(t)
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantNames(t, r, "user-name", "password sent")
	wantSent(t, h, "loginfmt", "Admin@contoso.example")
	wantSent(t, h, "passwd", "correct horse")
}

func TestPageIsActedOnOnlyWhenItStandsStill(t *testing.T) {
	t.Run("once the field is enabled", func(t *testing.T) {
		late := strings.Replace(password, `type="password"`, `type="password" disabled`, 1) +
			`<script>addEventListener("load", () => setTimeout(() => { i0118.disabled = false }, 20))</script>`
		h, r := newHost(t, late), newTrial(t)
		if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
			t.Fatal(err)
		}
		wantNames(t, r, "password sent")
	})
	t.Run("not when it submits itself", func(t *testing.T) {
		hasty := password + `<script>addEventListener("load", () => document.forms[0].submit())</script>`
		h, r := newHost(t, hasty), newTrial(t)
		if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
			t.Fatal(err)
		}
		wantNames(t, r, "password went by")
		wantSent(t, h, "passwd", "")
	})
	t.Run("not when it is gone before anybody looks", func(t *testing.T) {
		hasty := password + `<script>addEventListener("load", () => document.forms[0].submit())</script>`
		h, r := newHost(t, hasty), newTrial(t)
		ctx, tab := testContext(t), r.Tab
		redirect, err := tab.CatchRedirect(callback)
		if err != nil {
			t.Fatal(err)
		}
		reportEarly(tab)
		doc, err := r.open(ctx, h.authorize(t).String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tab.AwaitDocument(ctx, doc); err != nil {
			t.Fatal(err)
		}
		if err := r.driveFrom(ctx, doc, redirect.Matches); err != nil {
			t.Fatal(err)
		}
		wantNames(t, r, "password went by")
	})
	t.Run("not when it submits itself before it has loaded", func(t *testing.T) {
		hasty := password + `<script>document.addEventListener("DOMContentLoaded", () => setTimeout(() => document.forms[0].submit()))</script><img src="/held">`
		h, r := newHost(t, hasty), newTrial(t)
		h.Config.Handler.(*http.ServeMux).HandleFunc("/held", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
			t.Fatal(err)
		}
		wantNames(t, r, "password went by")
	})
	t.Run("nothing is recorded of a page that only passes on", func(t *testing.T) {
		working := `<!doctype html><title>Working...</title>` + form(`<input type="hidden" name="code" value="1">`) + `<script>document.forms[0].submit()</script>`
		h, r := newHost(t, working, password), newTrial(t)
		if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
			t.Fatal(err)
		}
		wantNames(t, r, "password sent")
	})
}

func TestRejectedCredentialIsNeverSentAgain(t *testing.T) {
	for name, row := range map[string]struct {
		pages  []string
		field  string
		want   CredentialRejected
		silent bool // the page does not say why
	}{
		"password": {[]string{password, passwordPage("¡no!")}, "passwd", CredentialRejected{Factor: "password", Text: "¡no!"}, false},
		"code":     {[]string{oneTimeCode, codePage("¡no!")}, "otc", CredentialRejected{Factor: "totp", Text: "¡no!"}, false},
		"password, without a word": {
			[]string{password, password},
			"passwd",
			CredentialRejected{Factor: "password", Text: "the page asks for it again without saying why"},
			true,
		},
		"account": {
			[]string{userName, strings.Replace(userName, `Error">`, `Error">¡no!`, 1)},
			"loginfmt",
			CredentialRejected{Factor: "user-name", Text: "¡no!"},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.pages...), newTrial(t)
			wantRejected := func(want CredentialRejected) {
				t.Helper()
				_, err := r.Authorize(testContext(t), h.authorize(t), callback)
				var rejected *CredentialRejected
				if !errors.As(err, &rejected) || rejected.Factor != want.Factor || rejected.Text != want.Text {
					t.Fatalf("error %v, want %v", err, &want)
				}
				if len(rejected.Screenshot) == 0 {
					t.Error("there is no picture of it")
				}
				if strings.Contains(err.Error(), "correct horse") {
					t.Error("the error holds the password")
				}
			}
			wantRejected(row.want)
			if got := len(h.sent(row.field)); got != 1 {
				t.Fatalf("it was sent %d times", got)
			}
			if row.silent {
				return
			}
			h.again()
			r.Tab = openTab(t)
			text := "it was rejected before and was not sent"
			if row.want.Factor == FactorTOTP {
				text = "a code of this seed was rejected before; none was sent"
			}
			wantRejected(CredentialRejected{Factor: row.want.Factor, Text: text})
			if got := len(h.sent(row.field)); got != 1 {
				t.Errorf("it was sent %d times", got)
			}
		})
	}
}

// A page of one document says in place that it did not take a code.
func TestRejectionInPlace(t *testing.T) {
	inPlace := codePage("") + `<script>document.forms[0].onsubmit = event => { event.preventDefault();
		setTimeout(() => { idSpan_SAOTCC_Error_OTC.textContent = "¡no!" }, 10) }</script>`
	h, r := newHost(t, inPlace), newTrial(t)
	_, err := r.Authorize(testContext(t), h.authorize(t), callback)
	var rejected *CredentialRejected
	if !errors.As(err, &rejected) || rejected.Text != "¡no!" {
		t.Errorf("error %v", err)
	}
	wantNames(t, r, "one-time-code")
}

func TestOneTimeCodeIsNeverSentTwice(t *testing.T) {
	h, r := newHost(t, oneTimeCode), newTrial(t)
	now := at
	r.Now = func() time.Time { return now }
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	h.again()
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err == nil || !strings.Contains(err.Error(), "10:00:30") {
		t.Errorf("without a clock to wait by: %v", err)
	}
	r.Wait = func(_ context.Context, until time.Time, _ string) error {
		now = until
		return nil
	}
	h.again()
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantSent(t, h, "otc", code(t, at), code(t, at.Add(20*time.Second)))
}

func TestAccountPicker(t *testing.T) {
	picker := func(accounts ...string) string {
		tiles := ""
		for _, account := range accounts {
			tiles += `<button name="pick" value="` + account + `" data-test-id="` + account + `">¤</button>`
		}
		return markup("ConvergedSignIn", nil, form(`<div id="tilesHolder">`+tiles+`<button id="otherTile" name="pick" value="other">¤</button></div>`))
	}
	for name, row := range map[string]struct{ page, want string }{
		"the admin's tile": {picker("someone@contoso.example", "admin@contoso.example"), "admin@contoso.example"},
		"another account":  {picker("someone@contoso.example"), "other"},
		"a tile known by its text": {markup("ConvergedSignIn", nil, form(`<div id="tilesHolder"><div role="listitem">
			<button name="pick" value="text">¤ admin@contoso.example ¤</button></div></div>`)), "text"},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.page), newTrial(t)
			if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
				t.Fatal(err)
			}
			wantSent(t, h, "pick", row.want)
			wantNames(t, r, "account-picker")
		})
	}
}

func TestAnotherWayThanTheNotification(t *testing.T) {
	h, r := newHost(t, push, methods, oneTimeCode), newTrial(t)
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantNames(t, r, "push", "method-picker", "one-time-code sent")
	wantSent(t, h, "method", "PhoneAppOTP")
}

// What Entra puts in between and lets an account put off is put off, and is no prompt.
func TestWhatCanBePutOffIsPutOff(t *testing.T) {
	link := func(id string) string {
		return `<a href="#" id="` + id + `" onclick="document.forms[0].way.value = this.id; document.forms[0].submit(); return false">¤</a>`
	}
	for name, row := range map[string]struct{ page, visited, way string }{
		"registering security info": {
			markup("ConvergedProofUpRedirect", config{"iRemainingDaysToSkipMfaRegistration": 14},
				form(`<input type="hidden" name="way"><button id="idSubmit_ProofUp_Redirect">¤</button>`+link("skipMfaRegistrationLink"))),
			PageProofUpLater, "skipMfaRegistrationLink",
		},
		"a nudge": {
			markup("ConvergedNovelty", nil, form(`<input type="hidden" name="way">`+next+link("btnAskLater"))),
			PageNudge, "btnAskLater",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, password, row.page), newTrial(t)
			if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
				t.Fatal(err)
			}
			wantNames(t, r, "password sent", row.visited)
			if got := h.sent("way"); got[len(got)-1] != row.way {
				t.Errorf("it was answered with %q, want %q", got, row.way)
			}
		})
	}
}

// Where a notification is all there is, whoever approves it has to know the number.
func TestNumberToMatchIsTold(t *testing.T) {
	page := markup("ConvergedTFA", nil, form(`<div id="idDiv_SAOTCAS_Title">¤</div><div id="idRichContext_DisplaySign"> 42 </div>
		<input type="hidden" name="mfaAuthMethod" value="PhoneAppNotification">`)+`<script>addEventListener("message", () => document.forms[0].submit())</script>`)
	h, r := newHost(t, page), newTrial(t)
	r.Admin.TOTP = secret.Text{}
	r.OnPush = func(number string) {
		if number != "42" {
			t.Errorf("told the number %q", number)
		}
		go func() { _ = r.Tab.Eval(testContext(t), `postMessage("approved", "*")`, nil) }()
	}
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantNames(t, r, "push sent")
}

func TestTemporaryAccessPass(t *testing.T) {
	page := markup("ConvergedSignIn", nil, form(`<input name="accesspass" type="password"><div id="accessPassError"></div>`+next))
	h, r := newHost(t, page), newTrial(t)
	r.Admin.TemporaryAccessPass = secret.New("tap-tap")
	if _, err := r.Authorize(testContext(t), h.authorize(t), callback); err != nil {
		t.Fatal(err)
	}
	wantNames(t, r, "temporary-access-pass sent")
	wantSent(t, h, "accesspass", "tap-tap")
}

// passkeyPage asks as it loads and posts what it gets, as the real page is observed to.
const passkeyPage = `<p>¤</p><form method="post" action="/next"><input type="hidden" name="assertion"></form><script>
	navigator.credentials.get({publicKey: {challenge: new Uint8Array(32), rpId: "localhost", userVerification: "required"}})
		.then(key => { document.forms[0].assertion.value = JSON.stringify({id: key.id}); document.forms[0].submit() })</script>`

func newPasskey(t *testing.T) *browser.Passkey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &browser.Passkey{
		RPID: "localhost", CredentialID: []byte("id"), UserHandle: []byte("user"),
		PrivateKeyPKCS8: secret.New(base64.StdEncoding.EncodeToString(der)),
	}
}

func TestPasskey(t *testing.T) {
	offering := strings.Replace(password, `</form>`, `<button id="idA_PWD_SwitchToFido" data-value="FidoKey">¤</button></form>`, 1)
	onLoad := markup("ConvergedFido", nil, passkeyPage)
	for name, row := range map[string]struct {
		admin func(*Admin)
		pages []string
		want  []string
	}{
		"where nothing else is asked for": {func(*Admin) {}, []string{password, onLoad}, []string{"password sent", "passkey sent"}},
		"preferred to the password": {
			func(a *Admin) { a.PreferPasskey = true }, []string{offering, onLoad}, []string{"password", "passkey sent"},
		},
		"without a password": {
			func(a *Admin) { a.Password = secret.Text{} }, []string{offering, onLoad}, []string{"password", "passkey sent"},
		},
		"not preferred": {func(*Admin) {}, []string{offering}, []string{"password sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.pages...), newTrial(t)
			r.Admin.Passkey = newPasskey(t)
			row.admin(&r.Admin)
			address := h.authorize(t)
			address.Host = "localhost:" + address.Port()
			if _, err := r.Authorize(testContext(t), address, callback); err != nil {
				t.Fatal(err)
			}
			wantNames(t, r, row.want...)
		})
	}
}

func TestPagesThatEndASignIn(t *testing.T) {
	for name, row := range map[string]struct {
		page   string
		want   string
		aadsts int
	}{
		"Conditional Access": {errorPage("ConvergedConditionalAccess", "AADSTS53003: Access has been blocked."), PageBlocked, 53003},
		"not assigned":       {errorPage("ConvergedError", "AADSTS50105: Not assigned."), PageBlocked, 50105},
		"another error":      {errorPage("ConvergedError", "AADSTS50011: The redirect URI does not match."), PageError, 50011},
		"registration":       {markup("ConvergedProofUpRedirect", nil, "¤"), PageProofUp, 0},
		"consent":            {markup("ConvergedConsent", nil, form(`<button id="idBtn_Accept">¤</button>`)), PageConsent, 0},
		"terms of use":       {markup("", nil, `<script>history.replaceState(null, "", "/TermsOfUse")</script><button id="accept">¤</button>`), PageTermsOfUse, 0},
		"too many requests":  {errorPage("ConvergedError", "AADSTS90055: There are too many incoming requests."), PageThrottled, 90055},
		"expired password":   {markup("ConvergedSignIn", config{"sErrorCode": "50055"}, form(`<input id="i0118" name="passwd" type="password">`+next)), PageChangePassword, 0},
		"new password":       {markup("ConvergedChangePassword", nil, form(`<input type="password" name="passwd"><input name="newpasswd">`)), PageChangePassword, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.page), newTrial(t)
			_, err := r.Authorize(testContext(t), h.authorize(t), callback)
			var blocked *Blocked
			if !errors.As(err, &blocked) || blocked.Page != row.want || blocked.AADSTS != row.aadsts || blocked.Text == "" || len(blocked.Screenshot) == 0 {
				t.Errorf("error %v", err)
			}
			if len(h.posts) > 0 {
				t.Errorf("it was answered: %v", h.posts)
			}
		})
	}
}

func TestPagesThatAreNotKnown(t *testing.T) {
	for name, row := range map[string]struct{ page, want string }{
		"never seen":       {markup("ConvergedNovelty", nil, "<p>¤</p>"), "no page that is known"},
		"never ready":      {strings.Replace(password, `type="password"`, `type="password" disabled`, 1), `"password" was not ready`},
		"never goes on":    {password + `<script>document.forms[0].onsubmit = () => false</script>`, `"password" did not go on`},
		"without a button": {strings.Replace(password, next, "", 1), "it has no button"},
		"without a button, and slow to be filled": {
			strings.Replace(password, next, "", 1) + `<script>
				document.forms[0].oninput = () => { for (const begun = Date.now(); Date.now() < begun + 1200;); }
			</script>`, "it has no button",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.page), newTrial(t)
			r.PageTimeout = time.Second
			_, err := r.Authorize(testContext(t), h.authorize(t), callback)
			var page *PageNotRecognised
			if !errors.As(err, &page) || !strings.Contains(page.What, row.want) || len(page.Screenshot) == 0 {
				t.Fatalf("error %v", err)
			}
			if page.URL != h.URL+"/authorize" || page.Title != "¤" {
				t.Errorf("page %q, title %q", page.URL, page.Title)
			}
		})
	}
	t.Run("it is captured", func(t *testing.T) {
		h, r := newHost(t, markup("ConvergedNovelty", config{"sFT": "token"}, `<button id="novelty">¤</button>`)), newTrial(t)
		r.PageTimeout = time.Second
		_, err := r.Authorize(testContext(t), h.authorize(t), callback)
		var page *PageNotRecognised
		if !errors.As(err, &page) || page.Captured == nil || page.Captured.pgid() != "ConvergedNovelty" || page.Captured.Elements[0].ID != "novelty" {
			t.Fatalf("error %v", err)
		}
		if !strings.Contains(err.Error(), PagesVersion) {
			t.Errorf("the error does not name the table: %v", err)
		}
	})
	t.Run("the host has too much to do", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "slow down", http.StatusTooManyRequests)
		}))
		t.Cleanup(server.Close)
		_, err := newTrial(t).Authorize(testContext(t), (&host{Server: server}).authorize(t), callback)
		var blocked *Blocked
		if !errors.As(err, &blocked) || blocked.Page != PageThrottled {
			t.Errorf("error %v", err)
		}
	})
	t.Run("an error of the server", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "upstream", http.StatusServiceUnavailable)
		}))
		t.Cleanup(server.Close)
		r := newTrial(t)
		_, err := r.Authorize(testContext(t), (&host{Server: server}).authorize(t), callback)
		var page *PageNotRecognised
		if !errors.As(err, &page) || !strings.Contains(page.What, "HTTP 503") {
			t.Errorf("error %v", err)
		}
	})
}

func TestUnreachableSignInHostIsNamed(t *testing.T) {
	server := httptest.NewServer(nil)
	h := &host{Server: server}
	address := h.authorize(t)
	server.Close()
	_, err := newTrial(t).Authorize(testContext(t), address, callback)
	var network *browser.NetworkError
	if !errors.As(err, &network) || network.Host != address.Host {
		t.Errorf("error %v", err)
	}
}

func TestWhatTheAdminLacksIsNamed(t *testing.T) {
	for name, row := range map[string]struct{ page, want string }{
		"a password": {password, "asks for a password"},
		"a code":     {oneTimeCode, "asks for a one-time code"},
		"a passkey":  {markup("ConvergedFido", nil, "<p>¤</p>"), "asks for a passkey"},
		"a pass":     {markup("ConvergedSignIn", nil, form(`<input name="accesspass" type="password">`+next)), "asks for a temporary access pass"},
	} {
		t.Run(name, func(t *testing.T) {
			h, r := newHost(t, row.page), newTrial(t)
			r.Admin = Admin{UPN: "admin@contoso.example"}
			_, err := r.Authorize(testContext(t), h.authorize(t), callback)
			var page *browser.PageError
			if !errors.As(err, &page) || !strings.Contains(page.What, row.want) || len(page.Screenshot) == 0 {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestSilent(t *testing.T) {
	tab := openTab(t)
	silent := Silent{Session: tab.Session(), Timeout: 10 * time.Second}
	t.Run("goes through", func(t *testing.T) {
		back, err := silent.Authorize(testContext(t), newHost(t).authorize(t), callback)
		if err != nil || back.Query().Get("code") != "granted" {
			t.Errorf("%v, %v", back, err)
		}
	})
	t.Run("through a page that only passes on", func(t *testing.T) {
		working := `<!doctype html><title>Working...</title>` + form(``) + `<script>document.forms[0].submit()</script>`
		if _, err := silent.Authorize(testContext(t), newHost(t, working).authorize(t), callback); err != nil {
			t.Error(err)
		}
	})
	t.Run("stops at a page", func(t *testing.T) {
		h := newHost(t, password)
		_, err := silent.Authorize(testContext(t), h.authorize(t), callback)
		var shown *NotSilent
		if !errors.As(err, &shown) || shown.PGID != "ConvergedSignIn" || len(shown.Screenshot) == 0 || len(h.posts) > 0 {
			t.Errorf("error %v, answered %v", err, h.posts)
		}
	})
	t.Run("stops at an unknown page in the end", func(t *testing.T) {
		silent := Silent{Session: tab.Session(), Timeout: 3 * time.Second}
		_, err := silent.Authorize(testContext(t), newHost(t, "<p>¤</p>").authorize(t), callback)
		var shown *NotSilent
		if !errors.As(err, &shown) || shown.URL == "" {
			t.Errorf("error %v", err)
		}
	})
}
