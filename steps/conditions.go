package steps

import (
	"context"

	"github.com/reprompt/reprompt/fixtures"
)

func registerConditions(sc sentences) {
	sc.Given(`^a Conditional Access policy on the context that asks for sign-in every time but only (on iOS|on Linux|not on Linux|from trusted locations|not from trusted locations|in browsers|in mobile and desktop apps|in legacy apps|on joined devices|on devices that are not joined|at high sign-in risk|at high user risk)$`, policyUnderCondition)
}

// conditions are what a sentence may narrow a policy to. The proof signs in on Linux, from a
// location that is not trusted, on a device that the tenant does not know, without risk; its
// portal is a browser and its own client a desktop app.
var conditions = map[string]func(*fixtures.PolicyOptions){
	"on iOS":   func(o *fixtures.PolicyOptions) { o.IncludePlatforms = []string{"iOS"} },
	"on Linux": func(o *fixtures.PolicyOptions) { o.IncludePlatforms = []string{"linux"} },
	"not on Linux": func(o *fixtures.PolicyOptions) {
		o.IncludePlatforms, o.ExcludePlatforms = []string{"all"}, []string{"linux"}
	},
	"from trusted locations": func(o *fixtures.PolicyOptions) { o.IncludeLocations = []string{"AllTrusted"} },
	"not from trusted locations": func(o *fixtures.PolicyOptions) {
		o.IncludeLocations, o.ExcludeLocations = []string{"All"}, []string{"AllTrusted"}
	},
	"in browsers":                func(o *fixtures.PolicyOptions) { o.ClientAppTypes = []string{"browser"} },
	"in mobile and desktop apps": func(o *fixtures.PolicyOptions) { o.ClientAppTypes = []string{"mobileAppsAndDesktopClients"} },
	"in legacy apps":             func(o *fixtures.PolicyOptions) { o.ClientAppTypes = []string{"exchangeActiveSync", "other"} },
	"on joined devices":          func(o *fixtures.PolicyOptions) { o.DeviceFilterMode, o.DeviceFilter = "include", joined },
	"on devices that are not joined": func(o *fixtures.PolicyOptions) {
		o.DeviceFilterMode, o.DeviceFilter = "exclude", joined
	},
	"at high sign-in risk": func(o *fixtures.PolicyOptions) { o.SignInRisk = []string{"high"} },
	"at high user risk":    func(o *fixtures.PolicyOptions) { o.UserRisk = []string{"high"} },
}

// joined is a rule in the language of device filters (documented).
const joined = `device.trustType -eq "AzureAD"`

// policyUnderCondition makes the policy that asks for sign-in every time, and applies only under a
// condition. The proof signs in on Linux, from no trusted location, on an unknown device, without
// risk.
//
// Example: Given a Conditional Access policy on the context that asks for sign-in every time but only on iOS
func policyUnderCondition(ctx context.Context, condition string) error {
	options := fixtures.PolicyOptions{
		Name: "every time, only " + condition, Frequency: fixtures.EveryTime(), Grant: fixtures.Grant{MFA: true},
	}
	conditions[condition](&options)
	return of(ctx).makePolicy(ctx, options)
}
