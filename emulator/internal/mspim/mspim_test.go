package mspim_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/mspim"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const base = "https://api.azrbac.mspim.azure.com/api/v2/privilegedAccess/"

var midday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bench is a tenant with one admin who is eligible for Application Administrator, and the
// claims of the token that "Bearer admin" stands for.
type bench struct {
	st      *store.Store
	handler http.Handler
	tenant  string
	admin   string
	token   issuer.Access
}

func (b *bench) Verify(bearer string) (issuer.Access, error) {
	if bearer != "admin" {
		return issuer.Access{}, errors.New("not ours")
	}
	return b.token, nil
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{st: store.New(1, func() time.Time { return midday })}
	id, err := b.st.Create(func(tenant *store.Tenant) error {
		b.admin = tenant.NewID()
		tenant.Users.Put(b.admin, &store.User{ID: b.admin, UPN: "robin@" + tenant.Domain, DisplayName: "Robin", Enabled: true})
		tenant.Schedules.Put("e1", store.Schedule{
			ID: "e1", Kind: store.Eligibility, PrincipalID: b.admin, Start: midday.Add(-time.Hour),
			RoleDefinitionID: store.RoleApplicationAdministrator, DirectoryScopeID: "/",
		}, midday)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.tenant, b.handler = id, mspim.New(b.st, b)
	b.token = issuer.Access{
		Audience: store.ResourcePIM, TenantID: id, ObjectID: b.admin, Scopes: "user_impersonation", AppID: store.ClientPIM,
		Expires: midday.Add(time.Hour).Unix(), AMR: []string{"pwd", "mfa"}, ClientCap: []string{"cp1"}, TokenID: "u1",
	}
	return b
}

// requireContext makes the role setting name a context in place of MFA.
func (b *bench) requireContext(t *testing.T, context string) {
	t.Helper()
	err := b.st.With(b.tenant, func(tenant *store.Tenant) error {
		setting := pim.SettingOf(tenant, pim.Target{RoleDefinitionID: store.RoleApplicationAdministrator})
		for id, change := range map[string]*document.Object{
			"Enablement_EndUser_Assignment":            document.Of("enabledRules", []any{"Justification"}),
			"AuthenticationContext_EndUser_Assignment": document.Of("isEnabled", true, "claimValue", context),
		} {
			kind, _, _ := strings.Cut(id, "_")
			change.Set("@odata.type", "#microsoft.graph.unifiedRoleManagementPolicy"+kind+"Rule").Set("id", id)
			if err := pim.PatchRule(tenant, pim.Caller{AppID: "fixtures"}, setting.ID, id, change); err != nil {
				return err
			}
		}
		tenant.Contexts.Put(context, store.Context{ID: context, Available: true}, midday)
		tenant.Policies.Put("p1", store.Policy{ID: "p1", Raw: json.RawMessage(`{"id":"p1","state":"enabled","conditions":{"users":{"includeUsers":["All"]},
			"applications":{"includeAuthenticationContextClassReferences":["` + context + `"]}},"grantControls":{"operator":"OR","builtInControls":["mfa"]}}`)}, midday)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) advance(t *testing.T, d time.Duration) {
	t.Helper()
	if err := b.st.With(b.tenant, func(tenant *store.Tenant) error { return tenant.Advance(d) }); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) do(t *testing.T, method, path string, body any, header ...string) (int, map[string]any, http.Header) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(method, base+path, strings.NewReader(string(text)))
	request.Header.Set("Authorization", "Bearer admin")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	b.handler.ServeHTTP(recorder, request)
	var answer map[string]any
	if content, _ := io.ReadAll(recorder.Body); len(content) > 0 && json.Unmarshal(content, &answer) != nil {
		t.Fatalf("%s %s: answer is no JSON object: %s", method, path, content)
	}
	return recorder.Code, answer, recorder.Header()
}

func (b *bench) list(t *testing.T, path, filter string) []any {
	t.Helper()
	status, answer, _ := b.do(t, http.MethodGet, path+"?$filter="+url.QueryEscape(filter), nil)
	if status != http.StatusOK {
		t.Fatalf("GET %s with %s: %d %v", path, filter, status, answer)
	}
	return answer["value"].([]any)
}

func (b *bench) assignments(t *testing.T, state string) []any {
	t.Helper()
	return b.list(t, "aadroles/roleAssignments", "(subject/id eq '"+b.admin+"') and (assignmentState eq '"+state+"')")
}

// activation is the body that a public client sends.
func (b *bench) activation(change map[string]any) map[string]any {
	body := map[string]any{
		"roleDefinitionId": store.RoleApplicationAdministrator, "resourceId": b.tenant, "subjectId": b.admin,
		"assignmentState": "Active", "type": "UserAdd", "reason": "because", "ticketNumber": "", "ticketSystem": "",
		"schedule":                       map[string]any{"type": "Once", "startDateTime": nil, "endDateTime": nil, "duration": "PT30M"},
		"linkedEligibleRoleAssignmentId": "e1", "scopedResourceId": "",
	}
	maps.Copy(body, change)
	return body
}

func errorOf(answer map[string]any) (code, message string) {
	e, _ := answer["error"].(map[string]any)
	code, _ = e["code"].(string)
	message, _ = e["message"].(string)
	return code, message
}

func TestActivationAndDeactivation(t *testing.T) {
	b := newBench(t)
	if got := b.assignments(t, "Eligible"); len(got) != 1 {
		t.Fatalf("%d eligible assignments, want one", len(got))
	}
	status, answer, _ := b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil))
	if status != http.StatusCreated {
		t.Fatalf("activation: %d %v", status, answer)
	}
	want := map[string]any{"status": "Closed", "subStatus": "Provisioned", "statusDetails": []any{}}
	if diff := cmp.Diff(want, answer["status"]); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
	active := b.assignments(t, "Active")
	if len(active) != 1 {
		t.Fatalf("%d active assignments, want one", len(active))
	}
	role := active[0].(map[string]any)
	if role["linkedEligibleRoleAssignmentId"] != "e1" || role["endDateTime"] != "2026-11-23T12:30:00Z" {
		t.Errorf("active assignment %v", role)
	}
	remove := b.activation(map[string]any{"type": "UserRemove"})
	_, answer, _ = b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests", remove)
	if code, _ := errorOf(answer); code != pim.CodeActiveDurationTooShort {
		t.Errorf("deactivation at once: code %q, want %s", code, pim.CodeActiveDurationTooShort)
	}
	b.advance(t, 5*time.Minute)
	if status, answer, _ := b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests", remove); status != http.StatusCreated {
		t.Errorf("deactivation after five minutes: %d %v", status, answer)
	}
	if got := b.assignments(t, "Active"); len(got) != 0 {
		t.Errorf("%d active assignments after the deactivation", len(got))
	}
	if got := b.list(t, "aadroles/roleAssignmentRequests", "(subject/id eq '"+b.admin+"')"); len(got) != 2 {
		t.Errorf("%d requests, want activation and deactivation", len(got))
	}
}

