package contract_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// step is a call of one operation with the least permission that Microsoft documents for
// it. Its path and body hold variables in braces: what the tenant was filled with, and what
// earlier steps kept.
type step struct {
	operation string // of the schema
	path      string // without it, the operation's own path; {id} is filled from id
	id        string // variable that stands for {id}
	query     string
	body      string
	as        string // variable of the user; without one the application calls by itself
	status    int    // 200
	keep      string // variable that is the id of what came back: of the object, or of the first in the list
}

const directory = "/roleManagement/directory"

// steps are a tour of the whole schema, in an order in which each finds what it needs.
var steps = []step{
	{operation: "GET /me", as: "admin"},
	{operation: "GET /organization"},
	{operation: "GET /users"},
	{operation: "POST /users", status: 201, keep: "user", body: `{"accountEnabled":true,"displayName":"Nina New","mailNickname":"nina","userPrincipalName":"nina@{domain}","passwordProfile":{"password":"xWwvJ]6NMw+bWH-d","forceChangePasswordNextSignIn":false}}`},
	{operation: "GET /users/{id}", id: "user"},
	{operation: "POST /groups", status: 201, keep: "group", body: `{"displayName":"Helpdesk","description":"d","mailEnabled":false,"mailNickname":"helpdesk","securityEnabled":true}`},
	{operation: "GET /groups"},
	{operation: "GET /groups/{id}", id: "group"},

	{operation: "POST /identity/conditionalAccess/authenticationContextClassReferences", status: 201, body: `{"id":"c7","displayName":"Payroll","description":"d","isAvailable":false}`, keep: "context"},
	{operation: "GET /identity/conditionalAccess/authenticationContextClassReferences"},
	{operation: "GET /identity/conditionalAccess/authenticationContextClassReferences/{id}", id: "context"},
	{operation: "PATCH /identity/conditionalAccess/authenticationContextClassReferences/{id}", id: "context", status: 204, body: `{"displayName":"Payroll and pensions"}`},
	{operation: "DELETE /identity/conditionalAccess/authenticationContextClassReferences/{id}", id: "context", status: 204},

	{operation: "POST /identity/conditionalAccess/namedLocations", status: 201, keep: "country", body: `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"Alps","countriesAndRegions":["AT","CH"],"includeUnknownCountriesAndRegions":false}`},
	{operation: "POST /identity/conditionalAccess/namedLocations", status: 201, keep: "location", body: `{"@odata.type":"#microsoft.graph.ipNamedLocation","displayName":"Office","isTrusted":true,"ipRanges":[{"@odata.type":"#microsoft.graph.iPv4CidrRange","cidrAddress":"198.51.100.0/24"},{"@odata.type":"#microsoft.graph.iPv6CidrRange","cidrAddress":"2001:db8::/48"}]}`},
	{operation: "GET /identity/conditionalAccess/namedLocations"},
	{operation: "GET /identity/conditionalAccess/namedLocations/{id}", id: "location"},
	{operation: "PATCH /identity/conditionalAccess/namedLocations/{id}", id: "location", status: 204, body: `{"@odata.type":"#microsoft.graph.ipNamedLocation","isTrusted":false}`},

	{operation: "POST /policies/authenticationStrengthPolicies", status: 201, keep: "strength", body: `{"displayName":"Keys","description":"d","allowedCombinations":["fido2","password,softwareOath"]}`},
	{operation: "GET /policies/authenticationStrengthPolicies"},
	{operation: "GET /policies/authenticationStrengthPolicies/{id}", id: "strength"},
	{operation: "PATCH /policies/authenticationStrengthPolicies/{id}", id: "strength", status: 204, body: `{"displayName":"Keys and codes"}`},

	{operation: "POST /identity/conditionalAccess/policies", status: 201, keep: "policy", body: wholePolicy},
	{operation: "GET /identity/conditionalAccess/policies"},
	{operation: "GET /identity/conditionalAccess/policies/{id}", id: "policy"},
	{operation: "PATCH /identity/conditionalAccess/policies/{id}", id: "policy", status: 204, body: `{"state":"enabledForReportingButNotEnforced","conditions":{"signInRiskLevels":["high"]}}`},
	{operation: "DELETE /identity/conditionalAccess/policies/{id}", id: "policy", status: 204},
	{operation: "DELETE /policies/authenticationStrengthPolicies/{id}", id: "strength", status: 204},
	{operation: "DELETE /identity/conditionalAccess/namedLocations/{id}", id: "location", status: 204},

	{operation: "GET /policies/roleManagementPolicyAssignments", query: "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '{role}'&$expand=policy($expand=rules)", keep: "settingAssignment"},
	{operation: "GET /policies/roleManagementPolicyAssignments/{id}", id: "settingAssignment", query: "$expand=policy($expand=effectiveRules,rules)"},
	{operation: "GET /policies/roleManagementPolicies", query: "$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=rules", keep: "setting"},
	{operation: "GET /policies/roleManagementPolicies/{id}", id: "setting"},
	{operation: "GET /policies/roleManagementPolicies/{id}/rules", id: "setting"},
	{operation: "GET /policies/roleManagementPolicies/{id}/rules/{ruleId}", path: "/policies/roleManagementPolicies/{setting}/rules/Approval_EndUser_Assignment"},
	{operation: "PATCH /policies/roleManagementPolicies/{id}/rules/{ruleId}", path: "/policies/roleManagementPolicies/{setting}/rules/Expiration_EndUser_Assignment", status: 204, body: `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyExpirationRule","id":"Expiration_EndUser_Assignment","isExpirationRequired":true,"maximumDuration":"PT4H","target":{"caller":"EndUser","operations":["all"],"level":"Assignment","inheritableSettings":[],"enforcedSettings":[]}}`},

	{operation: "POST " + directory + "/roleEligibilityScheduleRequests", status: 201, keep: "eligibilityRequest", body: `{"action":"adminAssign","justification":"j","roleDefinitionId":"{otherRole}","directoryScopeId":"/","principalId":"{admin}","scheduleInfo":{"startDateTime":"2026-12-01T00:00:00Z","expiration":{"type":"afterDateTime","endDateTime":"2027-01-01T00:00:00Z"}}}`},
	{operation: "POST " + directory + "/roleEligibilityScheduleRequests", status: 201, body: `{"action":"adminAssign","justification":"j","roleDefinitionId":"{otherRole}","directoryScopeId":"/","principalId":"{group}","scheduleInfo":{"startDateTime":"2026-11-01T00:00:00Z","expiration":{"type":"noExpiration"}}}`},
	{operation: "GET " + directory + "/roleEligibilityScheduleRequests", query: "$expand=principal,roleDefinition"},
	{operation: "GET " + directory + "/roleEligibilityScheduleRequests/{id}", id: "eligibilityRequest"},
	{operation: "POST " + directory + "/roleEligibilityScheduleRequests/{id}/cancel", id: "eligibilityRequest", status: 204},
	{operation: "GET " + directory + "/roleEligibilitySchedules", query: "$expand=principal,roleDefinition,directoryScope,appScope", keep: "eligibility"},
	{operation: "GET " + directory + "/roleEligibilitySchedules/{id}", id: "eligibility"},
	{operation: "GET " + directory + "/roleEligibilitySchedules/filterByCurrentUser(on='{on}')", path: directory + "/roleEligibilitySchedules/filterByCurrentUser(on='principal')", as: "admin"},
	{operation: "GET " + directory + "/roleEligibilityScheduleInstances", query: "$expand=*", keep: "eligibilityInstance"},
	{operation: "GET " + directory + "/roleEligibilityScheduleInstances/{id}", id: "eligibilityInstance"},
	{operation: "GET " + directory + "/roleEligibilityScheduleInstances/filterByCurrentUser(on='{on}')", path: directory + "/roleEligibilityScheduleInstances/filterByCurrentUser(on='principal')", as: "admin"},

	{operation: "POST " + directory + "/roleAssignmentScheduleRequests", status: 201, as: "admin", keep: "activation", body: `{"action":"selfActivate","principalId":"{admin}","roleDefinitionId":"{role}","directoryScopeId":"/","justification":"j","scheduleInfo":{"startDateTime":"2026-11-23T09:00:00Z","expiration":{"type":"afterDuration","duration":"PT5M"}},"ticketInfo":{"ticketNumber":"1","ticketSystem":"s"}}`},
	{operation: "POST " + directory + "/roleAssignmentScheduleRequests", status: 201, keep: "assignmentRequest", body: `{"action":"adminAssign","justification":"j","roleDefinitionId":"{otherRole}","directoryScopeId":"/","principalId":"{user}","scheduleInfo":{"startDateTime":"2026-12-01T00:00:00Z","expiration":{"type":"noExpiration"}}}`},
	{operation: "GET " + directory + "/roleAssignmentScheduleRequests", query: "$expand=principal,roleDefinition,targetSchedule,activatedUsing"},
	{operation: "GET " + directory + "/roleAssignmentScheduleRequests/{id}", id: "activation"},
	{operation: "POST " + directory + "/roleAssignmentScheduleRequests/{id}/cancel", id: "assignmentRequest", status: 204},
	{operation: "GET " + directory + "/roleAssignmentSchedules", query: "$expand=principal,roleDefinition,activatedUsing", keep: "assignment"},
	{operation: "GET " + directory + "/roleAssignmentSchedules/{id}", id: "assignment"},
	{operation: "GET " + directory + "/roleAssignmentSchedules/filterByCurrentUser(on='{on}')", path: directory + "/roleAssignmentSchedules/filterByCurrentUser(on='principal')", as: "admin"},
	{operation: "GET " + directory + "/roleAssignmentScheduleInstances", query: "$expand=*", keep: "assignmentInstance"},
	{operation: "GET " + directory + "/roleAssignmentScheduleInstances/{id}", id: "assignmentInstance"},
	{operation: "GET " + directory + "/roleAssignmentScheduleInstances/filterByCurrentUser(on='{on}')", path: directory + "/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')", as: "admin"},
	{operation: "GET " + directory + "/roleAssignments", query: "$expand=principal", keep: "roleAssignment"},
	{operation: "GET " + directory + "/roleAssignments/{id}", id: "roleAssignment"},
	{operation: "GET " + directory + "/roleDefinitions"},
	{operation: "GET " + directory + "/roleDefinitions/{id}", id: "role"},
	{operation: "GET /directoryRoles"},

	{operation: "POST /users/{id}/authentication/temporaryAccessPassMethods", id: "user", status: 201, keep: "pass", body: `{"startDateTime":"2026-11-24T09:00:00Z","lifetimeInMinutes":60,"isUsableOnce":true}`},
	{operation: "GET /users/{id}/authentication/temporaryAccessPassMethods", id: "user"},
	{operation: "GET /users/{id}/authentication/methods", id: "user"},
	{operation: "GET /users/{id}/authentication/methods", id: "admin"},
	{operation: "DELETE /users/{id}/authentication/temporaryAccessPassMethods/{mid}", path: "/users/{user}/authentication/temporaryAccessPassMethods/{pass}", status: 204},

	{operation: "GET /auditLogs/signIns", keep: "signIn"},
	{operation: "GET /auditLogs/signIns/{id}", id: "signIn"},
	{operation: "GET /auditLogs/directoryAudits", keep: "audit"},
	{operation: "GET /auditLogs/directoryAudits/{id}", id: "audit"},
}

