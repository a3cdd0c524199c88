package graph

import (
	"context"
	"fmt"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/rolemanagement"

	"github.com/reprompt/reprompt/secret"
)

// RequestsToApprove returns the requests that wait for a decision of the approver whose delegated token
// this is (documented: filterByCurrentUser, approver).
func (c *Client) RequestsToApprove(ctx context.Context, token secret.Text) ([]ScheduleRequest, error) {
	as, err := c.as(token)
	if err != nil {
		return nil, fmt.Errorf("list requests to approve: %w", err)
	}
	info, err := as.ownRequests("approver").ToGetRequestInformation(ctx, nil)
	return list[ScheduleRequest](ctx, as.v1, "list requests to approve", info, err)
}

// ownRequests are the requests that the signed-in user made, or is to approve.
func (c *Client) ownRequests(on string) *rolemanagement.DirectoryRoleAssignmentScheduleRequestsFilterByCurrentUserWithOnRequestBuilder {
	return c.roles.Directory().RoleAssignmentScheduleRequests().FilterByCurrentUserWithOn(&on)
}

// Decide answers a request for a directory role as the approver whose delegated token this is, in the
// step that is the approver's. An application cannot (documented). Approvals of roles and their steps are
// in beta only (documented), and the SDK has no builder for them.
func (c *Client) Decide(ctx context.Context, token secret.Text, approvalID string, agree bool, justification string) error {
	as, err := c.as(token)
	if err != nil {
		return fmt.Errorf("decide about a request: %w", err)
	}
	const steps = "/roleManagement/directory/roleAssignmentApprovals/{approval}/steps"
	own, err := list[struct {
		ID     string `json:"id"`
		Mine   bool   `json:"assignedToMe"`
		Status string `json:"status"`
	}](ctx, as.beta, "list approval steps", request(abs.GET, as.beta, steps, map[string]string{"approval": approvalID}), nil)
	if err != nil {
		return err
	}
	for _, step := range own {
		if !step.Mine || step.Status != "InProgress" {
			continue
		}
		info := request(abs.PATCH, as.beta, steps+"/{step}", map[string]string{"approval": approvalID, "step": step.ID})
		info, err := withBody(info, map[string]string{"reviewResult": map[bool]string{true: "Approve", false: "Deny"}[agree], "justification": justification})
		_, err = send(ctx, as.beta, "decide about a request", info, err)
		return err
	}
	return fmt.Errorf("decide about a request: approval %s has no step that waits for this approver", approvalID)
}

// as is the same Graph, asked with the delegated token of a user.
func (c *Client) as(token secret.Text) (*Client, error) {
	o := c.options
	o.Token = func(context.Context, string) (secret.Text, error) { return token, nil }
	return New(o)
}
