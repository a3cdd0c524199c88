package graph_test

// sdkContext is an authentication context that the sample leaves free.
const sdkContext = "c7"

// policyOperations are about Conditional Access policies and the locations that they name.
func policyOperations() []operation {
	const policies, locations = "/identity/conditionalAccess/policies", "/identity/conditionalAccess/namedLocations"
	return []operation{
		{"POST " + policies, func(c *calls) (err error) {
			c.policy, err = one(c.app.identity.ConditionalAccess().Policies().Post(c.ctx, newPolicy(), nil))
			return err
		}},
		{"GET " + policies, func(c *calls) error {
			return dropped(some(c.app.identity.ConditionalAccess().Policies().Get(c.ctx, nil)))
		}},
		{"PATCH " + policies + "/{id}", func(c *calls) error {
			return done(c.app.identity.ConditionalAccess().Policies().ByConditionalAccessPolicyId(c.policy).Patch(c.ctx, renamedPolicy(), nil))
		}},
		{"GET " + policies + "/{id}", func(c *calls) error {
			return same(c.app.identity.ConditionalAccess().Policies().ByConditionalAccessPolicyId(c.policy).Get(c.ctx, nil))("renamed by the Graph SDK")
		}},
		{"DELETE " + policies + "/{id}", func(c *calls) error {
			return c.app.identity.ConditionalAccess().Policies().ByConditionalAccessPolicyId(c.policy).Delete(c.ctx, nil)
		}},
		{"POST " + locations, func(c *calls) (err error) {
			c.location, err = one(c.app.identity.ConditionalAccess().NamedLocations().Post(c.ctx, newLocation("office"), nil))
			return err
		}},
		{"GET " + locations, func(c *calls) error {
			return dropped(some(c.app.identity.ConditionalAccess().NamedLocations().Get(c.ctx, nil)))
		}},
		{"PATCH " + locations + "/{id}", func(c *calls) error {
			return done(c.app.identity.ConditionalAccess().NamedLocations().ByNamedLocationId(c.location).Patch(c.ctx, newLocation("new office"), nil))
		}},
		{"GET " + locations + "/{id}", func(c *calls) error {
			return same(c.app.identity.ConditionalAccess().NamedLocations().ByNamedLocationId(c.location).Get(c.ctx, nil))("new office")
		}},
		{"DELETE " + locations + "/{id}", func(c *calls) error {
			return c.app.identity.ConditionalAccess().NamedLocations().ByNamedLocationId(c.location).Delete(c.ctx, nil)
		}},
	}
}

// contextOperations are about authentication contexts and authentication strengths.
func contextOperations() []operation {
	const references, strengths = "/identity/conditionalAccess/authenticationContextClassReferences", "/policies/authenticationStrengthPolicies"
	return []operation{
		{"POST " + references, func(c *calls) error {
			body := newContext("of the SDK")
			body.SetId(ptr(sdkContext))
			return dropped(one(c.app.identity.ConditionalAccess().AuthenticationContextClassReferences().Post(c.ctx, body, nil)))
		}},
		{"GET " + references, func(c *calls) error {
			return dropped(some(c.app.identity.ConditionalAccess().AuthenticationContextClassReferences().Get(c.ctx, nil)))
		}},
		{"PATCH " + references + "/{id}", func(c *calls) error {
			return done(c.app.identity.ConditionalAccess().AuthenticationContextClassReferences().ByAuthenticationContextClassReferenceId(sdkContext).Patch(c.ctx, newContext("renamed"), nil))
		}},
		{"GET " + references + "/{id}", func(c *calls) error {
			return same(c.app.identity.ConditionalAccess().AuthenticationContextClassReferences().ByAuthenticationContextClassReferenceId(sdkContext).Get(c.ctx, nil))("renamed")
		}},
		{"DELETE " + references + "/{id}", func(c *calls) error {
			return c.app.identity.ConditionalAccess().AuthenticationContextClassReferences().ByAuthenticationContextClassReferenceId(sdkContext).Delete(c.ctx, nil)
		}},
		{"POST " + strengths, func(c *calls) (err error) {
			c.strength, err = one(c.app.policies.AuthenticationStrengthPolicies().Post(c.ctx, newStrength("of the SDK"), nil))
			return err
		}},
		{"GET " + strengths, func(c *calls) error {
			return dropped(some(c.app.policies.AuthenticationStrengthPolicies().Get(c.ctx, nil)))
		}},
		{"PATCH " + strengths + "/{id}", func(c *calls) error {
			return done(c.app.policies.AuthenticationStrengthPolicies().ByAuthenticationStrengthPolicyId(c.strength).Patch(c.ctx, renamedStrength("stronger"), nil))
		}},
		{"GET " + strengths + "/{id}", func(c *calls) error {
			return same(c.app.policies.AuthenticationStrengthPolicies().ByAuthenticationStrengthPolicyId(c.strength).Get(c.ctx, nil))("stronger")
		}},
		{"DELETE " + strengths + "/{id}", func(c *calls) error {
			return c.app.policies.AuthenticationStrengthPolicies().ByAuthenticationStrengthPolicyId(c.strength).Delete(c.ctx, nil)
		}},
	}
}
