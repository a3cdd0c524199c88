package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"
)

func registerRoles(sc *godog.ScenarioContext) {
	sc.Given(`^the test admin is eligible for a privileged role$`, eligible)
	sc.Given(`^the role setting requires the context on activation$`, requireContext)
}

// eligible makes the test admin eligible for a role that nobody else has: Application
// Administrator on the embedded tenant, a custom role made for the run on a real one. The
// sentences after it mean this one by "the role".
//
// Example: Given the test admin is eligible for a privileged role
func eligible(ctx context.Context) error {
	s := of(ctx)
	role, err := s.tenant.PrivilegedRole(ctx)
	if err != nil {
		return fmt.Errorf("choose a privileged role: %w", err)
	}
	if err := s.tenant.Fixtures().MakeEligible(ctx, role.DefinitionID); err != nil {
		return fmt.Errorf("make the test admin eligible for %s: %w", role.Name, err)
	}
	s.role = role
	return nil
}

// requireContext makes the setting of the role ask for the context on activation. It is refused
// when anybody but the test admin has the role or may activate it.
//
// Example: Given the role setting requires the context on activation
func requireContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needContext()
	if err != nil {
		return err
	}
	if s.role.DefinitionID == "" {
		return errors.New("there is no role yet: begin with \"Given the test admin is eligible for a privileged role\"")
	}
	if err := s.tenant.Fixtures().RequireContext(ctx, s.role.DefinitionID, id); err != nil {
		return fmt.Errorf("require the context for %s: %w", s.role.Name, err)
	}
	return nil
}