// wholePolicy sets every condition and control that a policy can have.
const wholePolicy = `{"displayName":"Everything at once","state":"disabled","conditions":{
 "userRiskLevels":["high"],"signInRiskLevels":["medium"],"clientAppTypes":["browser"],
 "applications":{"includeApplications":["All"],"excludeApplications":["00000003-0000-0ff1-ce00-000000000000"],"applicationFilter":{"mode":"include","rule":"CustomSecurityAttribute.a_b -eq \"c\""}},
 "users":{"includeUsers":["{admin}"],"excludeGroups":["{group}"],"includeRoles":["{role}"],
  "excludeGuestsOrExternalUsers":{"guestOrExternalUserTypes":"internalGuest,b2bCollaborationGuest","externalTenants":{"@odata.type":"#microsoft.graph.conditionalAccessEnumeratedExternalTenants","membershipKind":"enumerated","members":["4be371f7-2bfc-4ab6-a1e9-a14d26d9f6a0"]}}},
 "platforms":{"includePlatforms":["all"],"excludePlatforms":["iOS"]},"locations":{"includeLocations":["All"],"excludeLocations":["{location}"]},
 "devices":{"deviceFilter":{"mode":"exclude","rule":"device.isCompliant -eq True"}},"authenticationFlows":{"transferMethods":"deviceCodeFlow"}},
 "grantControls":{"operator":"AND","builtInControls":["compliantDevice"],"customAuthenticationFactors":[],"termsOfUse":[],"authenticationStrength":{"id":"{strength}"}},
 "sessionControls":{"applicationEnforcedRestrictions":{"isEnabled":true},"cloudAppSecurity":{"isEnabled":true,"cloudAppSecurityType":"monitorOnly"},
  "persistentBrowser":{"isEnabled":true,"mode":"never"},"signInFrequency":{"isEnabled":true,"authenticationType":"secondaryAuthentication","frequencyInterval":"timeBased","type":"hours","value":4}}}`

