package graphapi_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// change is a call that is audited. Its path and body hold {admin}, {other} and the ids that
// earlier calls kept.
type change struct {
	method, path, body string
	as                 string // app
	keep               string
}

// changes go through everything that writes an audit row.
var changes = []change{
	{method: "POST", path: "/v1.0/users", body: `{"accountEnabled":true,"displayName":"n","mailNickname":"n","userPrincipalName":"n@contoso.example","passwordProfile":{"password":"x"}}`, keep: "user"},
	{method: "PATCH", path: "/v1.0/users/{user}", body: `{"jobTitle":"x"}`},
	{method: "POST", path: "/v1.0/users/{user}/revokeSignInSessions", body: `{}`},
	{method: "POST", path: "/v1.0/users/{user}/authentication/temporaryAccessPassMethods", body: `{}`, keep: "pass"},
	{method: "DELETE", path: "/v1.0/users/{user}/authentication/temporaryAccessPassMethods/{pass}"},
	{method: "GET", path: "/v1.0/users/{user}/authentication/fido2Methods/creationOptions"},
	{method: "DELETE", path: "/v1.0/users/{user}"},
	{method: "POST", path: "/v1.0/groups", body: `{"displayName":"g","mailNickname":"g","mailEnabled":false,"securityEnabled":true}`, keep: "group"},
	{method: "PATCH", path: "/v1.0/groups/{group}", body: `{"description":"x"}`},
	{method: "POST", path: "/v1.0/groups/{group}/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{other}"}`},
	{method: "DELETE", path: "/v1.0/groups/{group}/members/{other}/$ref"},
	{method: "POST", path: "/v1.0/groups/{group}/owners/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{other}"}`},
	{method: "POST", path: "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests", body: `{"accessId":"member","groupId":"{group}","principalId":"{admin}","action":"adminAssign","justification":"x","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`},
	{method: "POST", as: "admin", path: "/v1.0/identityGovernance/privilegedAccess/group/assignmentScheduleRequests", body: `{"accessId":"member","groupId":"{group}","principalId":"{admin}","action":"selfActivate","justification":"x","scheduleInfo":{"expiration":{"type":"afterDuration","duration":"PT5M"}}}`},
	{method: "POST", path: "/v1.0/directory/administrativeUnits", body: `{"displayName":"u"}`, keep: "unit"},
	{method: "POST", path: "/v1.0/directory/administrativeUnits/{unit}/members/$ref", body: `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/{other}"}`},
	{method: "DELETE", path: "/v1.0/directory/administrativeUnits/{unit}"},
	{method: "POST", path: "/v1.0/applications", body: `{"displayName":"a"}`, keep: "application"},
	{method: "POST", path: "/v1.0/servicePrincipals", body: `{"appId":"{application app}"}`},
	{method: "PATCH", path: "/v1.0/applications/{application}", body: `{"notes":"x"}`},
	{method: "POST", path: "/v1.0/applications/{application}/addPassword", body: `{}`},
	{method: "DELETE", path: "/v1.0/applications/{application}"},
	{method: "POST", path: "/v1.0/roleManagement/directory/roleDefinitions", body: `{"displayName":"r","rolePermissions":[{"allowedResourceActions":["microsoft.directory/users/basic/update"]}]}`, keep: "role"},
	{method: "PATCH", path: "/v1.0/roleManagement/directory/roleDefinitions/{role}", body: `{"description":"x"}`},
	{method: "DELETE", path: "/v1.0/roleManagement/directory/roleDefinitions/{role}"},
	{method: "POST", path: "/v1.0/policies/authenticationStrengthPolicies", body: `{"displayName":"s","allowedCombinations":["fido2"]}`, keep: "strength"},
	{method: "PATCH", path: "/v1.0/policies/authenticationStrengthPolicies/{strength}", body: `{"displayName":"t"}`},
	{method: "DELETE", path: "/v1.0/policies/authenticationStrengthPolicies/{strength}"},
	{method: "PATCH", path: "/v1.0/policies/authenticationMethodsPolicy", body: `{"reconfirmationInDays":1}`},
	{method: "POST", path: "/v1.0/identity/conditionalAccess/namedLocations", body: `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"c","countriesAndRegions":["AT"]}`, keep: "location"},
	{method: "PATCH", path: "/v1.0/identity/conditionalAccess/namedLocations/{location}", body: `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"d"}`},
	{method: "DELETE", path: "/v1.0/identity/conditionalAccess/namedLocations/{location}"},
	{method: "PATCH", path: "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", body: `{"isEnabled":false}`},
	{method: "PATCH", path: contexts + "/c5", body: `{"displayName":"x","isAvailable":false}`},
	{method: "PATCH", path: contexts + "/c5", body: `{"displayName":"y"}`},
	{method: "DELETE", path: contexts + "/c5"},
	{method: "PATCH", path: policies + "/{policy}", body: `{"state":"disabled"}`},
	{method: "DELETE", path: policies + "/{policy}"},
	{method: "POST", path: assignments, body: `{"action":"adminAssign","justification":"x","roleDefinitionId":"` + store.RoleUserAdministrator + `","directoryScopeId":"/","principalId":"{other}","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`},
	{method: "POST", path: eligibility, body: `{"action":"adminAssign","justification":"x","roleDefinitionId":"` + store.RoleUserAdministrator + `","directoryScopeId":"/","principalId":"{other}","scheduleInfo":{"expiration":{"type":"afterDuration","duration":"P30D"}}}`},
	{method: "POST", path: eligibility, body: `{"action":"adminRemove","roleDefinitionId":"` + applications + `","directoryScopeId":"/","principalId":"{admin}"}`},
	{method: "DELETE", path: "/v1.0/groups/{group}"},
}

