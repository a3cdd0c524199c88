package steps

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/verdict"
)

func registerWitnesses(sc *godog.ScenarioContext) {
	sc.Then(`^the screen saw the admin prompted$`, screenPrompted)
	sc.Then(`^the token is fresh$`, tokenFresh)
	sc.Then(`^the sign-in log says that the step-up was required$`, logRequired)
	sc.Then(`^the admin was prompted for each of (\d+) activations$`, promptedEachTime)
	sc.Then(`^every control held$`, controlsHeld)
}

// screenPrompted passes when a credential page stood still until the credential was sent, between
// the challenge and the new token.
//
// Example: Then the screen saw the admin prompted
func screenPrompted(ctx context.Context) error {
	return of(ctx).witness("screen", func(w verdict.Witnesses) string { return w.Screen }, "prompted")
}

// tokenFresh passes when auth_time moved past the challenge and the activating token holds the
// context that the plain ones lack.
//
// Example: Then the token is fresh
func tokenFresh(ctx context.Context) error {
	return of(ctx).witness("token", func(w verdict.Witnesses) string { return w.Token }, "fresh")
}

func (s *scenario) witness(name string, said func(verdict.Witnesses) string, want string) error {
	proof, err := s.outcome()
	if err != nil {
		return err
	}
	if got := said(proof.Verdict.Witnesses); got != want {
		return fmt.Errorf("the %s witness says %s, expected %s", name, got, want)
	}
	return nil
}

// logRequired passes when the tenant's own sign-in log has the interactive step-up, with the context
// required by a sign-in frequency of "every time".
//
// Example: Then the sign-in log says that the step-up was required
func logRequired(ctx context.Context) error {
	return of(ctx).witness("log", func(w verdict.Witnesses) string { return w.Log }, "required")
}

// promptedEachTime passes when there were that many activations and a credential was sent in the
// step-up of each.
//
// Example: Then the admin was prompted for each of 2 activations
func promptedEachTime(ctx context.Context, want int) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	activations := proof.Observation.Activations
	if len(activations) != want {
		return fmt.Errorf("there were %d activations, expected %d", len(activations), want)
	}
	for _, a := range activations {
		if !prompted(a.StepUp) {
			return fmt.Errorf("activation %d asked for no credential", a.N)
		}
	}
	return nil
}

func prompted(stepUp verdict.Authentication) bool {
	for _, page := range stepUp.Pages {
		if page.Factor != "" && page.StoodStill && page.Sent {
			return true
		}
	}
	return false
}

// controlsHeld passes when everything held that a verdict needs to mean anything.
//
// Example: Then every control held
func controlsHeld(ctx context.Context) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	if len(proof.Verdict.Controls) == 0 {
		return fmt.Errorf("no control was judged")
	}
	var fell []string
	for _, control := range proof.Verdict.Controls {
		if !control.Held {
			fell = append(fell, control.Name+": "+control.Text)
		}
	}
	if len(fell) > 0 {
		return fmt.Errorf("%d of %d controls did not hold: %s", len(fell), len(proof.Verdict.Controls), strings.Join(fell, "; "))
	}
	return nil
}
