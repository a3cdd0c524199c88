package browser

import (
	"maps"
	"net/http"
	"sync"
	"testing"
)

// A look that finds nothing asks each document once what to begin from, and once for each query. Documents of
// different sites are searched at once, and the first in the order of the page has precedence.
func TestWhatALookCosts(t *testing.T) {
	inside := site(t, map[string]http.HandlerFunc{"/inside": html(`<button>Both</button><button>Inside</button>`)})
	server := site(t, map[string]http.HandlerFunc{
		"/": html(`<button>Both</button><iframe src="` + otherSite(t, inside) + `/inside"></iframe>`),
	})
	ctx, b := testContext(t), startBrowser(t, Options{})
	s, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := s.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	button := func(name string) Query { return Query{Roles: []string{"button"}, Names: []string{name}} }
	mustNavigate(t, tab, server.URL+"/")
	if _, _, err := tab.Find(ctx, button("Inside")); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	counted := map[string]int{}
	b.Watch(func(w Wait) {
		mu.Lock()
		defer mu.Unlock()
		counted[w.What]++
	})
	if found, _, err := tab.Now(ctx, button("Nowhere"), button("Neither"), button("At all")); err != nil || found != nil {
		t.Fatalf("found %v (%v)", found, err)
	}
	if want := map[string]int{"Runtime.evaluate": 2, "Accessibility.queryAXTree": 6}; !maps.Equal(counted, want) {
		t.Errorf("a look at two documents for three things waited for %v, want %v", counted, want)
	}
	found, index, err := tab.Now(ctx, button("Nowhere"), button("Both"), button("Inside"))
	if err != nil || found == nil || index != 1 || found.Document() != tab.Document() {
		t.Errorf("found %+v by query %d (%v), want the button of the top document by query 1", found, index, err)
	}
}
