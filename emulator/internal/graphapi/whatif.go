package graphapi

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// whatIfType is a policy with what the evaluation says of it. The shape is observed: no
// metadata of v1.0 has it yet.
var whatIfType = &entity{name: "microsoft.graph.whatIfAnalysisResult", properties: append(slices.Clone(policyType.properties), "policyApplies", "analysisReasons")}

var whatIfBody = &bodyType{"evaluate", shape{
	"signInIdentity": objectOf(graphPrefix+"signInIdentity", shape{"userId": text, "servicePrincipalId": text, "externalTenantId": text, "externalUserType": text}),
	"signInContext": objectOf(graphPrefix+"signInContext", shape{
		"includeApplications": texts, "userAction": oneOf("registerSecurityInformation", "registerOrJoinDevices", "unknownFutureValue"), "authenticationContextValue": text,
	}),
	"signInConditions": objectOf(graphPrefix+"signInConditions", shape{
		"devicePlatform": oneOf(platforms...), "clientAppType": oneOf("all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "easSupported", "other"),
		"signInRiskLevel": oneOf(riskLevels...), "userRiskLevel": oneOf(riskLevels...), "servicePrincipalRiskLevel": oneOf(riskLevels...),
		"insiderRiskLevel": oneOf("none", "minor", "moderate", "elevated", "unknownFutureValue"), "country": text, "ipAddress": text,
		"deviceInfo":         objectOf(graphPrefix+"deviceInfo", shape{"deviceId": text, "isCompliant": boolean, "trustType": text, "operatingSystem": text}),
		"authenticationFlow": objectOf(graphPrefix+"authenticationFlow", shape{"transferMethod": oneOf("none", "deviceCodeFlow", "authenticationTransfer")}),
	}),
	"appliedPoliciesOnly": boolean,
}}

func whatIfOperations() []*operation {
	read := permissions("Policy.Read.ConditionalAccess", "Policy.Read.All").as(deniedByPolicy)
	return []*operation{{method: post, path: "/identity/conditionalAccess/evaluate", versions: both, grant: read, body: whatIfBody, handle: evaluate}}
}

// evaluate says which policies would apply to a sign-in. It looks at the policies as
// written, not at those in effect yet, and says nothing about prompts.
func evaluate(c *call) (result, error) {
	in, err := c.whatIf()
	if err != nil {
		return result{}, err
	}
	stored := c.t.Policies.List()
	var policies []conditionalaccess.Policy
	for _, p := range stored {
		parsed, err := conditionalaccess.Parse(p.Raw)
		if err != nil {
			return result{}, err
		}
		policies = append(policies, parsed)
	}
	var list []*document.Object
	for i, row := range conditionalaccess.Evaluate(in, policies).Applied {
		applies := row.Result != conditionalaccess.NotEnabled && row.Why == ""
		if applies || !c.body.Bool("appliedPoliciesOnly") {
			o := document.MustParse(stored[i].Raw)
			list = append(list, o.Set("policyApplies", applies).Set("analysisReasons", reason(row, in)))
		}
	}
	r, err := c.list(whatIfType, list)
	r.context = "Collection(" + whatIfType.name + ")"
	return r, err
}

// reason names the condition that keeps a policy from applying.
func reason(row conditionalaccess.AppliedPolicy, in conditionalaccess.SignIn) string {
	if row.Result == conditionalaccess.NotEnabled {
		return "policyNotEnabled"
	}
	if row.Why == "application" && len(in.Contexts) > 0 {
		return "authenticationContext"
	}
	return map[string]string{
		"": "notSet", "users": "users", "application": "application", "clientApp": "clientApps", "platform": "platforms",
		"location": "location", "device": "devices", "risk": "signInRisk", "flow": "authenticationFlow",
	}[row.Why]
}

// whatIf reads the sign-in that is asked about.
func (c *call) whatIf() (conditionalaccess.SignIn, error) {
	u, ok := findUser(c.t, c.body.Object("signInIdentity").String("userId"))
	if !ok {
		return conditionalaccess.SignIn{}, badRequest("The property 'signInIdentity/userId' must name a user.")
	}
	asked, conditions := c.body.Object("signInContext"), c.body.Object("signInConditions")
	in := conditionalaccess.SignIn{
		UserID: u.ID, GroupIDs: c.t.GroupsAt(u.ID, c.now), RoleIDs: c.t.RolesOf(u.ID, c.now), Guest: u.GuestType, Now: c.now,
		ResourceIDs: asked.Strings("includeApplications"), UserAction: userActions[asked.String("userAction")],
		ClientAppType: conditions.String("clientAppType"), Platform: conditions.String("devicePlatform"),
		SignInRisk: conditions.String("signInRiskLevel"), UserRisk: conditions.String("userRiskLevel"), InsiderRisk: conditions.String("insiderRiskLevel"),
		TransferMethod: conditions.Object("authenticationFlow").String("transferMethod"),
	}
	if id := asked.String("authenticationContextValue"); id != "" {
		in.Contexts = []string{strings.ToLower(id)}
	}
	if len(in.ResourceIDs) == 0 && in.UserAction == "" && len(in.Contexts) == 0 {
		return in, badRequest("The property 'signInContext' is required.")
	}
	if d := conditions.Object("deviceInfo"); d != nil {
		in.Device = conditionalaccess.Device{ID: d.String("deviceId"), Compliant: d.Bool("isCompliant"), HybridJoined: strings.EqualFold(d.String("trustType"), "ServerAD")}
	}
	in.LocationIDs, in.LocationTrusted = locationsOf(c.t, conditions.String("ipAddress"))
	return in, nil
}

var userActions = map[string]string{
	"registerSecurityInformation": "urn:user:registersecurityinfo",
	"registerOrJoinDevices":       "urn:user:registerdevice",
}

// locationsOf names the locations that hold the address.
func locationsOf(t *store.Tenant, address string) (ids []string, trusted bool) {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return nil, false
	}
	for _, l := range t.NamedLocations.List() {
		if slices.ContainsFunc(l.Ranges, func(r string) bool { p, err := netip.ParsePrefix(r); return err == nil && p.Contains(ip) }) {
			ids, trusted = append(ids, l.ID), trusted || l.Trusted
		}
	}
	return ids, trusted
}
