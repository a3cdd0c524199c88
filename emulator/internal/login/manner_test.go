package login_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// The pages between the last factor and the client differ from variant to variant; prompt=none
// shows none of them, and what comes back is the same.
func TestPagesOfAdversarialTenants(t *testing.T) {
	orders := map[string]bool{}
	for variant := range uint64(16) {
		w := newWorld(t)
		w.tenant(func(t *store.Tenant) {
			t.Variant = variant
			t.SetAdversarial(true)
		})
		b := w.browser()
		pages := strings.TrimPrefix(w.signIn(b, nil), "username password")
		orders[strings.TrimSpace(pages)] = true
		w.redeem(b)
		w.open(b, map[string]string{"prompt": "none"})
		if b.Page.Parameters().Get("code") == "" {
			t.Errorf("variant %d: prompt=none answers %v", variant, b.Page.Parameters())
		}
	}
	for _, want := range []string{"", "stay", "confirm", "stay confirm", "confirm stay"} {
		if !orders[want] {
			t.Errorf("no variant asks %q; there are %v", want, orders)
		}
	}
	if len(orders) != 5 {
		t.Errorf("orders %v", orders)
	}
}

// Every language says everything, in words of its own where it has some.
func TestEveryTextIsInEveryLanguage(t *testing.T) {
	for language, words := range map[string][]string{
		store.French: {"Se connecter", "Suivant"}, store.Polish: {"Zaloguj się", "Dalej"}, store.German: {"Anmelden", "Weiter"},
	} {
		w := newWorld(t)
		w.tenant(func(t *store.Tenant) { t.Language = language })
		b := w.browser()
		w.open(b, nil)
		if !b.Page.Has("i0116") || !strings.Contains(b.Page.HTML, `lang="`+language+`"`) {
			t.Errorf("%s: the page lost its ids, or its language", language)
		}
		for _, word := range words {
			if !strings.Contains(b.Page.HTML, word) {
				t.Errorf("%s: the page does not say %q", language, word)
			}
		}
		if strings.Contains(b.Page.HTML, "Sign in") || strings.Contains(b.Page.HTML, "Next") {
			t.Errorf("%s: the page is in English", language)
		}
	}
}

func TestPagesInThePseudoLocale(t *testing.T) {
	w := newWorld(t)
	w.tenant(func(t *store.Tenant) { t.Language = store.Pseudo })
	b := w.browser()
	w.open(b, nil)
	readable := []string{"Sign in", "Next", "Anmelden", "Weiter"}
	if !b.Page.Has("i0116") || !strings.Contains(b.Page.HTML, `lang="qps-ploc"`) ||
		slices.ContainsFunc(readable, func(word string) bool { return strings.Contains(b.Page.HTML, word) }) {
		t.Error("the page lost its ids, or has words that can be read")
	}
}
