package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
)

func registerRoles(sc sentences) {
	sc.Given(`^the role setting requires the context on activation$`, requireContext)
	sc.Given(`^the role setting requires the second context on activation$`, requireSecondContext)
	sc.Given(`^the role setting requires (only multifactor authentication|nothing) on activation$`, requireNoContext)
	sc.Given(`^the role setting still names the context but no longer requires it$`, leaveContextOff)
	sc.Given(`^the role setting requires approval$`, requireApproval)
	sc.Given(`^the role setting requires the approval of an approver made for this scenario$`, requireApprovalOfMade)
	sc.Given(`^another role setting requires the context on activation$`, requireContextElsewhere)
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
	return s.requireThe(ctx, id)
}

// requireSecondContext makes the setting of the role ask for the second context, which is not the
// one that the policies are on.
//
// Example: Given the role setting requires the second context on activation
func requireSecondContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needSecond()
	if err != nil {
		return err
	}
	return s.requireThe(ctx, id)
}

func (s *scenario) requireThe(ctx context.Context, id string) error {
	role, err := s.needRole()
	if err != nil {
		return err
	}
	if err := s.tenant.Fixtures().RequireContext(ctx, role, id); err != nil {
		return fmt.Errorf("require the context for %s: %w", s.role.Name, err)
	}
	return nil
}

// requireNoContext makes the setting of the role ask for no context: for MFA, as Entra does
// by default, or for nothing at all.
//
// Example: Given the role setting requires only multifactor authentication on activation
func requireNoContext(ctx context.Context, what string) error {
	s := of(ctx)
	role, err := s.needRole()
	if err != nil {
		return err
	}
	change := s.tenant.Fixtures().RequireMFA
	if what == "nothing" {
		change = s.tenant.Fixtures().RequireNothing
	}
	if err := change(ctx, role); err != nil {
		return fmt.Errorf("change the setting of %s: %w", s.role.Name, err)
	}
	return nil
}

// leaveContextOff switches the rule of the role setting off that names the context, and leaves the
// context's id in it: a casual look sees the id.
//
// Example: Given the role setting still names the context but no longer requires it
func leaveContextOff(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needContext()
	if err != nil {
		return err
	}
	role, err := s.needRole()
	if err != nil {
		return err
	}
	if err := s.tenant.Fixtures().LeaveContextOff(ctx, role, id); err != nil {
		return fmt.Errorf("switch the context off for %s: %w", s.role.Name, err)
	}
	return nil
}

// requireApproval makes activations of the role wait for another user's approval.
//
// Example: Given the role setting requires approval
func requireApproval(ctx context.Context) error {
	return of(ctx).requireApprovalOf(ctx, func(s *scenario) (string, error) {
		made, err := s.tenant.Fixtures().CreateUser(ctx, fixtures.UserOptions{Name: "approver"})
		return made.ID, err
	})
}

// requireApprovalOfMade makes activations of the role wait for the approval of an account that is made for
// the scenario, can sign in with a Temporary Access Pass, and is taken away with it. Who activates says what
// the approver does: "and the approver agrees".
//
// Example: Given the role setting requires the approval of an approver made for this scenario
func requireApprovalOfMade(ctx context.Context) error {
	return of(ctx).requireApprovalOf(ctx, func(s *scenario) (string, error) { return s.tenant.MakeApprover(ctx) })
}

func (s *scenario) requireApprovalOf(ctx context.Context, makeOne func(*scenario) (id string, err error)) error {
	role, err := s.needRole()
	if err != nil {
		return err
	}
	approver, err := makeOne(s)
	if err != nil {
		return fmt.Errorf("make an approver: %w", err)
	}
	if err := s.tenant.Fixtures().RequireApproval(ctx, role, approver); err != nil {
		return fmt.Errorf("require approval for %s: %w", s.role.Name, err)
	}
	return nil
}

// requireContextElsewhere makes a role for the scenario that nobody is eligible for, whose setting
// asks for the context. The role that the scenario is about stays as it is.
//
// Example: Given another role setting requires the context on activation
func requireContextElsewhere(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needContext()
	if err != nil {
		return err
	}
	other, err := s.tenant.Fixtures().CustomRole(ctx, fixtures.CustomRoleOptions{Name: "another role"})
	if err != nil {
		return fmt.Errorf("make another role: %w", err)
	}
	if err := s.tenant.Fixtures().RequireContext(ctx, other.ID, id); err != nil {
		return fmt.Errorf("require the context for %s: %w", other.DisplayName, err)
	}
	return nil
}

// needRole returns the id of the scenario's role.
func (s *scenario) needRole() (string, error) {
	if s.role.DefinitionID == "" {
		return "", errors.New("there is no role yet: begin with \"Given the test admin is eligible for a privileged role\"")
	}
	return s.role.DefinitionID, nil
}
