package graphapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// refusal is one request that the service refuses, and how.
type refusal struct {
	name    string
	bearer  string // app
	method  string // GET
	path    string
	body    string
	status  int
	code    string
	message string // part of it
	ifMatch string
	allow   string // of the answer; not compared when empty
}

func (r refusal) run(t *testing.T) {
	l := newLab(t)
	policy := l.protect()
	changed := l.tokens["app"]
	changed.Audience = "https://management.azure.com"
	l.tokens["for another service"] = changed
	changed = l.tokens["app"]
	changed.Expires = start.Add(-time.Minute)
	l.tokens["expired"] = changed
	changed = l.tokens["app"]
	changed.NotBefore = start.Add(time.Hour)
	l.tokens["of the future"] = changed
	changed = l.tokens["app"]
	changed.TenantID = "another"
	l.tokens["of another tenant"] = changed
	changed = l.tokens["app"]
	changed.Roles = []string{"User.Read.All"}
	l.tokens["poor app"] = changed
	changed = l.tokens["admin"]
	changed.Scopes = strings.Fields(everything)
	l.tokens["rich admin"] = changed

	bearer, method := r.bearer, r.method
	if bearer == "" {
		bearer = "app"
	}
	if method == "" {
		method = http.MethodGet
	}
	if bearer == "(none)" {
		bearer = ""
	}
	header := map[string]string{}
	if r.ifMatch != "" {
		header["If-Match"] = r.ifMatch
	}
	got := l.doWith(header, bearer, method, strings.NewReplacer("{admin}", l.admin, "{policy}", policy).Replace(r.path), strings.ReplaceAll(r.body, "{admin}", l.admin))
	if got.status != r.status || got.code() != r.code || !strings.Contains(got.message(), r.message) {
		t.Errorf("answered %d %s; want %d %s with %q", got.status, pretty(got.body), r.status, r.code, r.message)
	}
	if allow := got.header.Get("Allow"); r.allow != "" && allow != r.allow {
		t.Errorf("Allow: %q, want %q", allow, r.allow)
	}
}

