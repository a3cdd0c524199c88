package graphapi

import (
	"net/http"
	"path"
	"slices"

	"github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const strengthsPath = "/policies/authenticationStrengthPolicies"

var strengthType = &entity{name: "microsoft.graph.authenticationStrengthPolicy", properties: []string{
	"id", "createdDateTime", "modifiedDateTime", "displayName", "description", "policyType", "requirementsSatisfied", "allowedCombinations", "combinationConfigurations",
}}

var strengthBody = &bodyType{strengthType.name, shape{
	"id": text, "createdDateTime": moment, "modifiedDateTime": moment, "displayName": text, "description": text,
	"policyType": oneOf("builtIn", "custom", "unknownFutureValue"), "requirementsSatisfied": flagsOf("none", "mfa", "unknownFutureValue"),
	"allowedCombinations": combinationsKind, "combinationConfigurations": anything,
}}

func strengthOperations() []*operation {
	read := permissions("Policy.Read.AuthenticationMethod", "Policy.Read.All", "Policy.ReadWrite.ConditionalAccess").as(deniedByPolicy)
	write := permissions("Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.ConditionalAccess").as(deniedByPolicy).role(policyAdmins)
	return []*operation{
		{method: get, path: strengthsPath, grant: read, handle: listStrengths},
		{method: post, path: strengthsPath, grant: write, body: strengthBody, handle: postStrength},
		{method: get, path: strengthsPath + "/{strength}", grant: read, handle: getStrength},
		{method: patch, path: strengthsPath + "/{strength}", grant: write, body: strengthBody, handle: patchStrength},
		{method: post, path: strengthsPath + "/{strength}/updateAllowedCombinations", grant: write, body: &bodyType{"updateAllowedCombinations", shape{"allowedCombinations": combinationsKind}}, handle: updateCombinations},
		{method: remove, path: strengthsPath + "/{strength}", grant: write, handle: deleteStrength},
	}
}

var combinationModes = []string{
	"password", "voice", "hardwareOath", "softwareOath", "sms", "fido2", "windowsHelloForBusiness", "microsoftAuthenticatorPush", "deviceBasedPush",
	"temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", "email", "x509CertificateSingleFactor", "x509CertificateMultiFactor",
	"federatedSingleFactor", "federatedMultiFactor", "qrCodePin",
}

// combinationsKind is a list of combinations, each some methods joined by commas.
func combinationsKind(path string, v any) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, wrongType(path, "Collection(microsoft.graph.authenticationMethodModes)")
	}
	return eachOf(path, list, flagsOf(combinationModes...))
}

func strengthObject(s *store.Strength) *document.Object {
	kind := "custom"
	if s.BuiltIn {
		kind = "builtIn"
	}
	return document.Of("id", s.ID, "createdDateTime", s.CreatedAt, "modifiedDateTime", s.ModifiedAt, "displayName", s.DisplayName,
		"description", s.Description, "policyType", kind, "requirementsSatisfied", s.Requirements,
		"allowedCombinations", s.Combinations, "combinationConfigurations", []string{})
}

func (c *call) strength() (*store.Strength, error) {
	s, ok := c.t.Strengths.Get(c.vars["strength"])
	if !ok {
		return nil, notFound("authentication strength policy", c.vars["strength"])
	}
	return s, nil
}

func listStrengths(c *call) (result, error) {
	var list []*document.Object
	for _, s := range c.t.Strengths.List() {
		list = append(list, strengthObject(s))
	}
	return c.list(strengthType, list)
}

func getStrength(c *call) (result, error) {
	s, err := c.strength()
	if err != nil {
		return result{}, err
	}
	return c.one(strengthType, strengthObject(s))
}

func postStrength(c *call) (result, error) {
	if list, _ := valueOf(c.body, "combinationConfigurations").([]any); len(list) > 0 {
		return result{}, unmodelled("a strength that narrows its combinations")
	}
	s := &store.Strength{
		ID: c.t.NewID(), DisplayName: c.body.String("displayName"), Description: c.body.String("description"),
		Combinations: c.body.Strings("allowedCombinations"), CreatedAt: c.now, ModifiedAt: c.now,
	}
	if s.DisplayName == "" || len(s.Combinations) == 0 {
		return result{}, badRequest("displayName and allowedCombinations are required.")
	}
	s.Requirements = requirements(s.Combinations)
	c.t.Strengths.Put(s.ID, s)
	c.auditStrength("Authentication Strength Policy Create", s)
	return created(strengthType, strengthObject(s)), nil
}

