package emulator_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/portaltest"
)

const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"

// rolePolicy is the id of the role setting of Application Administrator.
func (w *portalWorld) rolePolicy() string {
	w.t.Helper()
	filter := "scopeId eq '/' and scopeType eq 'DirectoryRole' and roleDefinitionId eq '" + applicationAdministrator + "'"
	answer := w.graphBy(http.MethodGet, "/policies/roleManagementPolicyAssignments?$filter="+url.QueryEscape(filter), nil)
	list, _ := answer["value"].([]any)
	if len(list) != 1 {
		w.t.Fatalf("role settings %v", answer)
	}
	return list[0].(map[string]any)["policyId"].(string)
}

// patchRule changes a rule of that role setting.
func (w *portalWorld) patchRule(kind, id string, change map[string]any) {
	w.t.Helper()
	body := map[string]any{"@odata.type": "#microsoft.graph.unifiedRoleManagementPolicy" + kind + "Rule", "id": id}
	for name, value := range change {
		body[name] = value
	}
	w.graphBy(http.MethodPatch, "/policies/roleManagementPolicies/"+w.rolePolicy()+"/rules/"+id, body)
}

// lastRequest is the newest request of the admin for the role.
func (w *portalWorld) lastRequest() map[string]any {
	w.t.Helper()
	answer := w.graphBy(http.MethodGet, "/roleManagement/directory/roleAssignmentScheduleRequests?$filter="+
		url.QueryEscape("principalId eq '"+w.access.Admin.ObjectID+"'"), nil)
	list, _ := answer["value"].([]any)
	if len(list) == 0 {
		w.t.Fatal("no request")
	}
	return list[len(list)-1].(map[string]any)
}

// What the pane asks for reaches PIM over either service: ticket, duration, approval; and the
// role is given back over it.
func TestPortalOverEitherService(t *testing.T) {
	for _, api := range []string{"graph", "mspim"} {
		t.Run(api, func(t *testing.T) {
			w := newPortalWorld(t, portaltest.Shell)
			w.control(http.MethodPost, "/settings", `{"portal_api":"`+api+`"}`, nil)
			w.patchRule("Enablement", "Enablement_EndUser_Assignment", map[string]any{"enabledRules": []string{"Justification", "Ticketing"}})
			frame, _ := w.signIn()
			w.advance(11 * time.Minute)
			openRole(frame, "Activate", "ticketed")
			frame, _ = w.stepUp(frame, portalBanner)
			frame.Fill("textbox", "Ticket number", "4711")
			frame.Fill("textbox", "Ticket system", "desk")
			frame.Click("button", "Activate")
			awaitStatus(frame, "Activation completed successfully")
			request := w.lastRequest()
			ticket, _ := request["ticketInfo"].(map[string]any)
			schedule, _ := request["scheduleInfo"].(map[string]any)
			expiration, _ := schedule["expiration"].(map[string]any)
			if ticket["ticketNumber"] != "4711" || ticket["ticketSystem"] != "desk" || expiration["duration"] != "PT30M" || request["justification"] != "ticketed" {
				t.Errorf("PIM was asked for %v", request)
			}
			w.advance(6 * time.Minute)
			frame.Click("tab", "Active assignments")
			frame.Click("link", "Deactivate")
			frame.Click("button", "Deactivate")
			awaitStatus(frame, "Deactivation completed successfully")
			if action := w.lastRequest()["action"]; action != "selfDeactivate" {
				t.Errorf("the last request is %v", action)
			}
			graph, legacy := w.countRequests(http.MethodPost, graphActivations), w.countRequests(http.MethodPost, legacyActivations)
			if want := map[string][2]int{"graph": {2, 0}, "mspim": {0, 2}}[api]; graph != want[0] || legacy != want[1] {
				t.Errorf("%d requests went to Graph and %d to the legacy service, want %v", graph, legacy, want)
			}
		})
	}
}

func TestPortalSaysThatAnApproverIsWaitedFor(t *testing.T) {
	for _, api := range []string{"graph", "mspim"} {
		t.Run(api, func(t *testing.T) {
			w := newPortalWorld(t, portaltest.Shell)
			w.control(http.MethodPost, "/settings", `{"portal_api":"`+api+`"}`, nil)
			w.patchRule("Approval", "Approval_EndUser_Assignment", map[string]any{"setting": map[string]any{
				"isApprovalRequired": true, "approvalMode": "SingleStage",
				"approvalStages": []any{map[string]any{
					"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true, "isEscalationEnabled": false, "escalationTimeInMinutes": 0,
					"primaryApprovers": []any{map[string]any{"@odata.type": "#microsoft.graph.singleUser", "userId": w.access.Admin.ObjectID}},
				}},
			}})
			frame, _ := w.signIn()
			w.advance(11 * time.Minute)
			openRole(frame, "Activate", "please")
			frame, _ = w.stepUp(frame, portalBanner)
			frame.Click("button", "Activate")
			awaitStatus(frame, "Your request is pending approval")
			if status := w.lastRequest()["status"]; status != "PendingApproval" {
				t.Errorf("the request is %v", status)
			}
		})
	}
}