// tour is a tenant under the schema's eyes.
type tour struct {
	*tenant
	schema    *schema
	least     map[string]least
	variables map[string]string
	answered  map[string]bool // operations
}

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newTour(t *testing.T) *tour {
	t.Helper()
	x := &tour{schema: newSchema(t), least: leastPermissions(t), answered: map[string]bool{}}
	var facts provision.Facts
	x.tenant = newTenant(t, start, func(tenant *store.Tenant) error {
		facts = provision.Fill(tenant)
		return provision.Sample(tenant, facts)
	})
	x.variables = map[string]string{
		"admin": facts.AdminID, "domain": facts.Domain,
		"role": store.RoleApplicationAdministrator, "otherRole": store.RoleUserAdministrator,
	}
	x.with(func(tenant *store.Tenant) { enrich(tenant, facts) })
	return x
}

// enrich adds what no operation of the schema makes: a row of the sign-in log, methods that
// are registered elsewhere.
func enrich(tenant *store.Tenant, facts provision.Facts) {
	admin, _ := tenant.Users.Get(facts.AdminID)
	admin.Push = &store.PushDevice{ID: tenant.NewID(), DisplayName: "Pixel 9", CreatedAt: tenant.Now()}
	admin.Passkeys = []*store.Passkey{{ID: "credential", CredentialID: []byte("credential"), AAGUID: make([]byte, 16), DisplayName: "Key", Attestation: "attested", CreatedAt: tenant.Now()}}
	tenant.AddSignIn(&store.SignInRow{
		UserID: admin.ID, UserPrincipalName: admin.UPN, UserDisplayName: admin.DisplayName, AppID: facts.HarnessID, IsInteractive: true,
		SignInEventTypes: []string{"interactiveUser"}, ConditionalAccessStatus: "success", CorrelationID: tenant.NewID(), IPAddress: "127.0.0.1",
		AuthenticationContexts: []store.ContextDetail{{ID: "c1", Detail: "required"}}, SessionLifetimePolicies: []store.LifetimeDetail{{Requirement: "signInFrequencyEveryTime"}},
		AppliedPolicies: []store.AppliedPolicy{{ID: tenant.NewID(), DisplayName: "p", Result: "success", GrantControls: []string{"mfa"}, SessionControls: []string{"signInFrequency"}}},
	})
}

