package graph

import (
	"context"
	"fmt"
	"time"

	"github.com/microsoft/kiota-abstractions-go/serialization"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"

	"github.com/reprompt/reprompt/secret"
)

// Values of ScheduleRequest.Action. The last two are the admin's own; only Activate and
// Deactivate post them.
const (
	ActionAdminAssign    = "adminAssign"
	ActionAdminRemove    = "adminRemove"
	ActionSelfActivate   = "selfActivate"
	ActionSelfDeactivate = "selfDeactivate"
)

// Values of Instance.AssignmentType and Instance.MemberType (documented).
const (
	Activated    = "Activated" // from an eligibility
	Assigned     = "Assigned"  // standing
	MemberDirect = "Direct"    // against Group and Inherited
)

// Holding selects who holds what. An empty field selects all.
type Holding struct {
	RoleDefinitionID string
	PrincipalID      string
	DirectoryScopeID string
}

func (h Holding) filter() *string {
	return and(equalUnlessEmpty("roleDefinitionId", h.RoleDefinitionID),
		equalUnlessEmpty("principalId", h.PrincipalID),
		equalUnlessEmpty("directoryScopeId", h.DirectoryScopeID))
}

// Instance is an eligibility or an assignment that holds now.
type Instance struct {
	ID               string
	PrincipalID      string
	RoleDefinitionID string
	DirectoryScopeID string
	Start            time.Time // zero when Graph has null
	End              time.Time // zero for ever
	MemberType       string    // MemberDirect, Group, Inherited
	AssignmentType   string    // Activated or Assigned; empty for an eligibility
	ScheduleID       string    // equals ScheduleRequest.TargetScheduleID of the request that made it
}

type instanceJSON struct {
	ID               string    `json:"id"`
	PrincipalID      string    `json:"principalId"`
	RoleDefinitionID string    `json:"roleDefinitionId"`
	DirectoryScopeID string    `json:"directoryScopeId"`
	Start            time.Time `json:"startDateTime"`
	End              time.Time `json:"endDateTime"`
	MemberType       string    `json:"memberType"`
	AssignmentType   string    `json:"assignmentType"`
	Eligibility      string    `json:"roleEligibilityScheduleId"`
	Assignment       string    `json:"roleAssignmentScheduleId"`
}

func instances(in []instanceJSON, err error) ([]Instance, error) {
	if err != nil {
		return nil, err
	}
	out := make([]Instance, len(in))
	for i, j := range in {
		out[i] = Instance{
			ID: j.ID, PrincipalID: j.PrincipalID, RoleDefinitionID: j.RoleDefinitionID, DirectoryScopeID: j.DirectoryScopeID,
			Start: j.Start, End: j.End, MemberType: j.MemberType, AssignmentType: j.AssignmentType,
			ScheduleID: j.Eligibility + j.Assignment, // each kind has one of the two
		}
	}
	return out, nil
}

// Eligibilities returns who may activate what now. A group that is eligible is one principal.
func (c *Client) Eligibilities(ctx context.Context, h Holding) ([]Instance, error) {
	query := rolemanagement.DirectoryRoleEligibilityScheduleInstancesRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleEligibilityScheduleInstancesRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleEligibilityScheduleInstances().ToGetRequestInformation(ctx, &query)
	return instances(list[instanceJSON](ctx, c.v1, "list eligibilities", info, err))
}

// Assignments returns who holds what now, standing or activated.
func (c *Client) Assignments(ctx context.Context, h Holding) ([]Instance, error) {
	query := rolemanagement.DirectoryRoleAssignmentScheduleInstancesRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleAssignmentScheduleInstancesRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleAssignmentScheduleInstances().ToGetRequestInformation(ctx, &query)
	return instances(list[instanceJSON](ctx, c.v1, "list assignments", info, err))
}

