package browser

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

// A pause comes before each page, field and click, and its error keeps them from being done.
func TestEachThingWaitsForItsPause(t *testing.T) {
	server := site(t, map[string]http.HandlerFunc{"/": html(`<label>Name <input></label><script>
		var done = 0;
		for (const name of ["input", "click"]) addEventListener(name, () => done++, true);
	</script>`)})
	b := startBrowser(t, Options{})
	pauses := 0
	var refused error
	b.BeforeEach(func(context.Context) error {
		pauses++
		return refused
	})
	ctx := testContext(t)
	session, err := b.NewSession(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := session.NewTab(ctx)
	if err != nil {
		t.Fatal(err)
	}
	doc := mustNavigate(t, tab, server.URL)
	mustEval(t, doc, loaded, nil)
	field, _, err := tab.Find(ctx, Query{Roles: []string{"textbox"}, Names: []string{"Name"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(field.Fill(ctx, "a"), field.FillSecret(ctx, secret.New("b")), field.Click(ctx)); err != nil {
		t.Fatal(err)
	}
	if pauses != 4 {
		t.Errorf("%d pauses, want 4: the page, two texts, a click", pauses)
	}
	refused = errors.New("the run ended")
	_, navigated := tab.Navigate(ctx, server.URL)
	for _, err := range []error{field.Fill(ctx, "c"), field.Click(ctx), navigated, doc.Touch(ctx)} {
		if !errors.Is(err, refused) {
			t.Errorf("error = %v, want that of the pause", err)
		}
	}
	var done int
	if err := doc.EvalMain(ctx, `done`, &done); err != nil || done != 3 {
		t.Errorf("%d things were done, want 3; %v", done, err)
	}
}