func TestMissingContextIsRefusedInTheLegacyWrapper(t *testing.T) {
	b := newBench(t)
	b.requireContext(t, "c5")
	status, answer, header := b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil))
	code, message := errorOf(answer)
	var inner struct{ ErrorCode, Message string }
	if err := json.Unmarshal([]byte(message), &inner); err != nil {
		t.Fatalf("message %q is no JSON: %v", message, err)
	}
	if status != http.StatusBadRequest || code != "UnknownError" || inner.ErrorCode != pim.CodeAcrsValidationFailed {
		t.Errorf("%d %s/%s, want 400 UnknownError/%s", status, code, inner.ErrorCode, pim.CodeAcrsValidationFailed)
	}
	claims, err := url.QueryUnescape(strings.TrimPrefix(inner.Message, "&claims="))
	if err != nil || claims != `{"access_token":{"acrs":{"essential":true, "value":"c5"}}}` {
		t.Errorf("claims %q, %v", claims, err)
	}
	if got := header.Get("WWW-Authenticate"); got != "" {
		t.Errorf("WWW-Authenticate %q; PIM sends none", got)
	}
	b.token.ACRS = []string{"c5"}
	if status, answer, _ := b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil)); status != http.StatusCreated {
		t.Errorf("with the context in the token: %d %v", status, answer)
	}
}