// Schedule is an eligibility or an assignment that is planned, in force, or both.
type Schedule struct {
	ID               string `json:"id"`
	PrincipalID      string `json:"principalId"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	DirectoryScopeID string `json:"directoryScopeId"`
	Status           string `json:"status"`
}

// EligibilitySchedules returns eligibilities, those that begin later too.
func (c *Client) EligibilitySchedules(ctx context.Context, h Holding) ([]Schedule, error) {
	query := rolemanagement.DirectoryRoleEligibilitySchedulesRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleEligibilitySchedulesRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleEligibilitySchedules().ToGetRequestInformation(ctx, &query)
	return list[Schedule](ctx, c.v1, "list eligibility schedules", info, err)
}

// AssignmentSchedules returns assignments, those that begin later too.
func (c *Client) AssignmentSchedules(ctx context.Context, h Holding) ([]Schedule, error) {
	query := rolemanagement.DirectoryRoleAssignmentSchedulesRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleAssignmentSchedulesRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleAssignmentSchedules().ToGetRequestInformation(ctx, &query)
	return list[Schedule](ctx, c.v1, "list assignment schedules", info, err)
}

// ScheduleRequest is a request about an eligibility or an assignment, kept by Graph for good.
type ScheduleRequest struct {
	ID               string    `json:"id"`
	Action           string    `json:"action"`
	Status           string    `json:"status"` // Provisioned, Granted, PendingApproval, Revoked, Canceled, …
	PrincipalID      string    `json:"principalId"`
	RoleDefinitionID string    `json:"roleDefinitionId"`
	DirectoryScopeID string    `json:"directoryScopeId"`
	Justification    string    `json:"justification"`
	TargetScheduleID string    `json:"targetScheduleId"`
	ApprovalID       string    `json:"approvalId"` // empty where nobody has to agree
	Created          time.Time `json:"createdDateTime"`
}

// EligibilityRequests returns past requests about eligibilities.
func (c *Client) EligibilityRequests(ctx context.Context, h Holding) ([]ScheduleRequest, error) {
	query := rolemanagement.DirectoryRoleEligibilityScheduleRequestsRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleEligibilityScheduleRequestsRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleEligibilityScheduleRequests().ToGetRequestInformation(ctx, &query)
	return list[ScheduleRequest](ctx, c.v1, "list eligibility requests", info, err)
}

// AssignmentRequests returns past requests about assignments, activations among them.
func (c *Client) AssignmentRequests(ctx context.Context, h Holding) ([]ScheduleRequest, error) {
	query := rolemanagement.DirectoryRoleAssignmentScheduleRequestsRequestBuilderGetRequestConfiguration{
		QueryParameters: &rolemanagement.DirectoryRoleAssignmentScheduleRequestsRequestBuilderGetQueryParameters{Filter: h.filter()},
	}
	info, err := c.roles.Directory().RoleAssignmentScheduleRequests().ToGetRequestInformation(ctx, &query)
	return list[ScheduleRequest](ctx, c.v1, "list assignment requests", info, err)
}

// OwnAssignmentRequests returns the requests of the admin whose delegated token this is. An application
// needs a permission to write for AssignmentRequests (documented), the admin needs no role for this.
func (c *Client) OwnAssignmentRequests(ctx context.Context, token secret.Text) ([]ScheduleRequest, error) {
	as, err := c.as(token)
	if err != nil {
		return nil, fmt.Errorf("list own assignment requests: %w", err)
	}
	info, err := as.ownRequests("principal").ToGetRequestInformation(ctx, nil)
	return list[ScheduleRequest](ctx, as.v1, "list own assignment requests", info, err)
}

// CancelAssignmentRequest takes back a request that is pending or not begun.
func (c *Client) CancelAssignmentRequest(ctx context.Context, id string) error {
	info, err := c.roles.Directory().RoleAssignmentScheduleRequests().ByUnifiedRoleAssignmentScheduleRequestId(id).
		Cancel().ToPostRequestInformation(ctx, nil)
	_, err = send(ctx, c.v1, "cancel assignment request", info, err)
	return err
}

// Grant is an eligibility, or an assignment, to be given. All fields are required.
type Grant struct {
	PrincipalID      string
	RoleDefinitionID string
	DirectoryScopeID string
	Justification    string
	Start            time.Time
	Lasting          time.Duration // whole seconds; then it ends by itself
}

// AddEligibility makes a principal eligible (adminAssign).
func (c *Client) AddEligibility(ctx context.Context, g Grant) (ScheduleRequest, error) {
	if g.Lasting < time.Second {
		return ScheduleRequest{}, fmt.Errorf("add eligibility: lasting %s: give it a time to end", g.Lasting)
	}
	body := models.NewUnifiedRoleEligibilityScheduleRequest()
	body.SetAction(pointer(models.ADMINASSIGN_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	body.SetPrincipalId(&g.PrincipalID)
	body.SetRoleDefinitionId(&g.RoleDefinitionID)
	body.SetDirectoryScopeId(&g.DirectoryScopeID)
	body.SetJustification(&g.Justification)
	body.SetScheduleInfo(scheduleInfo(g.Start, g.Lasting))
	info, err := c.roles.Directory().RoleEligibilityScheduleRequests().ToPostRequestInformation(ctx, body, nil)
	return one[ScheduleRequest](ctx, c.v1, "add eligibility", info, err)
}

// AddAssignment makes a principal hold a role without activating it (adminAssign).
func (c *Client) AddAssignment(ctx context.Context, g Grant) (ScheduleRequest, error) {
	if g.Lasting < time.Second {
		return ScheduleRequest{}, fmt.Errorf("add assignment: lasting %s: give it a time to end", g.Lasting)
	}
	body := models.NewUnifiedRoleAssignmentScheduleRequest()
	body.SetAction(pointer(models.ADMINASSIGN_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	body.SetPrincipalId(&g.PrincipalID)
	body.SetRoleDefinitionId(&g.RoleDefinitionID)
	body.SetDirectoryScopeId(&g.DirectoryScopeID)
	body.SetJustification(&g.Justification)
	body.SetScheduleInfo(scheduleInfo(g.Start, g.Lasting))
	info, err := c.roles.Directory().RoleAssignmentScheduleRequests().ToPostRequestInformation(ctx, body, nil)
	return one[ScheduleRequest](ctx, c.v1, "add assignment", info, err)
}

// RemoveEligibility ends an eligibility (adminRemove). Graph answers 400
// RoleAssignmentDoesNotExist when there is none, and ActiveDurationTooShort in its first five minutes.
func (c *Client) RemoveEligibility(ctx context.Context, h Holding, justification string) (ScheduleRequest, error) {
	body := models.NewUnifiedRoleEligibilityScheduleRequest()
	body.SetAction(pointer(models.ADMINREMOVE_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	body.SetPrincipalId(&h.PrincipalID)
	body.SetRoleDefinitionId(&h.RoleDefinitionID)
	body.SetDirectoryScopeId(&h.DirectoryScopeID)
	body.SetJustification(&justification)
	info, err := c.roles.Directory().RoleEligibilityScheduleRequests().ToPostRequestInformation(ctx, body, nil)
	return one[ScheduleRequest](ctx, c.v1, "remove eligibility", info, err)
}

// RemoveAssignment ends an assignment or an activation of another (adminRemove).
func (c *Client) RemoveAssignment(ctx context.Context, h Holding, justification string) (ScheduleRequest, error) {
	body := models.NewUnifiedRoleAssignmentScheduleRequest()
	body.SetAction(pointer(models.ADMINREMOVE_UNIFIEDROLESCHEDULEREQUESTACTIONS))
	body.SetPrincipalId(&h.PrincipalID)
	body.SetRoleDefinitionId(&h.RoleDefinitionID)
	body.SetDirectoryScopeId(&h.DirectoryScopeID)
	body.SetJustification(&justification)
	info, err := c.roles.Directory().RoleAssignmentScheduleRequests().ToPostRequestInformation(ctx, body, nil)
	return one[ScheduleRequest](ctx, c.v1, "remove assignment", info, err)
}

// scheduleInfo begins at start, in UTC: an instant without an offset is refused (observed).
func scheduleInfo(start time.Time, lasting time.Duration) models.RequestScheduleable {
	expiration := models.NewExpirationPattern()
	expiration.SetTypeEscaped(pointer(models.AFTERDURATION_EXPIRATIONPATTERNTYPE))
	expiration.SetDuration(serialization.FromDuration(lasting.Truncate(time.Second)))
	info := models.NewRequestSchedule()
	info.SetStartDateTime(pointer(start.UTC()))
	info.SetExpiration(expiration)
	return info
}
