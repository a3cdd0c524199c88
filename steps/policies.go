package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
)

func registerPolicies(sc sentences) {
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every time$`, policyEveryTime)
	sc.Given(`^a Conditional Access policy on the context that is (report-only|disabled)$`, policyInState)
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every (\d+) (hour|day)s?$`, policyTimeBased)
	sc.Given(`^a Conditional Access policy on the context that asks for a phishing-resistant method$`, policyPhishingResistant)
	sc.Given(`^a Conditional Access policy on the context that asks for a phishing-resistant method every time$`, policyPhishingResistantEveryTime)
	sc.Given(`^a Conditional Access policy on the context that asks only for multifactor authentication$`, policyOnlyMFA)
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every time with any single factor$`, policySingleFactor)
	sc.Given(`^a Conditional Access policy on the context that asks for the second factor alone every time$`, policySecondFactor)
	sc.Given(`^a Conditional Access policy on the context whose sign-in frequency is switched off$`, policySwitchedOff)
	sc.Given(`^a Conditional Access policy on the context that blocks access$`, policyBlocks)
	sc.Given(`^a Conditional Access policy on the context that demands a compliant device every time$`, policyCompliantDevice)
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

// policyTimeBased makes a policy on the context whose sign-in frequency is that many hours or
// days: an admin who signed in since is not asked.
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every 1 hour
func policyTimeBased(ctx context.Context, n int, unit string) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: fmt.Sprintf("sign in every %d %s", n, unit), Frequency: every(n, unit), Grant: fixtures.Grant{MFA: true},
	})
}

func every(n int, unit string) *graph.Frequency {
	if unit == "day" {
		return fixtures.EveryDays(n)
	}
	return fixtures.EveryHours(n)
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

// policyPhishingResistantEveryTime makes a policy on the context that wants a passkey, anew at
// every activation.
//
// Example: Given a Conditional Access policy on the context that asks for a phishing-resistant method every time
func policyPhishingResistantEveryTime(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "phishing-resistant method every time", Frequency: fixtures.EveryTime(),
		Grant: fixtures.Grant{Strength: graph.StrengthPhishingResistant},
	})
}

// policyOnlyMFA makes a policy on the context that grants with MFA and has no sign-in frequency: a
// session that did MFA once is not asked again.
//
// Example: Given a Conditional Access policy on the context that asks only for multifactor authentication
func policyOnlyMFA(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{Name: "only MFA", Grant: fixtures.Grant{MFA: true}})
}

// policySingleFactor makes a policy on the context with sign-in frequency "every time" and no grant
// control at all: a password alone steps up.
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every time with any single factor
func policySingleFactor(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{Name: "every time, any factor", Frequency: fixtures.EveryTime()})
}

// policySecondFactor makes a policy on the context whose sign-in frequency "every time" covers the
// secondary authentication only: the password is not asked for.
//
// Example: Given a Conditional Access policy on the context that asks for the second factor alone every time
func policySecondFactor(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "second factor every time", Frequency: fixtures.SecondaryOnly(fixtures.EveryTime()), Grant: fixtures.Grant{MFA: true},
	})
}

// policySwitchedOff makes a policy on the context that holds the sign-in frequency "every time",
// switched off.
//
// Example: Given a Conditional Access policy on the context whose sign-in frequency is switched off
func policySwitchedOff(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "frequency switched off", Frequency: fixtures.SwitchedOff(fixtures.EveryTime()), Grant: fixtures.Grant{MFA: true},
	})
}

// policyBlocks makes a policy on the context that lets nobody whom it covers through.
//
// Example: Given a Conditional Access policy on the context that blocks access
func policyBlocks(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{Name: "block", Grant: fixtures.Grant{Block: true}})
}

// policyCompliantDevice makes a policy on the context with sign-in frequency "every time" that
// demands a compliant device, which the machine of the proof is not.
//
// Example: Given a Conditional Access policy on the context that demands a compliant device every time
func policyCompliantDevice(ctx context.Context) error {
	return of(ctx).makePolicy(ctx, fixtures.PolicyOptions{
		Name: "compliant device", Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{CompliantDevice: true},
	})
}

// makePolicy makes a policy on the scenario's context. Unless the options name others, it covers
// the test admin and nobody else.
func (s *scenario) makePolicy(ctx context.Context, options fixtures.PolicyOptions) error {
	id, err := s.needContext()
	if err != nil {
		return err
	}
	options.Contexts = []string{id}
	return s.addPolicy(ctx, options)
}

func (s *scenario) addPolicy(ctx context.Context, options fixtures.PolicyOptions) error {
	made, err := s.tenant.Fixtures().CreatePolicy(ctx, options)
	if err != nil {
		return fmt.Errorf("make a Conditional Access policy: %w", err)
	}
	s.policies = append(s.policies, made.ID)
	return nil
}
