package login_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// harness changes the registration of the test's client.
func (w *world) harness(change func(t *store.Tenant, app *store.Application)) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) {
		app, _ := t.Apps.Get(w.facts.HarnessID)
		change(t, app)
	})
}

func TestOnlyWhoIsAssignedGetsIn(t *testing.T) {
	for name, row := range map[string]struct {
		change func(t *store.Tenant, app *store.Application)
		number string // on the error page; empty: signed in
	}{
		"assigned":     {func(*store.Tenant, *store.Application) {}, ""},
		"not assigned": {func(_ *store.Tenant, app *store.Application) { app.Assigned = nil }, "AADSTS50105"},
		"not assigned, and not required": {func(_ *store.Tenant, app *store.Application) {
			app.Assigned, app.AssignmentRequired = nil, false
		}, ""},
		"assigned by a group": {func(t *store.Tenant, app *store.Application) {
			user := app.Assigned[0].PrincipalID
			t.Groups.Put("g", &store.Group{ID: "g", Members: []string{user}})
			app.Assigned = []store.AppAssignment{{ID: "a", PrincipalID: "g"}}
		}, ""},
		"another user consented": {func(_ *store.Tenant, app *store.Application) { app.Consents[0].UserID = "somebody" }, "AADSTS90094"},
		"consent for everybody": {func(_ *store.Tenant, app *store.Application) {
			app.Scopes = map[string][]string{store.ResourceGraph: slices.Clone(app.Consents[0].Scopes)}
			app.Consents = nil
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.harness(row.change)
			b := w.browser()
			if err := b.Get(w.client.AuthorizeURL(nil)); err != nil {
				t.Fatal(err)
			}
			_, err := b.SignIn(w.credentials())
			if row.number == "" && err != nil {
				t.Fatalf("sign in: %v", err)
			}
			if row.number != "" && !strings.Contains(b.Page.HTML, row.number) {
				t.Errorf("the page does not say %s: %v", row.number, err)
			}
		})
	}
}

func TestDeviceCodeWantsPublicClientFlows(t *testing.T) {
	w := newWorld(t)
	w.harness(func(_ *store.Tenant, app *store.Application) { app.Fallback = false })
	tokens, err := w.browser().Token(w.client, map[string]string{"grant_type": "device_code", "device_code": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(tokens.Description, "AADSTS7000218") {
		t.Errorf("answered %q, want AADSTS7000218", tokens.Description)
	}
}
