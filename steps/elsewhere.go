package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
)

func registerElsewhere(sc sentences) {
	sc.Given(`^a Conditional Access policy on the second context that asks for sign-in every time$`, policyOnSecondContext)
	sc.Given(`^a tenant-wide Conditional Access policy that asks for sign-in every (\d+) (hour|day)s?$`, tenantWideTimeBased)
	sc.Given(`^a tenant-wide Conditional Access policy that asks for sign-in every time$`, tenantWideEveryTime)
	sc.Given(`^a tenant-wide Conditional Access policy that asks for multifactor authentication$`, tenantWideMFA)
	sc.Given(`^a Conditional Access policy on (another application|the admin portals) that asks for sign-in every time$`, policyOnApplication)
}

// policyOnSecondContext makes the policy that asks for sign-in every time, on the second context.
//
// Example: Given a Conditional Access policy on the second context that asks for sign-in every time
func policyOnSecondContext(ctx context.Context) error {
	s := of(ctx)
	id, err := s.needSecond()
	if err != nil {
		return err
	}
	return s.addPolicy(ctx, fixtures.PolicyOptions{
		Name: "every time, elsewhere", Contexts: []string{id}, Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	})
}

// tenantWideTimeBased makes a policy for everyone on all resources that asks for sign-in after that
// many hours or days. It needs the embedded tenant: a real one has other people.
//
// Example: Given a tenant-wide Conditional Access policy that asks for sign-in every 12 hours
func tenantWideTimeBased(ctx context.Context, n int, unit string) error {
	return of(ctx).addPolicy(ctx, fixtures.PolicyOptions{
		Name: fmt.Sprintf("everything, every %d %s", n, unit), Everyone: true, Applications: []string{"All"},
		Frequency: every(n, unit), Grant: fixtures.Grant{MFA: true},
	})
}

// tenantWideEveryTime makes a policy for everyone on all resources that asks for sign-in every time,
// so that a prompt says nothing about the context. It needs the embedded tenant.
//
// Example: Given a tenant-wide Conditional Access policy that asks for sign-in every time
func tenantWideEveryTime(ctx context.Context) error {
	return of(ctx).addPolicy(ctx, fixtures.PolicyOptions{
		Name: "everything, every time", Everyone: true, Applications: []string{"All"},
		Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	})
}

// applications are what a sentence may name: an application that no proof signs in to, and the group of
// Microsoft's admin portals (documented values of includeApplications).
var applications = map[string]string{
	"another application": "00000002-0000-0ff1-ce00-000000000000", // Office 365 Exchange Online
	"the admin portals":   "MicrosoftAdminPortals",
}

// policyOnApplication makes a policy for everyone on applications that asks for sign-in every time: it
// prompts at sign-in to them, and says nothing about the context. It needs the embedded tenant.
//
// Example: Given a Conditional Access policy on another application that asks for sign-in every time
func policyOnApplication(ctx context.Context, which string) error {
	return of(ctx).addPolicy(ctx, fixtures.PolicyOptions{
		Name: which + ", every time", Everyone: true, Applications: []string{applications[which]},
		Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	})
}

// tenantWideMFA makes a policy for everyone on all resources that grants with MFA, so that a session
// has done it from the first sign-in on. It needs the embedded tenant.
//
// Example: Given a tenant-wide Conditional Access policy that asks for multifactor authentication
func tenantWideMFA(ctx context.Context) error {
	return of(ctx).addPolicy(ctx, fixtures.PolicyOptions{
		Name: "everything, with MFA", Everyone: true, Applications: []string{"All"}, Grant: fixtures.Grant{MFA: true},
	})
}
