package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/secret"
)

// shared is the browser of all tests. It is closed by TestMain.
var shared *browser.Browser

func TestMain(m *testing.M) {
	code := 1
	func() {
		installation, err := browser.Find(os.Getenv("REPROMPT_TEST_BROWSER"))
		if err == nil {
			shared, err = browser.Start(context.Background(), browser.Options{Installation: installation})
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		code = m.Run()
		if err := shared.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	os.Exit(code)
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func openTab(t *testing.T) *browser.Tab {
	t.Helper()
	s, err := shared.NewSession(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	tab, err := s.NewTab(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// callback is where sign-ins of these tests lead. Nobody listens there, nor need anybody.
const callback = "http://localhost/cb"

// host is a sign-in host with the pages that a test gives it, in the order in which they come:
// posting a page leads to the next one, and the last to the callback. The pages hold the
// elements that are observed on the real ones, with texts in no language.
type host struct {
	*httptest.Server
	pages []string

	mu    sync.Mutex
	at    int
	posts []url.Values
}

// newHost serves pages; posting the last leads to the callback with a code.
func newHost(t *testing.T, pages ...string) *host {
	t.Helper()
	h := &host{pages: pages}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) { h.show(w, r) })
	mux.HandleFunc("POST /next", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		h.mu.Lock()
		h.posts = append(h.posts, r.PostForm)
		h.at++
		h.mu.Unlock()
		h.show(w, r)
	})
	h.Server = httptest.NewServer(mux)
	t.Cleanup(h.Close)
	return h
}

func (h *host) show(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at >= len(h.pages) {
		http.Redirect(w, r, callback+"?code=granted", http.StatusFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, h.pages[h.at])
}

// again begins anew.
func (h *host) again() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = 0
}

// sent are the values of a field in all posts so far.
func (h *host) sent(field string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var values []string
	for _, post := range h.posts {
		values = append(values, post[field]...)
	}
	return values
}

func (h *host) authorize(t *testing.T) *url.URL {
	t.Helper()
	address, err := url.Parse(h.URL + "/authorize?state=secret")
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// config is the $Config of a page.
type config map[string]any

// markup writes a page the way the real ones are made: $Config in a script, then the body.
func markup(pgid string, more config, body string) string {
	all := config{"pgid": pgid, "sErrorCode": "", "strServiceExceptionMessage": nil}
	maps.Copy(all, more)
	text, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return "<!doctype html><title>¤</title><script>//<![CDATA[\n$Config=" + string(text) + ";\n//]]></script>" + body
}

func form(body string) string { return `<form method="post" action="/next">` + body + `</form>` }

const next = `<input type="submit" id="idSIButton9" value="¤">`

var (
	userName = markup("ConvergedSignIn", config{"sErrorCode": "50058"},
		form(`<input id="i0116" name="loginfmt" type="email"><div id="usernameError"></div>`+next))
	password    = passwordPage("")
	oneTimeCode = codePage("")
	stay        = markup("KmsiInterrupt", nil, form(`<div id="KmsiDescription">¤</div>`+
		`<button id="idBtn_Back" name="LoginOptions" value="3">¤</button><button id="idSIButton9" name="LoginOptions" value="1">¤</button>`))
	methods = markup("ConvergedTFA", nil, form(`<input type="hidden" name="method"><div data-value="PhoneAppNotification">¤</div><div data-value="PhoneAppOTP">¤</div>`)+
		`<script>for (const way of document.querySelectorAll("div")) way.onclick = () => {
			document.forms[0].method.value; document.forms[0].elements.method.value = way.dataset.value; document.forms[0].submit() }</script>`)
	push = markup("ConvergedTFA", nil, form(`<h1 id="idDiv_SAOTCAS_Title">42</h1><a id="signInAnotherWay" href="#" onclick="document.forms[0].submit(); return false">¤</a>`))
)

func passwordPage(problem string) string {
	return markup("ConvergedSignIn", nil, form(`<input id="i0118" name="passwd" type="password"><div id="passwordError">`+problem+`</div>`+next))
}

func codePage(problem string) string {
	return markup("ConvergedTFA", nil, form(`<input id="idTxtBx_SAOTCC_OTC" name="otc"><div id="idSpan_SAOTCC_Error_OTC">`+problem+`</div>`+next))
}

func errorPage(pgid, text string) string {
	return markup(pgid, config{"strServiceExceptionMessage": text}, `<p id="service_exception_message">¤</p>`)
}

// seed is a base32 seed of one-time codes.
const seed = "JBSWY3DPEHPK3PXP"

// at is the tenant's clock of these tests, which does not move by itself.
var at = time.Date(2026, 3, 2, 10, 0, 10, 0, time.UTC)

// trial is a sign-in with an account that has a password and one-time codes, and what it saw.
type trial struct {
	*SignIn
	visits []Visit
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	r := &trial{SignIn: &SignIn{
		Tab:   openTab(t),
		Admin: Admin{UPN: "Admin@contoso.example", Password: secret.New("correct horse"), TOTP: secret.New(seed)},
		Now:   func() time.Time { return at }, Used: new(UsedCodes), PageTimeout: 15 * time.Second, NoPictures: true,
	}}
	r.OnPage = func(v Visit) { r.visits = append(r.visits, v) }
	return r
}

// names are the pages visited, each with what of it matters.
func (r *trial) names() []string {
	var all []string
	for _, v := range r.visits {
		text := v.Page
		if !v.StoodStill {
			text += " went by"
		}
		if v.Sent {
			text += " sent"
		}
		all = append(all, text)
	}
	return all
}

func wantNames(t *testing.T, r *trial, want ...string) {
	t.Helper()
	if got := r.names(); !slices.Equal(got, want) {
		t.Errorf("pages %q, want %q", got, want)
	}
}

func wantSent(t *testing.T, h *host, field string, want ...string) {
	t.Helper()
	if got := h.sent(field); !slices.Equal(got, want) {
		t.Errorf("%s was sent as %q, want %q", field, got, want)
	}
}
