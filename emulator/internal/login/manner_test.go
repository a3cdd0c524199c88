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