func TestRefusals(t *testing.T) {
	const (
		context = `{"displayName":"x","isAvailable":true}`
		invalid = "InvalidAuthenticationToken"
	)
	policy := func(conditions, grant, session string) string {
		return `{"displayName":"p","state":"disabled","conditions":{` + conditions + `},"grantControls":` + grant + `,"sessionControls":` + session + `}`
	}
	const whom, what, mfa = `"users":{"includeUsers":["All"]}`, `"applications":{"includeApplications":["All"]}`, `{"operator":"OR","builtInControls":["mfa"]}`
	for _, r := range []refusal{
		{name: "no token", bearer: "(none)", path: policies, status: 401, code: invalid, message: "empty"},
		{name: "a forged token", bearer: "forged", path: policies, status: 401, code: invalid},
		{name: "a token for another service", bearer: "for another service", path: policies, status: 401, code: invalid, message: "audience"},
		{name: "an expired token", bearer: "expired", path: policies, status: 401, code: invalid, message: "expired"},
		{name: "a token that is not valid yet", bearer: "of the future", path: policies, status: 401, code: invalid, message: "not yet valid"},
		{name: "a token of a tenant that is gone", bearer: "of another tenant", path: policies, status: 401, code: invalid},
		{name: "an application that asks who it is", path: "/v1.0/me", status: 400, code: "BadRequest", message: "delegated"},
		{name: "an application without the permission", bearer: "poor app", path: policies, status: 403, code: "AccessDenied"},
		{name: "PIM without the permission", bearer: "poor app", path: assignments, status: 403, code: "PermissionScopeNotGranted", message: "RoleAssignmentSchedule.ReadWrite.Directory"},
		{name: "the directory without the permission", bearer: "poor app", path: "/v1.0/groups", status: 403, code: "Authorization_RequestDenied"},
		{name: "an admin with the scope and without the role", bearer: "rich admin", method: "PATCH", path: contexts + "/c2", body: context, status: 403, code: "AccessDenied"},
		{name: "the sign-in log without a reader's role", bearer: "admin", path: "/beta/auditLogs/signIns", status: 403, code: "Authorization_RequestDenied"},
		{name: "another version", path: "/v2.0/users", status: 400, code: "BadRequest", message: "version"},
		{name: "an operation without model", path: "/v1.0/devices", status: 501, code: "NotImplemented"},
		{name: "a collection cannot be replaced", method: "PUT", path: "/v1.0/groups", body: `{}`, status: 405, code: "Request_BadRequest", message: "method is not allowed", allow: "GET, POST"},
		{name: "a collection cannot be deleted", method: "DELETE", path: policies, status: 405, code: "Request_BadRequest", message: "method is not allowed", allow: "GET, POST"},
		{name: "an object cannot be added to", method: "POST", path: contexts + "/c1", body: context, status: 405, code: "Request_BadRequest", message: "method is not allowed", allow: "DELETE, GET, PATCH"},
		{name: "a method that is none", method: "BREW", path: "/v1.0/users", status: 405, code: "Request_BadRequest", message: "method is not allowed"},
		{name: "an action of a collection without model", method: "POST", path: "/v1.0/users/validateProperties", body: `{}`, status: 501, code: "NotImplemented"},
		{name: "a method that the real service may have", method: "PATCH", path: "/v1.0/me", body: `{}`, status: 501, code: "NotImplemented"},
		{name: "any method of a path without model", method: "PUT", path: "/v1.0/devices", body: `{}`, status: 501, code: "NotImplemented"},
		{name: "beta of an operation that is modelled in v1.0 only", path: "/beta/users", status: 501, code: "NotImplemented"},
		{name: "a user who is not there", path: "/v1.0/users/nobody", status: 404, code: "Request_ResourceNotFound", message: "Resource 'nobody' does not exist"},
		{name: "a policy that is not there", path: policies + "/nothing", status: 404, code: "ResourceNotFound"},
		{name: "a context that is not there", path: contexts + "/c9", status: 404, code: "ResourceNotFound"},
		{name: "a context out of range", method: "PATCH", path: contexts + "/c100", body: context, status: 400, code: "BadRequest", message: "c1 and c99"},
		{name: "a context that is there already", method: "POST", path: contexts, body: `{"id":"c1","displayName":"x"}`, status: 409, code: "Conflict", message: "already exists"},
		{name: "a second service principal", method: "POST", path: "/v1.0/servicePrincipals", body: `{"appId":"fixtures"}`, status: 409, code: "Request_MultipleObjectsWithSameKeyValue", message: "fixtures"},
		{name: "a service principal of nothing", method: "POST", path: "/v1.0/servicePrincipals", body: `{"appId":"nothing"}`, status: 400, code: "Request_BadRequest", message: "'nothing'"},
		{name: "a user name that is taken", method: "POST", path: "/v1.0/users", body: `{"accountEnabled":true,"displayName":"x","mailNickname":"x","userPrincipalName":"admin@contoso.example","passwordProfile":{"password":"x"}}`, status: 400, code: "Request_BadRequest", message: "userPrincipalName already exists"},
		{name: "a stale etag", method: "PATCH", ifMatch: `W/"1"`, path: contexts + "/c1", body: context, status: 412, code: "resourceModified", message: `W/"1"`},
		{name: "a stale etag on a deletion", method: "DELETE", ifMatch: `"x"`, path: policies + "/{policy}", status: 412, code: "resourceModified", message: `"x"`},
		{name: "an application that is not there", path: "/v1.0/applications(appId='x')", status: 404, code: "Request_ResourceNotFound", message: "x"},
		{name: "a redirect that is relative", method: "POST", path: "/v1.0/applications", body: `{"displayName":"x","web":{"redirectUris":["/signin"]}}`, status: 400, code: "Request_BadRequest", message: "'/signin'"},
		{name: "an audience that is none", method: "POST", path: "/v1.0/applications", body: `{"displayName":"x","signInAudience":"Everybody"}`, status: 400, code: "BadRequest", message: "'signInAudience'"},
		{name: "a method that is none", path: "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Smoke", status: 404, code: "ResourceNotFound", message: "Smoke"},
		{name: "a configuration of another type", method: "PATCH", path: "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Sms", body: `{"@odata.type":"#microsoft.graph.fido2AuthenticationMethodConfiguration","state":"enabled"}`, status: 400, code: "BadRequest", message: "smsAuthenticationMethodConfiguration"},
		{name: "a property of another configuration", method: "PATCH", path: "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/Sms", body: `{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","isAttestationEnforced":true}`, status: 400, code: "BadRequest", message: "isAttestationEnforced"},
		{name: "requests by a wrong word", path: assignments + "/filterByCurrentUser(on='nobody')", status: 400, code: "BadRequest", message: "nobody"},
		{name: "deleting a published context", method: "DELETE", path: contexts + "/c1", status: 403, code: "Forbidden"},
		{name: "a filter that cannot be read", path: policies + "?$filter=displayName like 'x'", status: 400, code: "BadRequest", message: "Invalid filter clause"},
		{name: "a filter on a property that is none", path: policies + "?$filter=colour eq 'red'", status: 400, code: "BadRequest", message: "Could not find a property named 'colour' on type 'microsoft.graph.conditionalAccessPolicy'"},
		{name: "a beta property in v1.0", path: "/v1.0/auditLogs/signIns?$filter=signInEventTypes/any(t: t eq 'interactiveUser')", status: 400, code: "BadRequest", message: "'signInEventTypes'"},
		{name: "selecting what is none", path: "/v1.0/users?$select=colour", status: 400, code: "BadRequest", message: "'colour'"},
		{name: "expanding what is none", path: policies + "?$expand=rules", status: 400, code: "BadRequest", message: "'rules'"},
		{name: "an option that is none", path: policies + "?$apply=x", status: 400, code: "BadRequest", message: "'$apply'"},
		{name: "role settings without a filter", path: "/v1.0/policies/roleManagementPolicyAssignments", status: 400, code: "BadRequest", message: "$filter"},
		{name: "no body", method: "POST", path: policies, status: 400, code: "BadRequest", message: "Empty Payload"},
		{name: "a body that is no JSON", method: "POST", path: policies, body: `{"displayName":`, status: 400, code: "BadRequest", message: "JSON"},
		{name: "a property that is none", method: "PATCH", path: contexts + "/c2", body: `{"colour":"red"}`, status: 400, code: "BadRequest", message: "'colour'"},
		{name: "a nested property that is none", method: "POST", path: policies, body: policy(whom+`,"weather":1,`+what, mfa, "null"), status: 400, code: "BadRequest", message: "'conditions/weather'"},
		{name: "a text for a boolean", method: "PATCH", path: contexts + "/c2", body: `{"isAvailable":"true"}`, status: 400, code: "BadRequest", message: "Edm.Boolean"},
		{name: "a state that is none", method: "POST", path: policies, body: strings.Replace(policy(whom+","+what, mfa, "null"), "disabled", "on", 1), status: 400, code: "BadRequest", message: "'state'"},
		{name: "a policy without controls", method: "POST", path: policies, body: policy(whom+","+what, "null", "null"), status: 400, code: "BadRequest", message: "grantControls or sessionControls"},
		{name: "a policy on nothing", method: "POST", path: policies, body: policy(whom+`,"applications":{"includeApplications":[]}`, mfa, "null"), status: 400, code: "BadRequest", message: "exactly one"},
		{name: "a policy on apps and a context", method: "POST", path: policies, body: policy(whom+`,"applications":{"includeApplications":["All"],"includeAuthenticationContextClassReferences":["c1"]}`, mfa, "null"), status: 400, code: "BadRequest", message: "exactly one"},
		{name: "a policy on a context that is not there", method: "POST", path: policies, body: policy(whom+`,"applications":{"includeApplications":[],"includeAuthenticationContextClassReferences":["c7"]}`, mfa, "null"), status: 400, code: "BadRequest", message: "authentication context 'c7'"},
		{name: "a policy for a user who is not there", method: "POST", path: policies, body: policy(`"users":{"includeUsers":["nobody"]},`+what, mfa, "null"), status: 400, code: "BadRequest", message: "user 'nobody'"},
		{name: "an all-zero frequency", method: "POST", path: policies, body: policy(whom+","+what, "null", `{"signInFrequency":{"isEnabled":true}}`), status: 400, code: "BadRequest", message: "signInFrequency"},
		{name: "every time with a period", method: "POST", path: policies, body: policy(whom+","+what, "null", `{"signInFrequency":{"isEnabled":true,"frequencyInterval":"everyTime","type":"hours","value":1}}`), status: 400, code: "BadRequest", message: "everyTime"},
		{name: "a strength beside MFA", method: "POST", path: policies, body: policy(whom+","+what, `{"operator":"AND","builtInControls":["mfa"],"authenticationStrength":{"id":"`+store.StrengthMFA+`"}}`, "null"), status: 400, code: "BadRequest", message: "authentication strength"},
		{name: "changing a built-in strength", method: "PATCH", path: "/v1.0/policies/authenticationStrengthPolicies/" + store.StrengthMFA, body: `{"displayName":"x"}`, status: 400, code: "BadRequest"},
		{name: "deleting a built-in role", method: "DELETE", path: "/v1.0/roleManagement/directory/roleDefinitions/" + applications, status: 400, code: "Request_BadRequest"},
		{name: "a pass of five minutes", method: "POST", path: "/v1.0/users/{admin}/authentication/temporaryAccessPassMethods", body: `{"lifetimeInMinutes":5}`, status: 400, code: "BadRequest", message: "43200"},
		{name: "a user of another domain", method: "POST", path: "/v1.0/users", body: `{"accountEnabled":true,"displayName":"x","mailNickname":"x","userPrincipalName":"x@elsewhere.example","passwordProfile":{"password":"x"}}`, status: 400, code: "Request_BadRequest", message: "domain"},
	} {
		t.Run(r.name, r.run)
	}
}

