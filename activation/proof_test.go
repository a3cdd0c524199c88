package activation

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/browser/entra"
)

// stepsOf are the names of a proof's steps that matter to what is tried again, in order.
func stepsOf(request Request) []string {
	p := proof{request: request}
	var names []string
	for _, s := range p.steps() {
		if slices.Contains([]string{again, "try the plain tokens", "activate the role", "give the role back", "read the sign-in log"}, s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

const again = "try the stepped-up token again"

// The stepped-up token can be tried only while the role is not active, and what it activated must
// not stand in the way of the next activation.
func TestTheSteppedUpTokenIsTriedBetweenActivations(t *testing.T) {
	once := []string{"try the plain tokens", "activate the role", "give the role back"}
	twice := slices.Concat(once, []string{again}, once, []string{"read the sign-in log"})
	for name, row := range map[string]struct {
		request Request
		want    []string
	}{
		"once":              {Request{}, slices.Concat(once, []string{"read the sign-in log"})},
		"once, on request":  {Request{ReplaySteppedUp: true}, slices.Concat(once, []string{again, "read the sign-in log"})},
		"twice":             {Request{Twice: true}, twice},
		"twice, on request": {Request{Twice: true, ReplaySteppedUp: true}, twice},
	} {
		if diff := cmp.Diff(row.want, stepsOf(row.request)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

const (
	wait   = "wait until both re-use windows are over"
	beside = "use the account beside the proof"
)

// What spoils a proof on purpose does it at one place and leaves the rest as it is.
func TestNegativeControlsChangeOneThing(t *testing.T) {
	somebody := entra.Admin{UPN: "somebody@contoso.example"}
	for name, row := range map[string]struct {
		request    Request
		neighbours []entra.Admin
		want       []string // of the steps that these change, and the activations
	}{
		"none":                        {Request{}, nil, []string{wait, "activate the role"}},
		"within the window":           {Request{WithinWindow: true}, nil, []string{"activate the role"}},
		"twice, the second within it": {Request{Twice: true, WithinWindow: true}, nil, []string{wait, "activate the role", "activate the role"}},
		"a role right before":         {Request{Beside: &Beside{}}, nil, []string{wait, beside, "activate the role"}},
		"a role before anything else": {Request{Beside: &Beside{Early: true}}, nil, []string{beside, wait, "activate the role"}},
		"a role before the first only": {Request{Beside: &Beside{}, Twice: true}, nil, []string{
			wait, beside, "activate the role", wait, "activate the role",
		}},
		"another account": {Request{}, []entra.Admin{somebody}, []string{"sign the other accounts in", wait, "activate the role"}},
	} {
		p := proof{request: row.request, Deps: Deps{Neighbours: row.neighbours}}
		var got []string
		for _, s := range p.steps() {
			if slices.Contains([]string{wait, beside, "activate the role", "sign the other accounts in"}, s.name) {
				got = append(got, s.name)
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Somebody else needs a browser session of their own: in the admin's it would be the admin.
func TestSomebodyElseIsNotTheAdminsOwnSession(t *testing.T) {
	p := proof{request: Request{Beside: &Beside{Elsewhere: true}}}
	if err := p.useBeside(t.Context()); err == nil {
		t.Error("somebody else used the account without a session of their own")
	}
}

// turn is a place among other proofs that nothing is asked of.
type turn struct{ Turn }

// The admin is let go of after the last authentication, and not before: while PIM keeps the role, and while the
// log is awaited, the next role of the same admin may begin.
func TestTheAdminIsLetGoAfterTheLastAuthentication(t *testing.T) {
	const free, back, log = "let go of the admin", "give the role back", "read the sign-in log"
	for name, row := range map[string]struct {
		request Request
		want    []string
	}{
		"once":             {Request{}, []string{"activate the role", free, back, log}},
		"twice":            {Request{Twice: true}, []string{"activate the role", back, again, "activate the role", free, back, log}},
		"once, on request": {Request{ReplaySteppedUp: true}, []string{"activate the role", back, again, free, log}},
	} {
		p := proof{request: row.request, Deps: Deps{Turn: turn{}}}
		var got []string
		for _, s := range p.steps() {
			if slices.Contains([]string{"activate the role", free, back, again, log}, s.name) {
				got = append(got, s.name)
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
