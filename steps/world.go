package steps

import (
	"context"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

// Tenants gives each scenario a tenant.
type Tenants interface {
	// Take returns a fresh tenant, or the only one, once there is a test admin of it that nobody else has. scenario and
	// feature name the scenario in the evidence.
	Take(ctx context.Context, scenario, feature string) (Tenant, error)
}

// Tenant is what one scenario has for itself until it gives it back.
type Tenant interface {
	// Fixtures puts the tenant into a named state and can take it out again.
	Fixtures() *fixtures.Fixtures
	// PrivilegedRole is a role that nobody but the test admin holds: Application
	// Administrator on the embedded tenant, a custom role made for the run elsewhere.
	PrivilegedRole(ctx context.Context) (verdict.Role, error)
	// Prove runs one proof in a browser session of its own.
	Prove(ctx context.Context, request activation.Request) (verdict.Observation, error)
	// MakeAdmin makes a test admin with a passkey, or with an access pass, who takes the place of the
	// tenant's own from now on and is gone with the scenario.
	MakeAdmin(ctx context.Context, passkey bool) error
	// MakeApprover makes an account that can sign in and approve, and returns its object id. It is gone
	// with the scenario.
	MakeApprover(ctx context.Context) (id string, err error)
	// LetApprover has that account sign in and agree to the activation, or refuse it, once it waits.
	LetApprover(agree bool) error
	// AddPasskey gives the admin's browser the passkey that the fixtures registered.
	AddPasskey(key fixtures.Passkey)
	// AddNeighbour has another account signed in in the admin's browser before the admin.
	AddNeighbour(account fixtures.Account)
	// Lab is what only an embedded tenant can be told; nil on a real one.
	Lab() Lab
	// GiveBack undoes what the scenario made and writes its evidence. proof is nil when none
	// was made, failed is what went wrong in the scenario or nil. It does its work even when
	// ctx has ended.
	GiveBack(ctx context.Context, proof *Proof, failed error) error
}

// Lab changes how an embedded tenant behaves where nobody has documented it, or breaks it.
type Lab interface {
	// Set changes settings by their names on the control listener: {"cp1_required": false}. An
	// unknown name or value is an error that lists the known ones.
	Set(ctx context.Context, settings map[string]any) error
	// Speak sets the language of the pages: "en", "de", "fr".
	Speak(ctx context.Context, language string) error
}

// Proof is what a scenario saw and what it came to.
type Proof struct {
	Observation verdict.Observation
	Verdict     verdict.Verdict
}
