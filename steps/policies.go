package steps

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
)

func registerPolicies(sc *godog.ScenarioContext) {
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every time$`, policyEveryTime)
	sc.Given(`^a Conditional Access policy on the context that is (report-only|disabled)$`, policyInState)
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every (\d+) hours?$`, policyEveryHours)
	sc.Given(`^a Conditional Access policy on the context that asks for a phishing-resistant method$`, policyPhishingResistant)
}

// policyEveryTime makes a policy that covers the test admin, targets the context, grants with MFA
// and has sign-in frequency "every time".
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every time
func policyEveryTime(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "sign in every time", Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	})
}

// policyInState makes the policy that asks for sign-in every time, but report-only or disabled.
//
// Example: Given a Conditional Access policy on the context that is report-only
func policyInState(ctx context.Context, state string) error {
	states := map[string]string{"report-only": graph.PolicyReportOnly, "disabled": graph.PolicyDisabled}
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "sign in every time, " + state, State: states[state],
		Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	})
}

// policyEveryHours makes a policy on the context whose sign-in frequency is that many hours: an
// admin who signed in since is not asked.
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every 1 hour
func policyEveryHours(ctx context.Context, hours int) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: fmt.Sprintf("sign in every %d h", hours), Frequency: fixtures.EveryHours(hours), Grant: fixtures.Grant{MFA: true},
	})
}

// policyPhishingResistant makes a policy on the context that wants a passkey, and has no sign-in
// frequency: whoever used one in the session is not asked again.
//
// Example: Given a Conditional Access policy on the context that asks for a phishing-resistant method
func policyPhishingResistant(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "phishing-resistant method", Grant: fixtures.Grant{Strength: graph.StrengthPhishingResistant},
	})
}

// makePolicy makes a policy on the scenario's context that covers the test admin and nobody else.
func (s *scenario) makePolicy(ctx context.Context, options fixtures.PolicyOptions) error {
	id, err := s.needContext()
	if err != nil {
		return err
	}
	options.Contexts = []string{id}
	if _, err := s.tenant.Fixtures().CreatePolicy(ctx, options); err != nil {
		return fmt.Errorf("make a Conditional Access policy: %w", err)
	}
	return nil
}
