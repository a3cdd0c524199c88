package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

func registerBeside(sc sentences) {
	sc.Given(`^the test admin activates a second role, protected like the first, right before$`, besideInSession)
	sc.Given(`^somebody else activates a second role with the test admin's account meanwhile$`, besideElsewhere)
	sc.Given(`^the test admin has activated the role in another session already$`, activatedEarlier)
}

// besideInSession makes a second role that the test admin may activate and that requires the same
// context. In the scenario it is activated first, in the same session, when the wait for the re-use
// windows is over: its step-up begins them anew.
//
// Example: Given the test admin activates a second role, protected like the first, right before
func besideInSession(ctx context.Context) (err error) {
	s := of(ctx)
	s.beside = new(activation.Beside)
	s.beside.Role, err = s.secondRole(ctx)
	return err
}

// besideElsewhere makes the same second role. Somebody else who has the account's password and its second
// factor signs in elsewhere and activates it, while the scenario waits for the windows to be over.
//
// Example: Given somebody else activates a second role with the test admin's account meanwhile
func besideElsewhere(ctx context.Context) (err error) {
	s := of(ctx)
	s.beside = &activation.Beside{Elsewhere: true}
	s.beside.Role, err = s.secondRole(ctx)
	return err
}

// activatedEarlier activates the scenario's own role in another session before the proof begins, and
// leaves it active until the proof is over.
//
// Example: Given the test admin has activated the role in another session already
func activatedEarlier(ctx context.Context) error {
	s := of(ctx)
	if _, err := s.needRole(); err != nil {
		return err
	}
	s.beside = &activation.Beside{Role: s.role, Early: true, Elsewhere: true}
	return nil
}

func (s *scenario) secondRole(ctx context.Context) (verdict.Role, error) {
	context, err := s.needContext()
	if err != nil {
		return verdict.Role{}, err
	}
	f := s.tenant.Fixtures()
	made, err := f.CustomRole(ctx, fixtures.CustomRoleOptions{Name: "second role"})
	if err == nil {
		err = f.MakeEligible(ctx, made.ID)
	}
	if err == nil {
		err = f.RequireContext(ctx, made.ID, context)
	}
	if err != nil {
		return verdict.Role{}, fmt.Errorf("make a second role: %w", err)
	}
	return verdict.Role{Name: made.DisplayName, DefinitionID: made.ID, DirectoryScopeID: "/"}, nil
}