func TestRefusals(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*bench) (method, path string, body any)
		status int
		code   string
	}{
		{"a token of nobody", func(b *bench) (string, string, any) {
			b.handler = mspim.New(b.st, &bench{})
			return http.MethodGet, "aadroles/roleAssignments", nil
		}, 401, "Unauthorized"},
		{"a token for Microsoft Graph", func(b *bench) (string, string, any) {
			b.token.Audience = store.ResourceGraph
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil)
		}, 401, "Unauthorized"},
		{"a token that has run out", func(b *bench) (string, string, any) {
			b.token.Expires = midday.Unix()
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil)
		}, 401, "Unauthorized"},
		{"a token without the scope", func(b *bench) (string, string, any) {
			b.token.Scopes = "openid"
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(nil)
		}, 403, "Forbidden"},
		{"somebody else's assignments", func(b *bench) (string, string, any) {
			return http.MethodGet, "aadroles/roleAssignments?$filter=" + url.QueryEscape("(subject/id eq 'x')"), nil
		}, 403, pim.CodeUnauthorized},
		{"everybody's assignments", func(*bench) (string, string, any) {
			return http.MethodGet, "aadroles/roleAssignments", nil
		}, 403, pim.CodeUnauthorized},
		{"somebody else's activation", func(b *bench) (string, string, any) {
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(map[string]any{"subjectId": "x"})
		}, 403, pim.CodeUnauthorized},
		{"another tenant's resource", func(b *bench) (string, string, any) {
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(map[string]any{"resourceId": "x"})
		}, 400, "InvalidRequest"},
		{"no reason", func(b *bench) (string, string, any) {
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(map[string]any{"reason": ""})
		}, 400, pim.CodePolicyValidationFailed},
		{"a filter that does not parse", func(*bench) (string, string, any) {
			return http.MethodGet, "aadroles/roleAssignments?$filter=subject%20like%201", nil
		}, 400, "InvalidRequest"},
		{"settings of no role", func(*bench) (string, string, any) { return http.MethodGet, "aadroles/roleSettingsV2", nil }, 400, "InvalidRequest"},
		{"groups", func(*bench) (string, string, any) { return http.MethodGet, "aadGroups/roleAssignments", nil }, 401, "Unauthorized"},
		{"an administrator's request", func(b *bench) (string, string, any) {
			return http.MethodPost, "aadroles/roleAssignmentRequests", b.activation(map[string]any{"type": "AdminAdd"})
		}, 501, ""},
		{"Azure resources", func(*bench) (string, string, any) { return http.MethodGet, "azureResources/roleAssignments", nil }, 501, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			method, path, body := row.change(b)
			status, answer, _ := b.do(t, method, path, body)
			if code, _ := errorOf(answer); status != row.status || code != row.code {
				t.Errorf("%d %q, want %d %q", status, code, row.status, row.code)
			}
		})
	}
}

func TestValidationLeavesNoAssignment(t *testing.T) {
	b := newBench(t)
	status, answer, _ := b.do(t, http.MethodPost, "aadroles/roleAssignmentRequests?evaluateOnly=true", b.activation(nil))
	if status != http.StatusCreated {
		t.Fatalf("validation: %d %v", status, answer)
	}
	if got := b.assignments(t, "Active"); len(got) != 0 {
		t.Errorf("a validation activated: %v", got)
	}
}

func TestSettingsTranslateTheRules(t *testing.T) {
	b := newBench(t)
	b.requireContext(t, "c5")
	filter := "(resource/id eq '" + b.tenant + "') and (roleDefinition/id eq '" + store.RoleApplicationAdministrator + "')"
	settings := b.list(t, "aadroles/roleSettingsV2", filter)
	if len(settings) != 1 {
		t.Fatalf("%d settings, want one", len(settings))
	}
	cycle := settings[0].(map[string]any)["lifeCycleManagement"].([]any)[0].(map[string]any)
	got := map[string]string{}
	for _, r := range cycle["value"].([]any) {
		r := r.(map[string]any)
		got[r["ruleIdentifier"].(string)] = r["setting"].(string)
	}
	want := map[string]string{
		"ExpirationRule":    `{"permanentAssignment":false,"maximumGrantPeriodInMinutes":480}`,
		"MfaRule":           `{"mfaRequired":false}`,
		"JustificationRule": `{"required":true}`,
		"TicketingRule":     `{"ticketingRequired":false}`,
		"ApprovalRule":      `{"enabled":false}`,
		"AcrsRule":          `{"acrsRequired":true,"acrs":"c5"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestBrowsersMayCallFromTheFrame(t *testing.T) {
	b := newBench(t)
	const origin = "https://sandbox-1.reactblade.portal.azure.net"
	status, _, header := b.do(t, http.MethodOptions, "aadroles/roleAssignmentRequests", nil,
		"Origin", origin, "Access-Control-Request-Headers", "authorization,content-type")
	if status != http.StatusNoContent || header.Get("Access-Control-Allow-Headers") != "authorization,content-type" {
		t.Errorf("preflight: %d %v", status, header)
	}
	_, _, header = b.do(t, http.MethodGet, "aadroles/roleAssignments", nil, "Origin", origin)
	if got := header.Get("Access-Control-Allow-Origin"); got != origin {
		t.Errorf("a refusal allows origin %q; the page could not read it", got)
	}
}
