package activation

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
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
