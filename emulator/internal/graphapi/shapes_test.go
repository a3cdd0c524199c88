package graphapi_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// shapeOf replaces every value by its type, and keeps names, order and nulls: what a
// documented example fixes.
func shapeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "text"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shapeOf(v[0]) + "]"
	case *document.Object:
		var b strings.Builder
		b.WriteString("{")
		for i, k := range v.Keys() {
			if i > 0 {
				b.WriteString(", ")
			}
			child, _ := v.Get(k)
			b.WriteString(k + ": " + shapeOf(child))
		}
		return b.String() + "}"
	}
	return "number"
}

// TestDocumentedShapes compares answers with written-down shapes: names, order, nulls and
// empty lists. They were held against the documented examples of these calls; where the
// examples are older than the service (conditions of a policy) they have the later
// properties too.
func TestDocumentedShapes(t *testing.T) {
	l := newLab(t)
	l.protect()
	l.stepUp()
	activated := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))
	pass := l.must(http.StatusCreated, http.MethodPost, "/v1.0/users/"+l.admin+"/authentication/temporaryAccessPassMethods", `{"lifetimeInMinutes":60,"isUsableOnce":false}`)
	get := func(path string) *document.Object { return l.must(http.StatusOK, http.MethodGet, path, "").body }
	for name, got := range map[string]*document.Object{
		"activation":           activated.body,
		"removal":              l.must(http.StatusCreated, http.MethodPost, eligibility, `{"action":"adminRemove","roleDefinitionId":"`+applications+`","directoryScopeId":"/","principalId":"`+l.admin+`"}`).body,
		"access_pass":          pass.body,
		"assignment_instances": get("/v1.0/roleManagement/directory/roleAssignmentScheduleInstances"),
		"assignment_schedules": get("/v1.0/roleManagement/directory/roleAssignmentSchedules"),
		"contexts":             get(contexts),
		"policies":             get(policies),
		"setting_assignments":  get("/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'"),
		"audits":               get("/v1.0/auditLogs/directoryAudits"),
		"role_definitions":     get("/v1.0/roleManagement/directory/roleDefinitions"),
	} {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", name+".shape"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(want)), shapeOf(got)); diff != "" {
				t.Errorf("the shape differs from the documented one:\n%s\ngot %s", diff, shapeOf(got))
			}
		})
	}
}

