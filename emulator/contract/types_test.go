package contract_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// typedCall is a call that is no operation of the schema, and the type of the schema that its
// answer, or each element of it, has to be of.
type typedCall struct {
	method, path, body string
	of                 string
	as                 string // variable of the user
}

// TestTypesBeyondTheOperations holds calls that the published operations do not list against
// the published types that they answer.
func TestTypesBeyondTheOperations(t *testing.T) {
	x := newTour(t)
	group := x.anything(t, http.MethodPost, "/v1.0/groups", `{"displayName":"g","mailEnabled":false,"mailNickname":"g","securityEnabled":true,"members@odata.bind":["https://graph.microsoft.com/v1.0/users/{admin}"]}`)
	for _, c := range []typedCall{
		{path: "/v1.0/users/{admin}/authentication/fido2Methods", of: "fido2AuthenticationMethod"},
		{path: "/v1.0/users/{admin}/authentication/softwareOathMethods", of: "softwareOathAuthenticationMethod"},
		{path: "/v1.0/users/{admin}/authentication/passwordMethods", of: "passwordAuthenticationMethod"},
		{path: "/v1.0/users/{admin}/authentication/microsoftAuthenticatorMethods", of: "microsoftAuthenticatorAuthenticationMethod"},
		{path: "/v1.0/groups/" + group + "/members", of: "directoryObject"},
		{path: "/v1.0/groups/" + group + "/transitiveMembers", of: "directoryObject"},
		{path: "/v1.0/users/{admin}/memberOf", of: "directoryObject"},
		{path: "/v1.0/users/{admin}/transitiveMemberOf", of: "directoryObject"},
		{path: "/v1.0/servicePrincipals", of: "servicePrincipal"},
		{path: "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests/filterByCurrentUser(on='principal')", of: "unifiedRoleEligibilityScheduleRequest", as: "admin"},
		{method: http.MethodPost, path: "/v1.0/identity/conditionalAccess/evaluate", body: `{"signInIdentity":{"@odata.type":"#microsoft.graph.userSignIn","userId":"{admin}"},"signInContext":{"@odata.type":"#microsoft.graph.authContext","authenticationContextValue":"c1"},"signInConditions":{"clientAppType":"browser"}}`, of: "whatIfAnalysisResult--tagged"},
	} {
		t.Run(c.path, func(t *testing.T) { x.hold(t, c) })
	}
}

// anything makes an object with every permission and returns its id.
func (x *tour) anything(t *testing.T, method, path, body string) string {
	t.Helper()
	got := x.do(x.as("", everyPermission(t)...), method, path, x.fill(body))
	if got.answered.Code >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, got.answered.Code, got.answered.Body)
	}
	return got.answer(t).String("id")
}

func (x *tour) hold(t *testing.T, c typedCall) {
	if c.as != "" { // what a user has asked for
		x.anything(t, http.MethodPost, "/v1.0/roleManagement/directory/roleEligibilityScheduleRequests", `{"action":"adminAssign","justification":"j","roleDefinitionId":"{otherRole}","directoryScopeId":"/","principalId":"{admin}","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`)
	}
	method := c.method
	if method == "" {
		method = http.MethodGet
	}
	got := x.do(x.as(x.variables[c.as], everyPermission(t)...), method, x.fill(c.path), x.fill(c.body))
	if got.answered.Code != http.StatusOK {
		t.Fatalf("%d %s", got.answered.Code, got.answered.Body)
	}
	var answer struct{ Value []map[string]any }
	if err := json.Unmarshal(got.answered.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Value) == 0 {
		t.Fatal("an empty list: nothing was validated")
	}
	wanted := x.schema.document.Components.Schemas["microsoft.graph."+c.of]
	if wanted == nil {
		t.Fatalf("the published schema has no type %s", c.of)
	}
	for _, element := range answer.Value {
		if c.of == "whatIfAnalysisResult--tagged" { // a list of one type leaves it out, the schema has the type with it only
			element["@odata.type"] = "#microsoft.graph.whatIfAnalysisResult"
		}
		if err := wanted.Value.VisitJSON(element, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
			t.Errorf("%v is no %s: %s", element["id"], c.of, err)
		}
	}
}
