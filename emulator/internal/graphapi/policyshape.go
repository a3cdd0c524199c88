package graphapi

import (
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

const graphPrefix = "microsoft.graph."

var riskLevels = []string{"low", "medium", "high", "hidden", "none", "unknownFutureValue"}

var platforms = []string{"android", "iOS", "windows", "windowsPhone", "macOS", "all", "unknownFutureValue", "linux"}

// policyBody is a conditionalAccessPolicy as v1.0 takes it.
var policyBody = &bodyType{graphPrefix + "conditionalAccessPolicy", shape{
	"id": text, "templateId": text, "displayName": text, "description": text, "createdDateTime": moment, "modifiedDateTime": moment,
	"state": oneOf("enabled", "disabled", "enabledForReportingButNotEnforced"),
	"conditions": objectOf(graphPrefix+"conditionalAccessConditionSet", shape{
		"userRiskLevels": someOf(riskLevels...), "signInRiskLevels": someOf(riskLevels...), "servicePrincipalRiskLevels": someOf(riskLevels...),
		"insiderRiskLevels": flagsOf("minor", "moderate", "elevated", "unknownFutureValue"),
		"clientAppTypes":    someOf("all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "easSupported", "other", "unknownFutureValue"),
		"applications": objectOf(graphPrefix+"conditionalAccessApplications", shape{
			"includeApplications": texts, "excludeApplications": texts, "includeUserActions": texts,
			"includeAuthenticationContextClassReferences": texts, "applicationFilter": filterShape,
		}),
		"users": objectOf(graphPrefix+"conditionalAccessUsers", shape{
			"includeUsers": texts, "excludeUsers": texts, "includeGroups": texts, "excludeGroups": texts, "includeRoles": texts, "excludeRoles": texts,
			"includeGuestsOrExternalUsers": guestShape, "excludeGuestsOrExternalUsers": guestShape,
		}),
		"platforms": objectOf(graphPrefix+"conditionalAccessPlatforms", shape{"includePlatforms": someOf(platforms...), "excludePlatforms": someOf(platforms...)}),
		"locations": objectOf(graphPrefix+"conditionalAccessLocations", shape{"includeLocations": texts, "excludeLocations": texts}),
		"devices":   objectOf(graphPrefix+"conditionalAccessDevices", shape{"deviceFilter": filterShape}),
		"clientApplications": objectOf(graphPrefix+"conditionalAccessClientApplications", shape{
			"includeServicePrincipals": texts, "excludeServicePrincipals": texts, "servicePrincipalFilter": filterShape,
		}),
		"authenticationFlows": objectOf(graphPrefix+"conditionalAccessAuthenticationFlows", shape{"transferMethods": flagsOf("none", "deviceCodeFlow", "authenticationTransfer", "unknownFutureValue")}),
	}),
	"grantControls": objectOf(graphPrefix+"conditionalAccessGrantControls", shape{
		"operator":                    oneOf("AND", "OR"),
		"builtInControls":             someOf("block", "mfa", "compliantDevice", "domainJoinedDevice", "approvedApplication", "compliantApplication", "passwordChange", "unknownFutureValue", "riskRemediation"),
		"customAuthenticationFactors": texts, "termsOfUse": texts,
		"authenticationStrength": objectOf(strengthType.name, strengthBody.shape),
	}),
	"sessionControls": objectOf(graphPrefix+"conditionalAccessSessionControls", shape{
		"disableResilienceDefaults":       boolean,
		"applicationEnforcedRestrictions": objectOf(graphPrefix+"applicationEnforcedRestrictionsSessionControl", shape{"isEnabled": boolean}),
		"cloudAppSecurity":                objectOf(graphPrefix+"cloudAppSecuritySessionControl", shape{"isEnabled": boolean, "cloudAppSecurityType": oneOf("mcasConfigured", "monitorOnly", "blockDownloads", "unknownFutureValue")}),
		"persistentBrowser":               objectOf(graphPrefix+"persistentBrowserSessionControl", shape{"isEnabled": boolean, "mode": oneOf("always", "never")}),
		"secureSignInSession":             objectOf(graphPrefix+"secureSignInSessionControl", shape{"isEnabled": boolean}),
		"signInFrequency": objectOf(graphPrefix+"signInFrequencySessionControl", shape{
			"isEnabled": boolean, "type": oneOf("days", "hours"), "value": integer,
			"authenticationType": oneOf("primaryAndSecondaryAuthentication", "secondaryAuthentication", "unknownFutureValue"),
			"frequencyInterval":  oneOf("timeBased", "everyTime", "unknownFutureValue"),
		}),
	}),
}}

var filterShape = objectOf(graphPrefix+"conditionalAccessFilter", shape{"mode": oneOf("include", "exclude"), "rule": text})

var guestShape = objectOf(graphPrefix+"conditionalAccessGuestsOrExternalUsers", shape{
	"guestOrExternalUserTypes": flagsOf("none", "internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "b2bDirectConnectUser", "otherExternalUser", "serviceProvider", "unknownFutureValue"),
	"externalTenants": objectOf(graphPrefix+"conditionalAccessExternalTenants", shape{
		"membershipKind": oneOf("all", "enumerated", "unknownFutureValue"), "members": texts,
	}),
})

// lists fills an object with the lists of in, empty where they are missing or null.
func lists(in *document.Object, names ...string) *document.Object {
	out := &document.Object{}
	for _, n := range names {
		out.Set(n, in.Strings(n))
	}
	return out
}

// completeConditions writes the conditions with everything that was not set.
func completeConditions(in *document.Object) (*document.Object, error) {
	applications, users := in.Object("applications"), in.Object("users")
	if applications == nil || users == nil && in.Object("clientApplications") == nil {
		return nil, badRequest("1034: The policy must include applications and users.")
	}
	types := in.Strings("clientAppTypes")
	if len(types) == 0 {
		types = []string{"all"}
	}
	out := lists(in, "userRiskLevels", "signInRiskLevels").Set("clientAppTypes", types)
	out.Set("servicePrincipalRiskLevels", in.Strings("servicePrincipalRiskLevels")).Set("insiderRiskLevels", valueOf(in, "insiderRiskLevels"))
	out.Set("platforms", includeExclude(in, "platforms", "Platforms")).Set("locations", includeExclude(in, "locations", "Locations"))
	out.Set("devices", in.Object("devices"))
	out.Set("clientApplications", in.Object("clientApplications")).Set("authenticationFlows", in.Object("authenticationFlows"))
	a := lists(applications, "includeApplications", "excludeApplications", "includeUserActions", "includeAuthenticationContextClassReferences")
	out.Set("applications", a.Set("applicationFilter", applications.Object("applicationFilter")))
	u := lists(users, "includeUsers", "excludeUsers", "includeGroups", "excludeGroups", "includeRoles", "excludeRoles")
	u.Set("includeGuestsOrExternalUsers", users.Object("includeGuestsOrExternalUsers"))
	out.Set("users", u.Set("excludeGuestsOrExternalUsers", users.Object("excludeGuestsOrExternalUsers")))
	return out, checkTargets(a)
}

// includeExclude is null when the condition is not set.
func includeExclude(in *document.Object, condition, suffix string) *document.Object {
	if o := in.Object(condition); o != nil {
		return lists(o, "include"+suffix, "exclude"+suffix)
	}
	return nil
}

// checkTargets refuses a policy on nothing or on everything at once: apps, user actions and
// contexts exclude each other (documented).
func checkTargets(applications *document.Object) error {
	kinds := 0
	for _, name := range []string{"includeApplications", "includeUserActions", "includeAuthenticationContextClassReferences"} {
		if len(applications.Strings(name)) > 0 {
			kinds++
		}
	}
	if kinds != 1 {
		return badRequest("1034: The policy must include exactly one of applications, user actions and authentication contexts.")
	}
	return nil
}

// completeGrant writes the grant controls; a strength is expanded as the service does.
func (c *call) completeGrant(in *document.Object) (*document.Object, error) {
	if in == nil {
		return nil, nil
	}
	strength, err := c.strengthOf(in)
	if err != nil {
		return nil, err
	}
	operator := in.String("operator")
	if operator == "" {
		return nil, badRequest("The property 'operator' of grantControls is required.")
	}
	out := document.Of("operator", operator)
	for _, n := range []string{"builtInControls", "customAuthenticationFactors", "termsOfUse"} {
		out.Set(n, in.Strings(n))
	}
	if strength == nil && len(in.Strings("builtInControls"))+len(in.Strings("customAuthenticationFactors"))+len(in.Strings("termsOfUse")) == 0 {
		return nil, badRequest("1084: grantControls must have at least one control.")
	}
	return out.Set("authenticationStrength", strength), nil
}

// completeSession writes the session controls. Observed: a sign-in frequency without any
// value is a 400, and ineffectual controls read null.
func completeSession(in *document.Object) (*document.Object, error) {
	if in == nil {
		return nil, nil
	}
	out := document.Of("disableResilienceDefaults", valueOf(in, "disableResilienceDefaults"))
	effective := false
	for _, n := range []string{"applicationEnforcedRestrictions", "cloudAppSecurity", "persistentBrowser", "secureSignInSession"} {
		out.Set(n, in.Object(n))
		effective = effective || in.Object(n) != nil
	}
	frequency, err := completeFrequency(in.Object("signInFrequency"))
	if err != nil {
		return nil, err
	}
	out.Set("signInFrequency", frequency)
	if frequency == nil && !effective && !in.Bool("disableResilienceDefaults") {
		return nil, nil
	}
	return out, nil
}

// completeFrequency: type and value are null for everyTime (observed in live answers),
// and required for timeBased.
func completeFrequency(in *document.Object) (*document.Object, error) {
	if in == nil {
		return nil, nil
	}
	interval := in.String("frequencyInterval")
	if interval == "" {
		interval = "timeBased"
	}
	value, hasValue := in.Int("value")
	timed := in.String("type") != "" || hasValue
	switch {
	case interval == "everyTime" && timed && (value != 0 || in.String("type") != ""):
		return nil, badRequest("1129: signInFrequency type and value must not be set when frequencyInterval is everyTime.")
	case interval == "timeBased" && (in.String("type") == "" || value < 1):
		return nil, badRequest("1128: signInFrequency needs a type and a value of at least 1.")
	}
	authentication := in.String("authenticationType")
	if authentication == "" {
		authentication = "primaryAndSecondaryAuthentication"
	}
	out := document.Of("value", nil, "type", nil, "authenticationType", authentication, "frequencyInterval", interval, "isEnabled", in.Bool("isEnabled"))
	if interval == "timeBased" {
		out.Set("value", value).Set("type", in.String("type"))
	}
	return out, nil
}
