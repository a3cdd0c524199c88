package graph

import (
	"context"
	"fmt"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
)

// What PIM for Groups gives: Access of a GroupHolding and of a GroupEligibility (documented).
const (
	AccessMember = "member"
	AccessOwner  = "owner"
)

// GroupHolding is the membership or ownership of a group that a principal may activate.
type GroupHolding struct {
	GroupID     string
	PrincipalID string
	Access      string // AccessMember or AccessOwner
}

const groupEligibilityRequests = "/identityGovernance/privilegedAccess/group/eligibilityScheduleRequests"

// AddGroupEligibility makes a principal eligible in PIM for Groups, from start for a time that is
// rounded down to whole seconds. The group comes under PIM's management with it, for good
// (documented).
func (c *Client) AddGroupEligibility(ctx context.Context, h GroupHolding, justification string, start time.Time, lasting time.Duration) error {
	if lasting < time.Second {
		return fmt.Errorf("add group eligibility: lasting %s: give it a time to end", lasting)
	}
	duration := serialization.FromDuration(lasting.Truncate(time.Second)).String()
	return c.groupRequest(ctx, "add group eligibility", h.body(ActionAdminAssign, justification, map[string]any{
		"startDateTime": start.UTC().Format(time.RFC3339),
		"expiration":    map[string]any{"type": "afterDuration", "duration": duration},
	}))
}

// RemoveGroupEligibility ends an eligibility in PIM for Groups. The refusals are those of
// RemoveEligibility.
func (c *Client) RemoveGroupEligibility(ctx context.Context, h GroupHolding, justification string) error {
	return c.groupRequest(ctx, "remove group eligibility", h.body(ActionAdminRemove, justification, nil))
}

func (h GroupHolding) body(action, justification string, schedule any) map[string]any {
	body := map[string]any{
		"action": action, "groupId": h.GroupID, "principalId": h.PrincipalID, "accessId": h.Access, "justification": justification,
	}
	if schedule != nil {
		body["scheduleInfo"] = schedule
	}
	return body
}

func (c *Client) groupRequest(ctx context.Context, op string, body any) error {
	info, err := withBody(request(abs.POST, c.v1, groupEligibilityRequests, nil), body)
	_, err = send(ctx, c.v1, op, info, err)
	return err
}

// GroupSettings returns what PIM asks of whoever activates membership or ownership of a group, by
// AccessMember and AccessOwner.
func (c *Client) GroupSettings(ctx context.Context, groupID string) (map[string]RoleSetting, error) {
	read, err := c.settingsWhere(ctx, and(equal("scopeId", groupID), equal("scopeType", "Group")))
	if err != nil {
		return nil, err
	}
	settings := map[string]RoleSetting{}
	for _, setting := range read {
		settings[setting.RoleDefinitionID] = setting // for a group it is the access (documented)
	}
	return settings, nil
}
