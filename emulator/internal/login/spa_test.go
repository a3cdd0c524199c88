package login_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// script sends requests as a script of a page of that origin does.
type script struct {
	http.RoundTripper
	origin string
}

func (s script) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Origin", s.origin)
	return s.RoundTripper.RoundTrip(r)
}

// asPage makes the world's client a single-page application and returns its script.
func (w *world) asPage() *walker.Walker {
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		app.Public, app.RedirectURIs = false, []string{"http://localhost/page"}
		app.SPARedirectURIs = app.RedirectURIs
	})
	w.client.Redirect = "http://localhost:4711/page"
	return walker.New(script{w, "http://localhost:4711"})
}

// codeForm redeems the code of a browser's finished sign-in.
func (w *world) codeForm(b *walker.Walker) map[string]string {
	return map[string]string{
		"grant_type": "authorization_code", "code": b.Page.Parameters().Get("code"),
		"redirect_uri": w.client.Redirect, "code_verifier": walker.Verifier,
	}
}

func refreshForm(tokens walker.Tokens) map[string]string {
	return map[string]string{"grant_type": "refresh_token", "refresh_token": tokens.Refresh}
}

// token asks for tokens and wants an error number, or none.
func (w *world) token(b *walker.Walker, form map[string]string, number int) walker.Tokens {
	w.t.Helper()
	tokens, err := b.Token(w.client, form)
	if err != nil {
		w.t.Fatal(err)
	}
	if number == 0 && tokens.Status != http.StatusOK || number != 0 && !slices.Contains(tokens.Codes, number) {
		w.t.Fatalf("%d %v, want %d: %s", tokens.Status, tokens.Codes, number, tokens.Description)
	}
	return tokens
}

func TestOnlyAScriptRedeemsForASinglePageApplication(t *testing.T) {
	w := newWorld(t)
	page, b := w.asPage(), w.browser()
	w.signIn(b, nil)
	w.token(b, w.codeForm(b), 7000218) // without a script the client would need a secret
	tokens := w.token(page, w.codeForm(b), 0)
	w.token(page, refreshForm(tokens), 0)
}

func TestASecretDoesNotReplaceTheScript(t *testing.T) {
	w := newWorld(t)
	page, b := w.asPage(), w.browser()
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		app.Secrets = []store.AppSecret{{Value: "a secret", Expires: t.Now().Add(time.Hour)}}
	})
	w.signIn(b, nil)
	form := w.codeForm(b)
	form["client_secret"] = "a secret"
	w.token(b, form, 9002327)
	delete(form, "client_secret")
	refresh := refreshForm(w.token(page, form, 0))
	refresh["client_secret"] = "a secret"
	w.token(b, refresh, 9002327)
}

func TestAScriptRedeemsForNobodyElse(t *testing.T) {
	w := newWorld(t)
	b, page := w.browser(), walker.New(script{w, "http://localhost:4711"})
	w.signIn(b, nil)
	form := w.codeForm(b)
	w.token(page, form, 9002326)
	w.token(page, refreshForm(w.token(b, form, 0)), 9002326)
}

func TestAPageOfAWebApplicationIsTold(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		app.Public = false
	})
	b, page := w.browser(), walker.New(script{w, "http://localhost:4711"})
	w.signIn(b, nil)
	w.token(page, w.codeForm(b), 9002326)
	w.token(page, map[string]string{"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}, 7000218)
}

func TestASinglePageApplicationRefreshesForADay(t *testing.T) {
	w := newWorld(t)
	page, b := w.asPage(), w.browser()
	w.signIn(b, nil)
	tokens := w.token(page, w.codeForm(b), 0)
	w.advance(23 * time.Hour)
	tokens = w.token(page, refreshForm(tokens), 0)
	w.advance(2 * time.Hour) // the life of the first one is not extended
	if refused := w.token(page, refreshForm(tokens), 700084); refused.Error != "invalid_grant" || refused.Suberror != "bad_token" {
		t.Errorf("error %q, suberror %q", refused.Error, refused.Suberror)
	}
}
