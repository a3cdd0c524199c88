package suite

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/steps"
)

// Hooks of another team's run inside ours: they find the tenant as the scenario has it, at its end too,
// and what they find wrong fails it.
func TestHooksOfOthersRunInsideOurs(t *testing.T) {
	var s *Suite
	var seen []string
	look := func(when string) {
		pending, err := s.journal.Pending()
		if err != nil {
			t.Error(err)
		}
		seen = append(seen, when+map[bool]string{true: " with", false: " without"}[len(pending) > 0])
	}
	s = open(t, Options{Paths: []string{featureFile(t, "Feature: Own\n  Scenario: One\n    Given a published authentication context\n    And ours\n")}, sentences: func(sc *godog.ScenarioContext) {
		sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
			if _, ok := steps.TenantOf(ctx); !ok {
				t.Error("a scenario begins without its tenant")
			}
			look("before")
			return ctx, nil
		})
		sc.Given(`^ours$`, func() { look("step") })
		sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
			look("after")
			return ctx, errors.New("our hook found something")
		})
	}})
	result, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(seen, ", "); got != "before without, step with, after with" {
		t.Errorf("what the scenario made was there: %s", got)
	}
	if result.Failed != 1 || !strings.Contains(result.Scenarios[0].Error, "our hook found something") {
		t.Errorf("it came to %+v", result.Scenarios)
	}
}
