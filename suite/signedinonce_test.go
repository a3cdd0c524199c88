package suite

import (
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/fixtures"
)

// An undo with an application that may only read needs the admin for two requests, and a sign-in is
// somebody's time, or a one-time code.
func TestAnUndoSignsTheAdminInOnce(t *testing.T) {
	c := newClinic(t)
	w, _ := prepared(t, c)
	signIns := func() (n int) {
		seen, err := c.world.place.control.requests(t.Context(), c.tenant.TenantID)
		c.must(err)
		for _, r := range seen {
			if strings.Contains(r.URL, "/oauth2/v2.0/authorize") {
				n++
			}
		}
		return n
	}
	role, err := w.reader.Role(t.Context(), embeddedRole)
	c.must(err)
	ref := fixtures.ActivationRef{PrincipalID: w.place.adminID, RoleDefinitionID: role.ID, DirectoryScopeID: "/", Justification: "reprompt run run-1"}
	undo := func() {
		t.Helper()
		if _, err := w.ownRequests(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.must(w.deactivate(t.Context(), ref)) // nothing is active: PIM says so
	}
	undo()
	if got := signIns(); got != 1 {
		t.Errorf("the admin signed in %d times, want once", got)
	}
	c.must(w.clock.Wait(t.Context(), w.clock.Now().Add(2*time.Hour), "the token to end"))
	undo()
	if got := signIns(); got != 2 {
		t.Errorf("the admin signed in %d times, want once more with a token that has ended", got)
	}
	c.control("/faults", map[string]any{"kind": "status", "host": "graph.microsoft.com", "method": "POST", "status": 401, "times": 1})
	undo()
	if got := signIns(); got != 3 {
		t.Errorf("the admin signed in %d times, want once more with a token that Graph refuses", got)
	}
}
