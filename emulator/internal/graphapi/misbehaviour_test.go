package graphapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// shortly is what an activation was answered, with the context or the claims that it names.
func shortly(a answer) string {
	if a.status < http.StatusBadRequest {
		return "accepted"
	}
	text := a.code()
	if _, value, found := strings.Cut(a.message(), "%22value%22%3A%22"); found {
		context, _, _ := strings.Cut(value, "%22")
		text += " " + context
	}
	if strings.Contains(a.header.Get("WWW-Authenticate"), `error="insufficient_claims"`) {
		text += " insufficient_claims"
	}
	return text
}

func TestDefectsOfActivation(t *testing.T) {
	const refused = "RoleAssignmentRequestAcrsValidationFailed "
	validation := func(principal string) string {
		return strings.Replace(selfActivate(principal), `"justification"`, `"isValidationOnly":true,"justification"`, 1)
	}
	for defect, want := range map[store.Misbehaviour][]string{
		// by a plain token only to be validated, by a plain token, by a stepped-up one
		store.Behaves:                {refused + "c1", refused + "c1", "accepted"},
		store.ActivatesUnchallenged:  {refused + "c1", "accepted", "RoleAssignmentExists"},
		store.ChallengesOtherContext: {refused + "c1", refused + "c2", "accepted"},
		store.ChallengesForEver:      {refused + "c1", refused + "c1", refused + "c1"},
		store.RevokesInstead:         {"InvalidAuthenticationToken insufficient_claims", "InvalidAuthenticationToken insufficient_claims", "accepted"},
	} {
		t.Run("defect "+string(defect), func(t *testing.T) {
			l := newLab(t)
			l.protect()
			l.with(func(t *store.Tenant) { t.Settings.Misbehaviour = defect })
			l.stepUp()
			got := []string{
				shortly(l.do("admin", http.MethodPost, assignments, validation(l.admin))),
				shortly(l.do("admin", http.MethodPost, assignments, selfActivate(l.admin))),
				shortly(l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}
