package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/fixtures"
)

func registerContexts(sc *godog.ScenarioContext) {
	sc.Given(`^a published authentication context$`, publishContext)
}

// publishContext makes an authentication context that nothing in the tenant names yet, published
// to applications. The sentences after it mean this one by "the context".
//
// Example: Given a published authentication context
func publishContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.tenant.Fixtures().PublishContext(ctx, fixtures.ContextOptions{Name: "Re-authenticate on activation"})
	if err != nil {
		return fmt.Errorf("publish an authentication context: %w", err)
	}
	s.context = id
	return nil
}

// needContext returns the scenario's context.
func (s *scenario) needContext() (string, error) {
	if s.context == "" {
		return "", errors.New("there is no context yet: begin with \"Given a published authentication context\"")
	}
	return s.context, nil
}