// requirements: a strength satisfies MFA when each of its combinations does (inferred).
func requirements(combinations []string) string {
	for _, s := range conditionalaccess.BuiltInStrengths() {
		known := s.Strings()
		if s.ID == conditionalaccess.StrengthMFA && !slices.ContainsFunc(combinations, func(c string) bool { return !slices.Contains(known, c) }) {
			return "mfa"
		}
	}
	return "none"
}

func (c *call) customStrength() (*store.Strength, error) {
	s, err := c.strength()
	if err == nil && s.BuiltIn {
		err = badRequest("Built-in authentication strength policies cannot be changed.")
	}
	return s, err
}

func patchStrength(c *call) (result, error) {
	s, err := c.customStrength()
	if err != nil {
		return result{}, err
	}
	if c.body.Has("allowedCombinations") {
		return result{}, badRequest("allowedCombinations is changed by the action updateAllowedCombinations.")
	}
	if c.body.Has("displayName") {
		s.DisplayName = c.body.String("displayName")
	}
	if c.body.Has("description") {
		s.Description = c.body.String("description")
	}
	s.ModifiedAt = c.now
	c.rewritePolicies(s)
	c.auditStrength("Authentication Strength Policy Update", s)
	return noContent(), nil
}

var combinationsResult = &entity{name: graphPrefix + "updateAllowedCombinationsResult", properties: []string{"additionalInformation", "conditionalAccessReferences", "currentCombinations", "previousCombinations"}}

func updateCombinations(c *call) (result, error) {
	s, err := c.customStrength()
	if err != nil {
		return result{}, err
	}
	previous := s.Combinations
	s.Combinations, s.ModifiedAt = c.body.Strings("allowedCombinations"), c.now
	s.Requirements = requirements(s.Combinations)
	used := c.rewritePolicies(s)
	c.auditStrength("Authentication Strength Policy Update", s)
	r := one(combinationsResult, document.Of("additionalInformation", nil, "conditionalAccessReferences", used, "currentCombinations", s.Combinations, "previousCombinations", previous))
	r.context = combinationsResult.name
	return r, nil
}

// rewritePolicies brings the copy of a strength inside of the policies up to date and
// returns the ids of these policies.
func (c *call) rewritePolicies(s *store.Strength) []string {
	used := []string{}
	for _, p := range c.t.Policies.List() {
		raw := document.MustParse(p.Raw)
		if raw.Object("grantControls").Object("authenticationStrength").String("id") != s.ID {
			continue
		}
		raw.Object("grantControls").Set("authenticationStrength", strengthObject(s))
		p.Raw = raw.Raw()
		c.putPolicy(p)
		used = append(used, p.ID)
	}
	return used
}

func deleteStrength(c *call) (result, error) {
	s, err := c.customStrength()
	if err != nil {
		return result{}, err
	}
	for _, p := range c.t.Policies.List() {
		if document.MustParse(p.Raw).Object("grantControls").Object("authenticationStrength").String("id") == s.ID {
			return result{}, &apiError{status: http.StatusBadRequest, code: "BadRequest", message: "The authentication strength policy is in use by a Conditional Access policy."}
		}
	}
	c.t.Strengths.Delete(s.ID)
	c.auditStrength("Authentication Strength Policy Delete", s)
	return noContent(), nil
}

func (c *call) auditStrength(activity string, s *store.Strength) {
	c.audit(activity, "ApplicationManagement", "Authentication Methods", store.AuditTarget{ID: s.ID, DisplayName: s.DisplayName, Type: "Policy"})
}

// strengthOf finds the strength that a policy names by object or by reference.
func (c *call) strengthOf(grant *document.Object) (*document.Object, error) {
	id := grant.Object("authenticationStrength").String("id")
	if reference := grant.String("authenticationStrength@odata.bind"); reference != "" {
		id = path.Base(reference)
	}
	if id == "" {
		if grant.Object("authenticationStrength") != nil {
			return nil, badRequest("The property 'id' of authenticationStrength is required.")
		}
		return nil, nil
	}
	s, ok := c.t.Strengths.Get(id)
	if !ok {
		return nil, badRequest("The policy refers to the authentication strength '%s', which does not exist.", id)
	}
	if slices.Contains(grant.Strings("builtInControls"), "mfa") {
		return nil, badRequest("1117: An authentication strength cannot be combined with the mfa control.")
	}
	return strengthObject(s), nil
}
