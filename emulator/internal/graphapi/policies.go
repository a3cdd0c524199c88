package graphapi

import (
	"github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const policiesPath = "/identity/conditionalAccess/policies"

var policyType = &entity{name: "microsoft.graph.conditionalAccessPolicy", properties: []string{
	"id", "templateId", "displayName", "description", "createdDateTime", "modifiedDateTime", "state", "conditions", "grantControls", "sessionControls",
}, nested: map[string][]string{
	"conditions": {
		"userRiskLevels", "signInRiskLevels", "clientAppTypes", "servicePrincipalRiskLevels", "insiderRiskLevels", "platforms", "locations", "devices",
		"clientApplications", "authenticationFlows", "applications", "users",
	},
	"grantControls": {"operator", "builtInControls", "customAuthenticationFactors", "termsOfUse", "authenticationStrength"},
	"sessionControls": {
		"disableResilienceDefaults", "applicationEnforcedRestrictions", "cloudAppSecurity", "persistentBrowser", "secureSignInSession", "signInFrequency",
	},
}}

func policyOperations() []*operation {
	read := permissions("Policy.Read.All", "Policy.Read.ConditionalAccess").as(deniedByPolicy)
	// Documented: writing wants Policy.Read.All beside it, and what may name applications
	// Application.Read.All too.
	remover := permissions("Policy.ReadWrite.ConditionalAccess").and("Policy.Read.All").as(deniedByPolicy).role(policyAdmins)
	write := remover.and("Policy.Read.All", "Application.Read.All")
	return []*operation{
		{method: get, path: policiesPath, grant: read, handle: listPolicies},
		{method: post, path: policiesPath, grant: write, body: policyBody, handle: postPolicy},
		{method: get, path: policiesPath + "/{policy}", grant: read, handle: getPolicy},
		{method: patch, path: policiesPath + "/{policy}", grant: write, body: policyBody, handle: patchPolicy},
		{method: remove, path: policiesPath + "/{policy}", grant: remover, handle: deletePolicy},
	}
}

func listPolicies(c *call) (result, error) {
	var list []*document.Object
	for _, p := range c.t.Policies.List() {
		list = append(list, document.MustParse(p.Raw))
	}
	return c.list(policyType, list)
}

func getPolicy(c *call) (result, error) {
	p, ok := c.t.Policies.Get(c.vars["policy"])
	if !ok {
		return result{}, notFound("policy", c.vars["policy"])
	}
	return c.one(policyType, document.MustParse(p.Raw))
}

func postPolicy(c *call) (result, error) {
	for _, required := range []string{"displayName", "state", "conditions"} {
		if v, _ := c.body.Get(required); v == nil {
			return result{}, badRequest("The property '%s' is required.", required)
		}
	}
	p := store.Policy{ID: c.t.NewID(), CreatedAt: c.now}
	full, err := c.completePolicy(p, c.body)
	if err != nil {
		return result{}, err
	}
	p.Raw = full.Raw()
	c.putPolicy(p)
	c.auditPolicy("Add Conditional Access policy", p.ID, full.String("displayName"), "ConditionalAccessPolicy", nil, full)
	return created(policyType, full), nil
}

// patchPolicy replaces what the body names: a part of the conditions leaves the other
// conditions alone, null takes a control away.
func patchPolicy(c *call) (result, error) {
	p, ok := c.t.Policies.Get(c.vars["policy"])
	if !ok {
		return result{}, notFound("policy", c.vars["policy"])
	}
	before := document.MustParse(p.Raw)
	p.ModifiedAt = c.now
	full, err := c.completePolicy(p, mergePolicy(before, c.body))
	if err != nil {
		return result{}, err
	}
	p.Raw = full.Raw()
	c.putPolicy(p)
	c.auditPolicy("Update Conditional Access policy", p.ID, full.String("displayName"), "ConditionalAccessPolicy", before, full)
	return noContent(), nil
}

// mergePolicy keeps the conditions that the patch does not name and replaces controls as
// a whole (inferred: no document says how deep a patch of a policy goes).
func mergePolicy(before, patch *document.Object) *document.Object {
	out := before.Clone()
	for _, k := range patch.Keys() {
		v, _ := patch.Get(k)
		old, in := out.Object(k), patch.Object(k)
		if k != "conditions" || old == nil || in == nil {
			out.Set(k, v)
			continue
		}
		for _, condition := range in.Keys() {
			old.Set(condition, valueOf(in, condition))
		}
	}
	return out
}

func (c *call) putPolicy(p store.Policy) {
	c.t.Policies.Put(p.ID, p, c.t.EffectiveAt(store.LagPolicy))
	c.t.PoliciesChangedAt = c.t.EffectiveAt(store.LagPolicy)
}

func deletePolicy(c *call) (result, error) {
	p, ok := c.t.Policies.Get(c.vars["policy"])
	if !ok {
		return result{}, notFound("policy", c.vars["policy"])
	}
	c.t.Policies.Delete(p.ID, c.t.EffectiveAt(store.LagPolicy))
	c.t.PoliciesChangedAt = c.t.EffectiveAt(store.LagPolicy)
	before := document.MustParse(p.Raw)
	c.auditPolicy("Delete Conditional Access policy", p.ID, before.String("displayName"), "ConditionalAccessPolicy", before, nil)
	return noContent(), nil
}

// completePolicy checks what a policy refers to and writes it as the service answers it:
// every property there, in the documented order, explicit nulls and empty lists included.
func (c *call) completePolicy(p store.Policy, in *document.Object) (*document.Object, error) {
	if err := c.checkReferences(in); err != nil {
		return nil, err
	}
	conditions, err := completeConditions(in.Object("conditions"))
	if err != nil {
		return nil, err
	}
	grant, err := c.completeGrant(in.Object("grantControls"))
	if err != nil {
		return nil, err
	}
	session, err := completeSession(in.Object("sessionControls"))
	if err != nil {
		return nil, err
	}
	if grant == nil && session == nil {
		return nil, badRequest("1085: grantControls or sessionControls must be specified.")
	}
	out := document.Of("id", p.ID, "templateId", valueOf(in, "templateId"), "displayName", in.String("displayName"),
		"createdDateTime", p.CreatedAt, "modifiedDateTime", nil, "state", in.String("state"),
		"conditions", conditions, "grantControls", grant, "sessionControls", session)
	if text := in.String("description"); text != "" {
		out.Set("description", text)
	}
	if !p.ModifiedAt.IsZero() {
		out.Set("modifiedDateTime", p.ModifiedAt)
	}
	if _, err := conditionalaccess.Parse(out.Raw()); err != nil {
		return nil, badRequest("%s", sentence(err))
	}
	return out, nil
}

func valueOf(o *document.Object, name string) any {
	v, _ := o.Get(name)
	return v
}