func TestAnyEtagMatchesTheAsterisk(t *testing.T) {
	l := newLab(t)
	policy := l.protect()
	if a := l.doWith(map[string]string{"If-Match": "*"}, "app", http.MethodDelete, policies+"/"+policy, ""); a.status != http.StatusNoContent {
		t.Errorf("If-Match *: %d %s", a.status, pretty(a.body))
	}
}

func TestErrorEnvelope(t *testing.T) {
	l := newLab(t)
	r := httptest.NewRequest(http.MethodGet, "https://graph.microsoft.com"+policies+"/nothing", nil)
	r.Header.Set("Authorization", "Bearer app")
	r.Header.Set("client-request-id", "mine")
	got := l.send(r)
	inner := got.body.Object("error").Object("innerError")
	if inner.String("client-request-id") != "mine" || got.header.Get("client-request-id") != "mine" {
		t.Errorf("the client's request id is lost: %s", pretty(got.body))
	}
	if id := inner.String("request-id"); id == "" || id != got.header.Get("request-id") {
		t.Errorf("request-id %q in the body, %q in the header", id, got.header.Get("request-id"))
	}
	if inner.String("date") != "2026-11-23T09:00:00" {
		t.Errorf("date %q is not the tenant's time", inner.String("date"))
	}
}

