package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/verdict"
)

// scenario is the state of one scenario, from its first sentence to its last. It lives in the
// context that godog hands from step to step: scenarios run side by side.
type scenario struct {
	tenant Tenant
	// context is the id of the authentication context that the scenario published; empty before.
	context string
	// second is the id of another one; empty before a sentence published it.
	second string
	// policies are the ids of the Conditional Access policies that the scenario made.
	policies []string
	// beside is what is done with the account beside the proof; nil for nothing.
	beside *activation.Beside
	// require is what a re-authentication must consist of; empty means what the tenant file says.
	require verdict.Require
	// role is the role that the scenario is about; its name is empty until a sentence names one.
	role verdict.Role
	// proof is nil until a sentence activated the role.
	proof *Proof
	// asserted is true once a sentence said which outcome is expected, and expected says which.
	asserted bool
	expected Expectation
}

type scenarioKey struct{}

// Register adds every sentence, and the hooks that give each scenario its tenant. What inside adds stands
// between them: its hooks find the tenant as the scenario has it.
func Register(sc *godog.ScenarioContext, tenants Tenants, inside ...func(*godog.ScenarioContext)) {
	sc.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		tenant, err := tenants.Take(ctx, pickle.Name, pickle.Uri)
		if err != nil {
			return ctx, fmt.Errorf("take a tenant: %w", err)
		}
		return context.WithValue(ctx, scenarioKey{}, &scenario{tenant: tenant}), nil
	})
	for _, add := range inside { // godog runs hooks in the order in which they were added, at the end of a scenario, too
		add(sc)
	}
	sc.After(func(ctx context.Context, _ *godog.Scenario, failed error) (context.Context, error) {
		s, ok := ctx.Value(scenarioKey{}).(*scenario)
		if !ok {
			return ctx, nil // Take failed: there is nothing to give back
		}
		unasserted := s.mustBeAsserted(failed)
		return ctx, errors.Join(unasserted, s.tenant.GiveBack(ctx, s.proof, errors.Join(failed, unasserted)))
	})
	all := sentences{sc}
	registerContexts(all)
	registerPolicies(all)
	registerCoverage(all)
	registerConditions(all)
	registerElsewhere(all)
	registerRoles(all)
	registerEligibility(all)
	registerAdmin(all)
	registerBeside(all)
	registerLab(all)
	registerActivations(all)
	registerVerdicts(all)
	registerScope(all)
	registerWitnesses(all)
	registerReplays(all)
}

// mustBeAsserted fails a scenario that came to a verdict and looked away.
func (s *scenario) mustBeAsserted(failed error) error {
	if failed != nil || s.proof == nil || s.asserted {
		return nil
	}
	return fmt.Errorf("the scenario came to a verdict (%s) and asserts none: add for example \"Then re-authentication is enforced\"",
		s.proof.Verdict.Outcome)
}

// of returns the state of the scenario that ctx belongs to. Without one the hooks of Register
// did not run, which is a defect of the caller.
func of(ctx context.Context) *scenario {
	s, ok := ctx.Value(scenarioKey{}).(*scenario)
	if !ok {
		panic("steps: no scenario in the context: register the sentences with suite.InitializeScenario")
	}
	return s
}

// ProofOf returns what the scenario saw and the verdict, for a sentence of another team's own.
// ok is false before a sentence activated the role. Reading a proof asserts nothing: the
// scenario still has to say which outcome it expects.
func ProofOf(ctx context.Context) (proof Proof, ok bool) {
	s, found := ctx.Value(scenarioKey{}).(*scenario)
	if !found || s.proof == nil {
		return Proof{}, false
	}
	return *s.proof, true
}

// Expectation is what the sentences of a scenario demand of its verdict, whether it came to it or
// not. A sentence behind one that failed is not heard.
type Expectation struct {
	Outcome verdict.Outcome // empty: none was demanded
	Reason  verdict.Code    // the decisive one; empty: any
	Cause   verdict.CauseCode
}

// ExpectedOf returns what the scenario demanded of its verdict so far.
func ExpectedOf(ctx context.Context) Expectation {
	s, found := ctx.Value(scenarioKey{}).(*scenario)
	if !found {
		return Expectation{}
	}
	return s.expected
}

// TenantOf returns the tenant of the scenario, for a sentence of another team's own. ok is
// false outside a scenario.
func TenantOf(ctx context.Context) (tenant Tenant, ok bool) {
	s, found := ctx.Value(scenarioKey{}).(*scenario)
	if !found {
		return nil, false
	}
	return s.tenant, true
}

// UseRole makes role the one that the scenario is about, for a sentence of another team's own.
// Whether it may be touched is for the fixtures to say.
func UseRole(ctx context.Context, role verdict.Role) error {
	s, found := ctx.Value(scenarioKey{}).(*scenario)
	if !found {
		return errors.New("use a role: outside a scenario")
	}
	s.role = role
	return nil
}

// prove runs one proof of the scenario's role and decides it.
func (s *scenario) prove(ctx context.Context, request activation.Request) error {
	if s.role.DefinitionID == "" {
		return errors.New("activate the role: the scenario names none; begin with \"Given the test admin is eligible for a privileged role\"")
	}
	if s.proof != nil {
		return errors.New("activate the role: the scenario did so already; one scenario has one outcome")
	}
	request.Role, request.Require, request.Beside = s.role, s.require, s.beside
	seen, err := s.tenant.Prove(ctx, request)
	s.proof = &Proof{Observation: seen, Verdict: verdict.Decide(seen)}
	if err != nil {
		return fmt.Errorf("activate the role: %w", err)
	}
	return nil
}

// outcome returns the proof for a sentence about it.
func (s *scenario) outcome() (*Proof, error) {
	if s.proof == nil {
		return nil, errors.New("there is no verdict yet: begin with \"When the test admin activates the role in the portal\"")
	}
	return s.proof, nil
}
