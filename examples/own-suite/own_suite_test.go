// Package ownsuite_test shows how another team runs scenarios of its own: with every sentence of
// reprompt, one sentence more, and the same embedded tenant.
package ownsuite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/suite"
)

func TestFeatures(t *testing.T) {
	s, err := suite.Open(t.Context(), suite.Options{
		Paths: []string{"features"}, EvidenceDir: t.TempDir(), Command: "go test ./examples/own-suite",
	})
	if err != nil {
		t.Fatal(err)
	}
	options := s.Options()
	options.TestingT = t
	status := godog.TestSuite{
		TestSuiteInitializer: s.InitializeTestSuite,
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			s.InitializeScenarioAround(sc, register)
		},
		Options: options,
	}.Run()
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if status != 0 {
		t.Errorf("godog ended with status %d", status)
	}
}

// register adds our sentences. They stand directly in a function of their own, with literal patterns:
// there the Cucumber extension of an editor finds them.
func register(sc *godog.ScenarioContext) {
	sc.Then(`^the role was given back within (\d+) minutes$`, givenBackWithin)
	sc.After(notOnAHoliday)
}

// notOnAHoliday is a hook of ours. It runs while the scenario still has its tenant; its error fails the
// scenario, and the evidence says so.
func notOnAHoliday(ctx context.Context, _ *godog.Scenario, failed error) (context.Context, error) {
	tenant, ok := steps.TenantOf(ctx)
	switch proof, proved := steps.ProofOf(ctx); {
	case failed != nil || !proved:
		return ctx, nil
	case !ok || tenant.Fixtures() == nil:
		return ctx, fmt.Errorf("the tenant of %s is gone", proof.Observation.Role.Name)
	case proof.Observation.Started.Weekday() == time.Sunday && proof.Observation.Role.Name == "Global Administrator":
		return ctx, fmt.Errorf("nobody activates %s on a Sunday", proof.Observation.Role.Name)
	}
	return ctx, nil
}

// givenBackWithin passes when every activation of the scenario was deactivated, and the whole
// proof took no longer than that many minutes of the tenant's clock.
//
// Example: Then the role was given back within 30 minutes
func givenBackWithin(ctx context.Context, minutes int) error {
	proof, ok := steps.ProofOf(ctx)
	if !ok {
		return fmt.Errorf("the scenario activated nothing yet")
	}
	seen := proof.Observation
	for _, a := range seen.Activations {
		if a.Outcome == "active" && !a.Deactivated {
			return fmt.Errorf("activation %d was not given back", a.N)
		}
	}
	if took := seen.Finished.Sub(seen.Started); took > time.Duration(minutes)*time.Minute {
		return fmt.Errorf("it took %s of the tenant's clock, want at most %d minutes", took, minutes)
	}
	return nil
}