var braces = regexp.MustCompile(`\{([a-zA-Z]+)\}`)

// fill puts variables in. A name that is none stays: it is JSON.
func (x *tour) fill(text string) string {
	return braces.ReplaceAllStringFunc(text, func(name string) string {
		if v, ok := x.variables[strings.Trim(name, "{}")]; ok {
			return v
		}
		return name
	})
}

func (x *tour) run(t *testing.T, s step) {
	t.Helper()
	method, path, _ := strings.Cut(s.operation, " ")
	if s.path != "" {
		path = s.path
	}
	path = "/v1.0" + x.fill(strings.ReplaceAll(path, "{id}", "{"+s.id+"}"))
	if s.query != "" {
		path += "?" + x.fill(s.query)
	}
	needs := x.least[anonymous(s.operation)]
	permissions := needs.application
	if s.as != "" {
		permissions = needs.delegated
	}
	if len(permissions) == 0 {
		t.Fatalf("%s: no documented permission is known for this caller", s.operation)
	}
	x.refuses(t, s, method, path)
	got := x.do(x.as(x.variables[s.as], permissions...), method, path, x.fill(s.body))
	want := s.status
	if want == 0 {
		want = http.StatusOK
	}
	if got.answered.Code != want {
		t.Fatalf("%s with %v: status %d, want %d: %s", s.operation, permissions, got.answered.Code, want, got.answered.Body)
	}
	x.judge(t, s, got, true)
	x.answered[s.operation] = true
	x.keep(t, s, got)
}