// Every row that the tenant writes has a documented activity in its documented category.
func TestAuditedActivitiesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("testdata/activities.txt")
	if err != nil {
		t.Fatal(err)
	}
	documented := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(l string) bool { return strings.HasPrefix(l, "#") })
	l := newLab(t)
	ids := map[string]string{"policy": l.protect()}
	l.activateBothEnds()
	for _, c := range changes {
		l.apply(c, ids)
	}
	var written []string
	l.with(func(tenant *store.Tenant) {
		for _, row := range tenant.Audits {
			if name := row.Category + " | " + row.Activity; !slices.Contains(written, name) {
				written = append(written, name)
			}
		}
	})
	slices.Sort(written)
	for _, name := range written {
		if !slices.Contains(documented, name) {
			t.Errorf("%s is not documented", name)
		}
	}
	if diff := cmp.Diff(documented, written); diff != "" {
		t.Errorf("documented and written (-documented +written):\n%s", diff)
	}
}

// activateBothEnds activates twice: one activation is given back, one runs out.
func (l *lab) activateBothEnds() {
	l.t.Helper()
	for _, end := range []string{"deactivated", "run out"} {
		l.stepUp()
		if a := l.do("stepped-up", http.MethodPost, assignments, strings.Replace(selfActivate(l.admin), "PT5M", "PT30M", 1)); a.status != http.StatusCreated {
			l.t.Fatalf("activate: %s", pretty(a.body))
		}
		l.advance(6 * time.Minute)
		if end == "deactivated" {
			body := `{"action":"selfDeactivate","principalId":"` + l.admin + `","roleDefinitionId":"` + applications + `","directoryScopeId":"/"}`
			if a := l.do("admin", http.MethodPost, assignments, body); a.status != http.StatusCreated {
				l.t.Fatalf("deactivate: %s", pretty(a.body))
			}
		}
		l.advance(30 * time.Minute)
	}
}

func (l *lab) apply(c change, ids map[string]string) {
	l.t.Helper()
	fill := []string{"{admin}", l.admin, "{other}", l.other}
	for name, id := range ids {
		fill = append(fill, "{"+name+"}", id)
	}
	replace := strings.NewReplacer(fill...).Replace
	bearer := c.as
	if bearer == "" {
		bearer = "app"
	}
	a := l.do(bearer, c.method, replace(c.path), replace(c.body))
	if a.status >= http.StatusBadRequest {
		l.t.Fatalf("%s %s: %d %s", c.method, c.path, a.status, pretty(a.body))
	}
	if c.keep != "" {
		ids[c.keep], ids[c.keep+" app"] = a.body.String("id"), a.body.String("appId")
	}
	if strings.Contains(c.path, "assignmentScheduleRequests") { // let the membership run out
		l.advance(6 * time.Minute)
	}
}