func TestInstantsHaveTheServicesForm(t *testing.T) {
	l := newLab(t)
	l.protect()
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z$`)
	for _, r := range l.must(http.StatusOK, http.MethodGet, eligibility, "").values() {
		if got := r.String("createdDateTime"); !form.MatchString(got) {
			t.Errorf("createdDateTime %q", got)
		}
	}
}

func TestContextOfAnswers(t *testing.T) {
	l := newLab(t)
	l.protect()
	const base = "https://graph.microsoft.com/v1.0/$metadata#"
	for path, want := range map[string]string{
		policies:         base + "identity/conditionalAccess/policies",
		contexts + "/c1": base + "identity/conditionalAccess/authenticationContextClassReferences/$entity",
		"/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$expand=policy($expand=rules)": base + "policies/roleManagementPolicyAssignments(policy(rules()))",
		"/v1.0/users?$select=id,displayName": base + "users(id,displayName)",
	} {
		if got := l.must(http.StatusOK, http.MethodGet, path, "").body.String("@odata.context"); got != want {
			t.Errorf("%s: context %s, want %s", path, got, want)
		}
	}
	mine := l.do("admin", http.MethodGet, "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances/filterByCurrentUser(on='principal')", "")
	if got, want := mine.body.String("@odata.context"), base+"Collection(unifiedRoleAssignmentScheduleInstance)"; got != want {
		t.Errorf("filterByCurrentUser: context %s, want %s", got, want)
	}
	if got, want := l.do("admin", http.MethodGet, "/v1.0/me", "").body.String("@odata.context"), base+"users/$entity"; got != want {
		t.Errorf("me: context %s, want %s", got, want)
	}
}

// addSignIn puts a row into the log.
func (l *lab) addSignIn(kind string, at time.Duration) {
	l.with(func(t *store.Tenant) {
		t.AddSignIn(&store.SignInRow{
			CreatedAt: start.Add(at), UserID: l.admin, UserPrincipalName: "admin@contoso.example", AppID: "harness", IsInteractive: kind == "interactiveUser",
			SignInEventTypes: []string{kind}, UniqueTokenIdentifier: "uti", SessionID: "session", ConditionalAccessStatus: "success",
			AuthenticationContexts:  []store.ContextDetail{{ID: "c1", Detail: "required"}},
			SessionLifetimePolicies: []store.LifetimeDetail{{Requirement: "signInFrequencyEveryTime"}},
			AppliedPolicies:         []store.AppliedPolicy{{ID: "p", Result: "success"}},
		})
	})
}

func TestSignInLogOfBothVersions(t *testing.T) {
	l := newLab(t)
	l.addSignIn("interactiveUser", 0)
	betaOnly := []string{
		"authenticationContextClassReferences", "authenticationDetails", "authenticationRequirement", "authenticationRequirementPolicies",
		"sessionLifetimePolicies", "uniqueTokenIdentifier", "signInEventTypes", "originalRequestId", "sessionId", "incomingTokenType",
	}
	v1 := l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/signIns", "").values()[0]
	beta := l.must(http.StatusOK, http.MethodGet, "/beta/auditLogs/signIns", "").values()[0]
	for _, name := range betaOnly {
		if v1.Has(name) {
			t.Errorf("v1.0 has %s", name)
		}
		if !beta.Has(name) {
			t.Errorf("beta lacks %s", name)
		}
	}
	if id := v1.String("id"); l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/signIns/"+id, "").body.String("id") != id {
		t.Error("the row is not found by its id")
	}
}

func TestSignInLogFilters(t *testing.T) {
	l := newLab(t)
	l.addSignIn("interactiveUser", 0)
	l.addSignIn("nonInteractiveUser", time.Minute)
	l.with(func(t *store.Tenant) { t.Lag[store.LagSignInLog] = time.Hour })
	l.addSignIn("interactiveUser", 2*time.Minute)
	for filter, want := range map[string]int{
		"": 1, // documented: interactive ones only, unless event types are named
		"signInEventTypes/any(t: t eq 'nonInteractiveUser')":                                                                                                       1,
		"signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')":                                                                             2,
		"userId eq '" + l.admin + "' and createdDateTime ge 2026-11-23T09:00:30Z and signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')": 1,
		"authenticationContextClassReferences/any(c: c/id eq 'c1' and c/detail eq 'required')":                                                                     1,
		"status/errorCode ne 0": 0,
	} {
		path := "/beta/auditLogs/signIns"
		if filter != "" {
			path += "?$filter=" + filter
		}
		if got := len(l.must(http.StatusOK, http.MethodGet, path, "").values()); got != want {
			t.Errorf("%q: %d rows, want %d", filter, got, want)
		}
	}
	l.advance(time.Hour)
	if got := len(l.must(http.StatusOK, http.MethodGet, "/beta/auditLogs/signIns", "").values()); got != 2 {
		t.Errorf("%d rows after the lag of the log, want 2", got)
	}
}

func TestAuditsAppearAfterTheirLag(t *testing.T) {
	l := newLab(t)
	l.with(func(t *store.Tenant) { t.Lag[store.LagAuditLog] = time.Minute })
	l.must(http.StatusNoContent, http.MethodPatch, contexts+"/c1", `{"displayName":"x","isAvailable":true}`)
	audits := "/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Add AuthenticationContextClassReference'"
	if n := len(l.must(http.StatusOK, http.MethodGet, audits, "").values()); n != 0 {
		t.Errorf("%d rows before the lag has passed", n)
	}
	l.advance(time.Minute)
	if n := len(l.must(http.StatusOK, http.MethodGet, audits, "").values()); n != 1 {
		t.Errorf("%d rows after the lag has passed", n)
	}
}

func TestPolicyAuditHoldsTheWholePolicy(t *testing.T) {
	l := newLab(t)
	id := l.protect()
	l.must(http.StatusNoContent, http.MethodPatch, policies+"/"+id, `{"state":"disabled"}`)
	row := l.must(http.StatusOK, http.MethodGet, "/v1.0/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Update Conditional Access policy'", "").values()[0]
	targets, _ := row.Get("targetResources")
	modified, _ := targets.([]any)[0].(*document.Object).Get("modifiedProperties")
	change := modified.([]any)[0].(*document.Object)
	before, err := document.Parse([]byte(change.String("oldValue")))
	if err != nil {
		t.Fatal(err)
	}
	after, err := document.Parse([]byte(change.String("newValue")))
	if err != nil {
		t.Fatal(err)
	}
	if change.String("displayName") != "ConditionalAccessPolicy" || before.String("state") != "enabled" || after.String("state") != "disabled" || after.String("id") != id {
		t.Errorf("the audit row says %s", pretty(change))
	}
}

// TestOperations lists what is served: a change of the subset is a change of this list.
func TestOperations(t *testing.T) {
	want, err := os.ReadFile("testdata/operations.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields(strings.ReplaceAll(string(want), " ", "·")), strings.Fields(strings.ReplaceAll(strings.Join(graphapi.Operations(), "\n"), " ", "·"))); diff != "" {
		t.Errorf("testdata/operations.txt is not what is served:\n%s", diff)
	}
}

// TestEveryOperationIsReached sends a request to each operation: none is answered 501.
func TestEveryOperationIsReached(t *testing.T) {
	l := newLab(t)
	variable := regexp.MustCompile(`\{[a-z]+\}`)
	for _, op := range graphapi.Operations() {
		var method, version, path string
		if _, err := fmt.Sscan(op, &method, &version, &path); err != nil {
			t.Fatal(err)
		}
		path = "/" + version + variable.ReplaceAllString(path, "x")
		if a := l.do("app", method, path, ""); a.status == http.StatusNotImplemented || a.status >= http.StatusInternalServerError {
			t.Errorf("%s: answered %d %s", op, a.status, pretty(a.body))
		}
	}
}
