package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

func TestDirectoryWrites(t *testing.T) {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		do     func(*testing.T, *graph.Client) error
		method string
		path   string
		body   map[string]any // nil: none is sent
	}{
		"a group": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateGroup(t.Context(), graph.NewGroup{Name: "Admins", Nickname: "admins", Description: "d"})
				return err
			}, "POST", "/v1.0/groups",
			map[string]any{"displayName": "Admins", "mailNickname": "admins", "description": "d", "mailEnabled": false, "securityEnabled": true},
		},
		"a group that holds roles": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateGroup(t.Context(), graph.NewGroup{Name: "Admins", Nickname: "admins", Description: "d", RoleAssignable: true})
				return err
			}, "POST", "/v1.0/groups",
			map[string]any{"displayName": "Admins", "mailNickname": "admins", "description": "d", "mailEnabled": false, "securityEnabled": true, "isAssignableToRole": true},
		},
		"no group": {
			func(t *testing.T, c *graph.Client) error { return c.DeleteGroup(t.Context(), "g1") }, "DELETE", "/v1.0/groups/g1", nil,
		},
		"no member": {
			func(t *testing.T, c *graph.Client) error { return c.RemoveMember(t.Context(), "g1", "u1") },
			"DELETE", "/v1.0/groups/g1/members/u1/$ref", nil,
		},
		"a user": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateUser(t.Context(), graph.NewUser{Name: "Ada", UPN: "ada@contoso.example", Nickname: "ada", Password: secret.New("p")})
				return err
			}, "POST", "/v1.0/users",
			map[string]any{
				"displayName": "Ada", "userPrincipalName": "ada@contoso.example", "mailNickname": "ada", "accountEnabled": false,
				"passwordProfile": map[string]any{"password": "p", "forceChangePasswordNextSignIn": true},
			},
		},
		"no user": {
			func(t *testing.T, c *graph.Client) error { return c.DeleteUser(t.Context(), "u1") }, "DELETE", "/v1.0/users/u1", nil,
		},
		"an administrative unit": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.CreateAdministrativeUnit(t.Context(), "North", "d")
				return err
			}, "POST", "/v1.0/directory/administrativeUnits", map[string]any{"displayName": "North", "description": "d"},
		},
		"no administrative unit": {
			func(t *testing.T, c *graph.Client) error { return c.DeleteAdministrativeUnit(t.Context(), "n1") },
			"DELETE", "/v1.0/directory/administrativeUnits/n1", nil,
		},
		"a standing assignment": {
			func(t *testing.T, c *graph.Client) error {
				_, err := c.AddAssignment(t.Context(), graph.Grant{
					PrincipalID: "u1", RoleDefinitionID: "r1", DirectoryScopeID: "/", Justification: "j", Start: at, Lasting: time.Hour,
				})
				return err
			}, "POST", "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests",
			map[string]any{
				"action": "adminAssign", "principalId": "u1", "roleDefinitionId": "r1", "directoryScopeId": "/", "justification": "j",
				"scheduleInfo": map[string]any{"startDateTime": "2026-03-02T08:00:00Z", "expiration": map[string]any{"type": "afterDuration", "duration": "PT1H"}},
			},
		},
		"an eligibility for a group": {
			func(t *testing.T, c *graph.Client) error {
				return c.AddGroupEligibility(t.Context(), graph.GroupHolding{GroupID: "g1", PrincipalID: "u1", Access: graph.AccessMember}, "j", at, time.Hour)
			}, "POST", "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests",
			map[string]any{
				"action": "adminAssign", "principalId": "u1", "groupId": "g1", "accessId": "member", "justification": "j",
				"scheduleInfo": map[string]any{"startDateTime": "2026-03-02T08:00:00Z", "expiration": map[string]any{"type": "afterDuration", "duration": "PT1H"}},
			},
		},
		"no eligibility for a group": {
			func(t *testing.T, c *graph.Client) error {
				return c.RemoveGroupEligibility(t.Context(), graph.GroupHolding{GroupID: "g1", PrincipalID: "u1", Access: graph.AccessMember}, "j")
			}, "POST", "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests",
			map[string]any{"action": "adminRemove", "principalId": "u1", "groupId": "g1", "accessId": "member", "justification": "j"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, reply{status: http.StatusCreated, body: `{"id":"made"}`})
			if err := row.do(t, s.client(t)); err != nil {
				t.Fatal(err)
			}
			got := s.only(t)
			if got.method != row.method || got.path != row.path {
				t.Errorf("%s %s, want %s %s", got.method, got.path, row.method, row.path)
			}
			if row.body == nil {
				if got.body != "" {
					t.Errorf("a body was sent: %s", got.body)
				}
				return
			}
			sent := decoded(t, got.body)
			delete(sent, "@odata.type") // the SDK adds it where it has one
			if diff := cmp.Diff(row.body, sent); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddMemberRefersToTheMember(t *testing.T) {
	s := serve(t, reply{status: http.StatusNoContent})
	if err := s.client(t).AddMember(t.Context(), "g1", "u1"); err != nil {
		t.Fatal(err)
	}
	got := s.only(t)
	want := map[string]any{"@odata.id": s.URL + "/v1.0/directoryObjects/u1"}
	if got.path != "/v1.0/groups/g1/members/$ref" || !cmp.Equal(want, decoded(t, got.body)) {
		t.Errorf("%s %s", got.path, got.body)
	}
}

func TestGroupSettingsByAccess(t *testing.T) {
	s := serve(t, ok(`{"value":[{"policyId":"P","roleDefinitionId":"member","policy":{"rules":[`+contextRule+`]}},`+
		`{"policyId":"Q","roleDefinitionId":"owner","policy":{"rules":[`+contextRule+`]}}]}`))
	got, err := s.client(t).GroupSettings(t.Context(), "g1")
	if err != nil {
		t.Fatal(err)
	}
	if filter := s.only(t).query.Get("$filter"); filter != "scopeId eq 'g1' and scopeType eq 'Group'" {
		t.Errorf("filter %q", filter)
	}
	if got[graph.AccessMember].PolicyID != "P" || got[graph.AccessOwner].PolicyID != "Q" {
		t.Errorf("settings %+v", got)
	}
}

const approvalRule = `{"@odata.type":"#microsoft.graph.unifiedRoleManagementPolicyApprovalRule","id":"Approval_EndUser_Assignment",` +
	`"setting":{"isApprovalRequired":false,"approvalMode":"SingleStage","newInGraph":1,"approvalStages":[]}}`

func TestRuleWithApprovalKeepsTheRest(t *testing.T) {
	var rule graph.Rule
	if err := rule.UnmarshalJSON([]byte(approvalRule)); err != nil {
		t.Fatal(err)
	}
	with, err := rule.WithApproval("u1")
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := with.MarshalJSON()
	got := decoded(t, string(raw))
	stages, _ := at(got, "setting", "approvalStages").([]any)
	if at(got, "setting", "newInGraph") != 1.0 || at(got, "setting", "isApprovalRequired") != true || len(stages) != 1 {
		t.Fatalf("rule %s", raw)
	}
	approver := at(stages[0], "primaryApprovers").([]any)[0]
	if at(approver, "@odata.type") != "#microsoft.graph.singleUser" || at(approver, "userId") != "u1" {
		t.Errorf("approver %v", approver)
	}
	if !with.Approval() || rule.Approval() || with.Demands(rule) {
		t.Error("approval or none is the same")
	}
}

func TestARuleThatIsOffMayNameAContext(t *testing.T) {
	var rule graph.Rule
	if err := rule.UnmarshalJSON([]byte(contextRule)); err != nil {
		t.Fatal(err)
	}
	off, err := rule.WithContextOff("c7")
	if err != nil {
		t.Fatal(err)
	}
	none, err := rule.WithContext("")
	if err != nil {
		t.Fatal(err)
	}
	if id, on := off.Context(); id != "c7" || on {
		t.Errorf("context %q on: %t", id, on)
	}
	if !off.Demands(rule) || off.Same(rule) || !none.Same(rule) {
		t.Error("what it names counts in the wrong comparison")
	}
}
