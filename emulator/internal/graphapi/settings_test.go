package graphapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestRoleSettingsAreFoundByScope(t *testing.T) {
	l := newLab(t)
	group := l.must(http.StatusCreated, http.MethodPost, "/v1.0/groups", `{"displayName":"g","mailNickname":"g","mailEnabled":false,"securityEnabled":true}`).body.String("id")
	var roles int
	l.with(func(t *store.Tenant) { roles = t.RoleDefs.Len() })
	for filter, want := range map[string]int{
		"scopeId eq '/' and scopeType eq 'DirectoryRole'":                                                roles,
		"scopeId eq '/' and scopeType eq 'Directory'":                                                    roles,
		"scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '" + applications + "'": 1,
		"scopeId eq '" + group + "' and scopeType eq 'Group'":                                            2,
		"scopeId eq '" + group + "' and scopeType eq 'Group' and roleDefinitionId eq 'member'":           1,
	} {
		got := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments?$top=500&$expand=policy($expand=rules)&$filter="+filter, "").values()
		if len(got) != want {
			t.Errorf("%s: %d settings, want %d", filter, len(got), want)
			continue
		}
		rules, _ := got[0].Object("policy").Get("rules")
		if list, _ := rules.([]any); len(list) != 17 {
			t.Errorf("%s: %d rules, want 17", filter, len(list))
		}
		one := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments/"+got[0].String("id"), "").body
		if one.String("policyId") != got[0].String("policyId") {
			t.Errorf("%s: found by id is %s", filter, pretty(one))
		}
	}
	l.must(http.StatusNotFound, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq 'nothing' and scopeType eq 'Group'", "")
	l.must(http.StatusBadRequest, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'Subscription'", "")
}

func TestRulesOneByOne(t *testing.T) {
	l := newLab(t)
	policy := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicies?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'&$top=1", "").values()[0].String("id")
	rules := "/v1.0/policies/roleManagementPolicies/" + policy + "/rules"
	if n := len(l.must(http.StatusOK, http.MethodGet, rules, "").values()); n != 17 {
		t.Errorf("%d rules", n)
	}
	body := `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyExpirationRule","id":"Expiration_EndUser_Assignment","isExpirationRequired":true,"maximumDuration":"PT1H45M",
 "target":{"@odata.type":"microsoft.graph.unifiedRoleManagementPolicyRuleTarget","caller":"EndUser","operations":["All"],"level":"Assignment","inheritableSettings":[],"enforcedSettings":[]}}`
	l.must(http.StatusNoContent, http.MethodPatch, rules+"/Expiration_EndUser_Assignment", body)
	if got := l.must(http.StatusOK, http.MethodGet, rules+"/Expiration_EndUser_Assignment", "").body.String("maximumDuration"); got != "PT1H45M" {
		t.Errorf("maximumDuration %q", got)
	}
	if changed := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicies/"+policy, "").body; changed.String("lastModifiedDateTime") == "" {
		t.Errorf("the policy does not say that it was changed: %s", pretty(changed))
	}
	l.must(http.StatusBadRequest, http.MethodPatch, rules+"/Expiration_EndUser_Assignment", strings.Replace(body, `["All"]`, `["Everything"]`, 1))
	l.must(http.StatusNotFound, http.MethodGet, rules+"/Expiration_Nobody", "")
}

// askForApproval makes the other user the approver of the role, and has the admin ask.
func (l *lab) askForApproval() (request, approval string) {
	l.t.Helper()
	l.protect()
	policy := l.must(http.StatusOK, http.MethodGet, "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '"+applications+"'", "").values()[0].String("policyId")
	l.must(http.StatusNoContent, http.MethodPatch, "/v1.0/policies/roleManagementPolicies/"+policy+"/rules/Approval_EndUser_Assignment",
		`{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyApprovalRule","id":"Approval_EndUser_Assignment","setting":{"isApprovalRequired":true,"approvalMode":"SingleStage",
 "approvalStages":[{"approvalStageTimeOutInDays":1,"isApproverJustificationRequired":false,"primaryApprovers":[{"@odata.type":"#microsoft.graph.singleUser","userId":"`+l.other+`"}]}]}}`)
	l.stepUp()
	asked := l.do("stepped-up", http.MethodPost, assignments, selfActivate(l.admin))
	approval = asked.body.String("approvalId")
	if asked.status != http.StatusCreated || asked.body.String("status") != "PendingApproval" || approval == "" {
		l.t.Fatalf("asked: %d %s", asked.status, pretty(asked.body))
	}
	return asked.body.String("id"), approval
}

func TestApprovalOverGraph(t *testing.T) {
	l := newLab(t)
	id, approval := l.askForApproval()
	l.tokens["approver"] = l.token(graphapi.Token{AppID: "harness", UserID: l.other, Scopes: []string{"RoleAssignmentSchedule.ReadWrite.Directory"}})
	steps := "/beta/roleManagement/directory/roleAssignmentApprovals/" + approval + "/steps"
	step := l.do("approver", http.MethodGet, steps, "").values()[0]
	if step.String("status") != "InProgress" || step.String("reviewResult") != "NotReviewed" || !step.Bool("assignedToMe") {
		t.Errorf("before the review: %s", pretty(step))
	}
	if mine := l.do("admin", http.MethodGet, steps, "").values()[0]; mine.Bool("assignedToMe") {
		t.Error("nobody approves a request of their own")
	}
	for bearer, want := range map[string]map[string]int{"approver": {"approver": 1, "createdBy": 0, "principal": 0}, "admin": {"approver": 0, "createdBy": 1, "principal": 1}} {
		for whose, n := range want {
			if got := l.do(bearer, http.MethodGet, assignments+"/filterByCurrentUser(on='"+whose+"')", "").values(); len(got) != n {
				t.Errorf("requests of the %s by %s: %d, want %d", bearer, whose, len(got), n)
			}
		}
	}
	if a := l.do("admin", http.MethodGet, assignments+"/filterByCurrentUser(on='everybody')", ""); a.status != http.StatusBadRequest || !strings.Contains(a.message(), "everybody") {
		t.Errorf("by everybody: %d %s", a.status, a.message())
	}
	if a := l.do("app", http.MethodPatch, steps+"/"+approval, `{"reviewResult":"Approve"}`); a.status != http.StatusForbidden {
		t.Errorf("an application approves: %d", a.status)
	}
	if a := l.do("approver", http.MethodPatch, steps+"/"+step.String("id"), `{"reviewResult":"approve","justification":"ok"}`); a.status != http.StatusNoContent {
		t.Fatalf("approving: %d %s", a.status, pretty(a.body))
	}
	reviewed := l.do("approver", http.MethodGet, steps, "").values()[0]
	if reviewed.String("reviewResult") != "Approve" || reviewed.String("justification") != "ok" || reviewed.Object("reviewedBy").String("id") != l.other || reviewed.String("reviewedDateTime") == "" {
		t.Errorf("after the review: %s", pretty(reviewed))
	}
	if got := l.must(http.StatusOK, http.MethodGet, assignments+"/"+id, "").body.String("status"); got != "Provisioned" {
		t.Errorf("status after the approval %q", got)
	}
}

func TestNamedLocations(t *testing.T) {
	const path = "/v1.0/identity/conditionalAccess/namedLocations"
	l := newLab(t)
	office := l.must(http.StatusCreated, http.MethodPost, path, `{"@odata.type":"#microsoft.graph.ipNamedLocation","displayName":"office","isTrusted":true,"ipRanges":[{"@odata.type":"#microsoft.graph.iPv4CidrRange","cidrAddress":"127.0.0.0/8"}]}`).body.String("id")
	l.must(http.StatusCreated, http.MethodPost, path, `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"home","countriesAndRegions":["DE"]}`)
	for name, body := range map[string]string{
		"no type":            `{"displayName":"x","ipRanges":[{"cidrAddress":"10.0.0.0/8"}]}`,
		"no range":           `{"@odata.type":"#microsoft.graph.ipNamedLocation","displayName":"x","ipRanges":[]}`,
		"a range of letters": `{"@odata.type":"#microsoft.graph.ipNamedLocation","displayName":"x","ipRanges":[{"cidrAddress":"a/8"}]}`,
		"no country":         `{"@odata.type":"#microsoft.graph.countryNamedLocation","displayName":"x"}`,
	} {
		if a := l.do("app", http.MethodPost, path, body); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	l.must(http.StatusBadRequest, http.MethodDelete, path+"/"+office, "") // trusted
	l.must(http.StatusNoContent, http.MethodPatch, path+"/"+office, `{"@odata.type":"#microsoft.graph.ipNamedLocation","isTrusted":false}`)
	used := l.must(http.StatusCreated, http.MethodPost, policies, `{"displayName":"p","state":"disabled","conditions":{"applications":{"includeApplications":["All"]},"users":{"includeUsers":["All"]},"locations":{"includeLocations":["`+office+`"]}},"grantControls":{"operator":"OR","builtInControls":["block"]}}`).body.String("id")
	l.must(http.StatusBadRequest, http.MethodDelete, path+"/"+office, "") // in use
	l.must(http.StatusNoContent, http.MethodDelete, policies+"/"+used, "")
	l.must(http.StatusNoContent, http.MethodDelete, path+"/"+office, "")
}

func TestSchedulesOfGroupsWantAFilter(t *testing.T) {
	const root = "/v1.0/identityGovernance/privilegedAccess/group/"
	l := newLab(t)
	group := l.must(http.StatusCreated, http.MethodPost, "/v1.0/groups", `{"displayName":"g","mailNickname":"g","mailEnabled":false,"securityEnabled":true}`).body.String("id")
	l.must(http.StatusCreated, http.MethodPost, root+"eligibilityScheduleRequests", `{"accessId":"Member","groupId":"`+group+`","principalId":"`+l.admin+`","action":"adminAssign","justification":"x","scheduleInfo":{"expiration":{"type":"noExpiration"}}}`)
	l.must(http.StatusBadRequest, http.MethodGet, root+"eligibilityScheduleInstances", "")
	got := l.must(http.StatusOK, http.MethodGet, root+"eligibilityScheduleInstances?$filter=groupId eq '"+group+"'&$expand=group,principal", "").values()
	if len(got) != 1 || got[0].String("accessId") != "member" || got[0].String("memberType") != "direct" || got[0].Object("group").String("displayName") != "g" {
		t.Errorf("instances of the group: %v", got)
	}
}
