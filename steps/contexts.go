package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
)

func registerContexts(sc sentences) {
	sc.Given(`^a published authentication context$`, publishContext)
	sc.Given(`^a second published authentication context$`, publishSecondContext)
	sc.Given(`^the context is unpublished afterwards$`, unpublishContext)
	sc.Given(`^the context is deleted afterwards$`, deleteContext)
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

// publishSecondContext makes one more. The sentences after it mean this one by "the second
// context".
//
// Example: Given a second published authentication context
func publishSecondContext(ctx context.Context) error {
	s := of(ctx)
	if _, err := s.needContext(); err != nil {
		return err
	}
	id, err := s.tenant.Fixtures().PublishContext(ctx, fixtures.ContextOptions{Name: "For something else"})
	if err != nil {
		return fmt.Errorf("publish a second authentication context: %w", err)
	}
	s.second = id
	return nil
}

// unpublishContext takes the context away from applications while policies and role settings go
// on naming it: nothing in a tenant objects.
//
// Example: Given the context is unpublished afterwards
func unpublishContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needContext()
	if err != nil {
		return err
	}
	if err := s.tenant.Fixtures().UnpublishContext(ctx, id); err != nil {
		return fmt.Errorf("unpublish the context: %w", err)
	}
	return nil
}

// deleteContext deletes the context while the role setting goes on naming it, which nothing in a
// tenant checks. The policies on it go first: Graph would refuse otherwise.
//
// Example: Given the context is deleted afterwards
func deleteContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needContext()
	if err != nil {
		return err
	}
	for _, policy := range s.policies {
		if err := s.tenant.Fixtures().DeletePolicy(ctx, policy); err != nil {
			return fmt.Errorf("delete the policy on the context: %w", err)
		}
	}
	s.policies = nil
	if err := s.tenant.Fixtures().DeleteContext(ctx, id); err != nil {
		return fmt.Errorf("delete the context: %w", err)
	}
	return nil
}

// needContext returns the scenario's context.
func (s *scenario) needContext() (string, error) {
	if s.context == "" {
		return "", errors.New("there is no context yet: begin with \"Given a published authentication context\"")
	}
	return s.context, nil
}

// needSecond returns the scenario's second context.
func (s *scenario) needSecond() (string, error) {
	if s.second == "" {
		return "", errors.New("there is no second context yet: begin with \"Given a second published authentication context\"")
	}
	return s.second, nil
}
