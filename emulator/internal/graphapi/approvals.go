package graphapi

import (
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var (
	approvalType = &entity{name: "microsoft.graph.approval", properties: []string{"id"}}
	stageType    = &entity{name: "microsoft.graph.approvalStage", properties: []string{"id", "displayName", "reviewedDateTime", "reviewResult", "status", "assignedToMe", "justification", "reviewedBy"}}
)

func init() {
	stages := expander{of: func() *entity { return stageType }, read: func(c *call, o *document.Object) any {
		r, ok := pim.RequestByApproval(c.t, o.String("id"))
		if !ok {
			return []*document.Object{}
		}
		return []*document.Object{c.stageObject(r)}
	}}
	approvalType.expand = map[string]expander{"stages": stages, "steps": stages}
}

var stageBody = &bodyType{stageType.name, shape{"reviewResult": oneOf("Approve", "Deny"), "justification": text}}

// approvalOperations: directory roles have approvals with steps in beta only, groups
// have approvals with stages in v1.0 (documented). A request has one of either.
func approvalOperations() []*operation {
	role := permissions("RoleAssignmentSchedule.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory").as(deniedByPIM)
	group := permissions("PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup").as(deniedByPIM)
	// Approving is for people (documented: application permissions are not supported).
	role.application, group.application = nil, nil
	roles, groups := directoryRoot+"/roleAssignmentApprovals/{approval}", groupRoot+"/assignmentApprovals/{approval}"
	return []*operation{
		{method: get, path: roles, versions: beta, grant: role, handle: getApproval},
		{method: get, path: roles + "/steps", versions: beta, grant: role, handle: listStages},
		{method: get, path: roles + "/steps/{stage}", versions: beta, grant: role, handle: getStage},
		{method: patch, path: roles + "/steps/{stage}", versions: beta, grant: role, body: stageBody, handle: patchStage},
		{method: get, path: groups, grant: group, handle: getApproval},
		{method: get, path: groups + "/stages", grant: group, handle: listStages},
		{method: get, path: groups + "/stages/{stage}", grant: group, handle: getStage},
		{method: patch, path: groups + "/stages/{stage}", grant: group, body: stageBody, handle: patchStage},
	}
}

// stageObject: the only stage has the id of its approval.
func (c *call) stageObject(r store.ScheduleRequest) *document.Object {
	status, reviewed := "InProgress", "NotReviewed"
	switch r.Status {
	case pim.StatusPendingApproval:
	case pim.StatusDenied:
		status, reviewed = "Completed", "Deny"
	case pim.StatusTimedOut, pim.StatusCanceled:
		status = "Completed"
	default:
		status, reviewed = "Completed", "Approve"
	}
	o := document.Of("id", r.ApprovalID, "displayName", nil, "reviewedDateTime", r.DecidedAt, "reviewResult", reviewed, "status", status,
		"assignedToMe", pim.MayApprove(c.t, c.caller(), r), "justification", document.Null(r.DecisionText), "reviewedBy", nil)
	if u, ok := c.t.Users.Get(r.DecidedBy); ok {
		o.Set("reviewedBy", document.Of("id", u.ID, "displayName", u.DisplayName, "userPrincipalName", u.UPN))
	}
	return o
}

func (c *call) approval() (store.ScheduleRequest, error) {
	r, ok := pim.RequestByApproval(c.t, c.vars["approval"])
	if !ok {
		return store.ScheduleRequest{}, notFound("approval", c.vars["approval"])
	}
	if stage, asked := c.vars["stage"]; asked && stage != r.ApprovalID {
		return store.ScheduleRequest{}, notFound("stage", stage)
	}
	return r, nil
}

func getApproval(c *call) (result, error) {
	r, err := c.approval()
	if err != nil {
		return result{}, err
	}
	return c.one(approvalType, document.Of("id", r.ApprovalID))
}

func listStages(c *call) (result, error) {
	r, err := c.approval()
	if err != nil {
		return result{}, err
	}
	return c.list(stageType, []*document.Object{c.stageObject(r)})
}

func getStage(c *call) (result, error) {
	r, err := c.approval()
	if err != nil {
		return result{}, err
	}
	return c.one(stageType, c.stageObject(r))
}

func patchStage(c *call) (result, error) {
	if _, err := c.approval(); err != nil {
		return result{}, err
	}
	d := pim.Decision{Approve: c.body.String("reviewResult") == "Approve", Justification: c.body.String("justification")}
	if c.body.String("reviewResult") == "" {
		return result{}, badRequest("The property 'reviewResult' is required.")
	}
	if err := pim.Decide(c.t, c.caller(), c.vars["approval"], d); err != nil {
		return result{}, err
	}
	return noContent(), nil
}
