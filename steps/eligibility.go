package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
)

func registerEligibility(sc sentences) {
	sc.Given(`^the test admin is eligible for a privileged role$`, eligible)
	sc.Given(`^a privileged role that the test admin is not eligible for$`, notEligible)
	sc.Given(`^the test admin is eligible for a privileged role through a group$`, eligibleThroughGroup)
	sc.Given(`^the test admin is eligible for a privileged role in one administrative unit only$`, eligibleInUnit)
	sc.Given(`^the role is active for the test admin already$`, activeAlready)
	sc.Given(`^another user is eligible for the role$`, anotherEligible)
	sc.Given(`^the test admin is eligible for a role that can give itself the same power$`, eligibleForMore)
}

// eligible makes the test admin eligible for a role that nobody else has: Application
// Administrator on the embedded tenant, a custom role made for the run on a real one. The
// sentences after it mean this one by "the role".
//
// Example: Given the test admin is eligible for a privileged role
func eligible(ctx context.Context) error {
	s := of(ctx)
	if err := s.chooseRole(ctx); err != nil {
		return err
	}
	if err := s.tenant.Fixtures().MakeEligible(ctx, s.role.DefinitionID); err != nil {
		return fmt.Errorf("make the test admin eligible for %s: %w", s.role.Name, err)
	}
	return nil
}

// notEligible chooses the same role and makes nobody eligible for it.
//
// Example: Given a privileged role that the test admin is not eligible for
func notEligible(ctx context.Context) error { return of(ctx).chooseRole(ctx) }

func (s *scenario) chooseRole(ctx context.Context) error {
	role, err := s.tenant.PrivilegedRole(ctx)
	if err != nil {
		return fmt.Errorf("choose a privileged role: %w", err)
	}
	s.role = role
	return nil
}

// eligibleThroughGroup makes a role-assignable group eligible for the role, whose only member is
// the test admin.
//
// Example: Given the test admin is eligible for a privileged role through a group
func eligibleThroughGroup(ctx context.Context) error {
	s := of(ctx)
	if err := s.chooseRole(ctx); err != nil {
		return err
	}
	f := s.tenant.Fixtures()
	group, err := f.CreateGroup(ctx, fixtures.GroupOptions{Name: "eligible admins", RoleAssignable: true, Members: []string{f.AdminID}})
	if err != nil {
		return fmt.Errorf("make a group of the test admin: %w", err)
	}
	if err := f.MakeHolderEligible(ctx, fixtures.Holder{Principal: group.ID, Role: s.role.DefinitionID}); err != nil {
		return fmt.Errorf("make the group eligible for %s: %w", s.role.Name, err)
	}
	return nil
}

// eligibleInUnit makes the test admin eligible for the role in one administrative unit, and not in
// the whole tenant, where the scenario activates it.
//
// Example: Given the test admin is eligible for a privileged role in one administrative unit only
func eligibleInUnit(ctx context.Context) error {
	s := of(ctx)
	if err := s.chooseRole(ctx); err != nil {
		return err
	}
	unit, err := s.tenant.Fixtures().CreateAdministrativeUnit(ctx, "one office")
	if err != nil {
		return fmt.Errorf("make an administrative unit: %w", err)
	}
	holder := fixtures.Holder{Role: s.role.DefinitionID, Scope: fixtures.UnitScope(unit.ID)}
	if err := s.tenant.Fixtures().MakeHolderEligible(ctx, holder); err != nil {
		return fmt.Errorf("make the test admin eligible for %s in a unit: %w", s.role.Name, err)
	}
	return nil
}

// activeAlready gives the test admin the role for good, so that there is nothing to activate.
//
// Example: Given the role is active for the test admin already
func activeAlready(ctx context.Context) error {
	s := of(ctx)
	role, err := s.needRole()
	if err != nil {
		return err
	}
	if err := s.tenant.Fixtures().AssignStanding(ctx, fixtures.Holder{Role: role}); err != nil {
		return fmt.Errorf("give the test admin %s: %w", s.role.Name, err)
	}
	return nil
}

// anotherEligible makes a second user who may activate the role. No policy of the other sentences
// covers that user, unless it covers everyone.
//
// Example: Given another user is eligible for the role
func anotherEligible(ctx context.Context) error {
	s := of(ctx)
	role, err := s.needRole()
	if err != nil {
		return err
	}
	user, err := s.tenant.Fixtures().CreateUser(ctx, fixtures.UserOptions{Name: "second admin"})
	if err != nil {
		return fmt.Errorf("make another user: %w", err)
	}
	if err := s.tenant.Fixtures().MakeHolderEligible(ctx, fixtures.Holder{Principal: user.ID, Role: role}); err != nil {
		return fmt.Errorf("make another user eligible for %s: %w", s.role.Name, err)
	}
	return nil
}

// eligibleForMore makes the test admin eligible for Privileged Role Administrator, too, whose
// setting asks for no context: whoever activates that can give themselves any role.
//
// Example: Given the test admin is eligible for a role that can give itself the same power
func eligibleForMore(ctx context.Context) error {
	if err := of(ctx).tenant.Fixtures().MakeEligible(ctx, fixtures.PrivilegedRoleAdministrator); err != nil {
		return fmt.Errorf("make the test admin eligible for Privileged Role Administrator: %w", err)
	}
	return nil
}
