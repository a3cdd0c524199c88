package graphapi

import (
	"strconv"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	organizationType = &entity{name: "microsoft.graph.organization", properties: []string{
		"id", "deletedDateTime", "assignedPlans", "businessPhones", "city", "country", "countryLetterCode", "createdDateTime", "displayName",
		"onPremisesSyncEnabled", "postalCode", "preferredLanguage", "provisionedPlans", "street", "technicalNotificationMails", "tenantType", "verifiedDomains",
	}}
	skuType      = &entity{name: "microsoft.graph.subscribedSku", properties: []string{"id", "accountName", "accountId", "appliesTo", "capabilityStatus", "consumedUnits", "prepaidUnits", "servicePlans", "skuId", "skuPartNumber"}}
	defaultsType = &entity{name: "microsoft.graph.identitySecurityDefaultsEnforcementPolicy", properties: []string{"id", "displayName", "description", "isEnabled"}}
)

var defaultsBody = &bodyType{defaultsType.name, shape{"id": text, "displayName": text, "description": text, "isEnabled": boolean}}

const defaultsPath = "/policies/identitySecurityDefaultsEnforcementPolicy"

func organizationOperations() []*operation {
	readers := []string{"Organization.Read.All", "Directory.Read.All", "User.Read.All"}
	read := permissions(append([]string{"User.Read"}, readers...)...).forApplications(readers...)
	return []*operation{
		{method: get, path: "/organization", grant: read, handle: listOrganization},
		{method: get, path: "/organization/{organization}", grant: read, handle: getOrganization},
		{method: get, path: "/subscribedSkus", grant: permissions("LicenseAssignment.Read.All", "Organization.Read.All", "Directory.Read.All"), handle: listSkus},
		{method: get, path: defaultsPath, grant: permissions("Policy.Read.All").as(deniedByPolicy), handle: getDefaults},
		{
			method: patch, path: defaultsPath, body: defaultsBody, handle: patchDefaults,
			grant: permissions("Policy.ReadWrite.SecurityDefaults", "Policy.ReadWrite.ConditionalAccess").and("Policy.Read.All").as(deniedByPolicy).role(policyAdmins),
		},
	}
}

// The service plan of Microsoft Entra ID P2 and the product that carries it (documented in
// the list of product names).
const (
	planP2 = "eec0eb4f-6444-4f95-aba0-50c24d67f998"
	skuP2  = "84a661c4-e949-4bd2-a560-ed7766fcaf2b"
)

func (c *call) organization() *document.Object {
	plans := []*document.Object{}
	if c.t.LicenceP2 {
		plans = append(plans, document.Of("assignedDateTime", c.t.CreatedAt, "capabilityStatus", "Enabled", "service", "AADPremiumService", "servicePlanId", planP2))
	}
	domain := document.Of("capabilities", "Email, OfficeCommunicationsOnline", "isDefault", true, "isInitial", true, "name", c.t.Domain, "type", "Managed")
	return document.Of("id", c.t.ID, "deletedDateTime", nil, "assignedPlans", plans, "businessPhones", []string{}, "city", nil, "country", nil, "countryLetterCode", "DE",
		"createdDateTime", c.t.CreatedAt, "displayName", c.t.DisplayName, "onPremisesSyncEnabled", nil, "postalCode", nil, "preferredLanguage", c.t.Language,
		"provisionedPlans", []string{}, "street", nil, "technicalNotificationMails", []string{}, "tenantType", "AAD", "verifiedDomains", []*document.Object{domain})
}

func listOrganization(c *call) (result, error) {
	return c.list(organizationType, []*document.Object{c.organization()})
}

func getOrganization(c *call) (result, error) {
	if c.vars["organization"] != c.t.ID {
		return result{}, directoryNotFound(c.vars["organization"])
	}
	return c.one(organizationType, c.organization())
}

func listSkus(c *call) (result, error) {
	var list []*document.Object
	if c.t.LicenceP2 {
		plan := document.Of("servicePlanId", planP2, "servicePlanName", "AAD_PREMIUM_P2", "provisioningStatus", "Success", "appliesTo", "User")
		units := document.Of("enabled", 25, "suspended", 0, "warning", 0, "lockedOut", 0)
		list = append(list, document.Of("accountName", c.t.DisplayName, "accountId", c.t.ID, "appliesTo", "User", "capabilityStatus", "Enabled", "consumedUnits", c.t.Users.Len(),
			"id", c.t.ID+"_"+skuP2, "skuId", skuP2, "skuPartNumber", "AAD_PREMIUM_P2", "prepaidUnits", units, "servicePlans", []*document.Object{plan}))
	}
	return c.list(skuType, list)
}

func getDefaults(c *call) (result, error) {
	r, err := c.one(defaultsType, document.Of("id", "00000000-0000-0000-0000-000000000005", "displayName", "Security Defaults",
		"description", "Security defaults is a set of basic identity security mechanisms recommended by Microsoft.", "isEnabled", c.t.SecurityDefaults))
	r.context = "policies/identitySecurityDefaultsEnforcementPolicy/$entity"
	return r, err
}

// patchDefaults refuses to turn the defaults on beside enabled Conditional Access policies
// (documented). What they demand of a sign-in is not modelled, so turning them on is not.
func patchDefaults(c *call) (result, error) {
	if c.body.Bool("isEnabled") {
		return result{}, unmodelled("security defaults that are on")
	}
	was := c.t.SecurityDefaults
	c.t.SecurityDefaults = false
	c.audit("Update security defaults", "Policy", "Conditional Access", store.AuditTarget{
		DisplayName: "Security Defaults", Type: "Policy",
		Modified: []store.AuditProperty{{Name: "isEnabled", Old: strconv.FormatBool(was), New: "false"}},
	})
	return noContent(), nil
}