func TestChallengeOfA401(t *testing.T) {
	got := newLab(t).do("", http.MethodGet, policies, "")
	if h := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(h, `Bearer realm=""`) {
		t.Errorf("WWW-Authenticate: %q", h)
	}
}

func TestAReadPermissionIsInItsReadWrite(t *testing.T) {
	l := newLab(t)
	token := l.tokens["app"]
	token.Roles = []string{"RoleEligibilitySchedule.ReadWrite.Directory"}
	l.tokens["one"] = token
	if got := l.do("one", http.MethodGet, eligibility, ""); got.status != http.StatusOK {
		t.Errorf("reading with ReadWrite: %d", got.status)
	}
	token.Roles = []string{"RoleEligibilitySchedule.Read.Directory"}
	l.tokens["two"] = token
	if got := l.do("two", http.MethodPost, eligibility, `{}`); got.status != http.StatusForbidden {
		t.Errorf("writing with Read: %d", got.status)
	}
}

func TestANationalCloudHasItsOwnAudience(t *testing.T) {
	l := newLab(t)
	for audience, want := range map[string]int{"https://graph.microsoft.us": http.StatusOK, "https://graph.microsoft.com": http.StatusUnauthorized} {
		token := l.tokens["app"]
		token.Audience = audience
		l.tokens["gov"] = token
		r := httptest.NewRequest(http.MethodGet, "https://graph.microsoft.us"+policies, nil)
		r.Header.Set("Authorization", "Bearer gov")
		if got := l.send(r); got.status != want {
			t.Errorf("audience %s at graph.microsoft.us: %d, want %d", audience, got.status, want)
		}
	}
}

var _ graphapi.Verifier = (*lab)(nil)