// refuses sends the same request without a token, and with one that has another permission.
func (x *tour) refuses(t *testing.T, s step, method, path string) {
	t.Helper()
	for bearer, want := range map[string]int{"": http.StatusUnauthorized, x.as(x.variables[s.as], "Mail.Read"): http.StatusForbidden} {
		got := x.do(bearer, method, path, x.fill(s.body))
		if got.answered.Code != want {
			t.Errorf("%s with bearer %q: status %d, want %d", s.operation, bearer, got.answered.Code, want)
		}
		x.judge(t, s, got, true)
	}
}

func (x *tour) judge(t *testing.T, s step, got exchange, requestToo bool) {
	t.Helper()
	operation, err := x.schema.judge(got, requestToo)
	if err != nil {
		t.Errorf("%s: %v\n%.300s", s.operation, err, got.answered.Body)
	}
	if err == nil && operation != s.operation {
		t.Errorf("%s was taken for %s", s.operation, operation)
	}
}

func (x *tour) keep(t *testing.T, s step, got exchange) {
	t.Helper()
	o := got.answer(t)
	if _, isList := o.Get("value"); isList {
		list := values(o)
		if len(list) == 0 {
			t.Fatalf("%s answered an empty list: nothing was validated", s.operation)
		}
		o = list[0]
	}
	if s.keep == "" {
		return
	}
	if x.variables[s.keep] = o.String("id"); x.variables[s.keep] == "" {
		t.Fatalf("%s: no id to keep in %s", s.operation, got.answered.Body)
	}
}

// TestEveryOperation goes through all operations of the schema: each is refused without a
// token and without its permission, and answered with the least one; requests and answers
// validate, those of the refusals too.
func TestEveryOperation(t *testing.T) {
	x := newTour(t)
	for _, s := range steps {
		x.run(t, s)
	}
	var missed []string
	for _, operation := range x.schema.operations() {
		if !x.answered[operation] {
			missed = append(missed, operation)
		}
	}
	if diff := cmp.Diff([]string(nil), missed); diff != "" {
		t.Errorf("operations of the schema that nobody called:\n%s", diff)
	}
	if len(x.answered) != publishedOperations {
		t.Errorf("%d operations were answered, want %d", len(x.answered), publishedOperations)
	}
}

// publishedOperations is how many operations the published subset has.
const publishedOperations = 68

var _ = document.Object{}
