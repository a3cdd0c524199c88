package graph

import (
	"context"
	"fmt"
	"slices"
	"time"

	abs "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"
)

// RoleSetting is what PIM asks of whoever activates a role: the role management policy that is
// assigned to it.
type RoleSetting struct {
	PolicyID         string
	RoleDefinitionID string
	Modified         time.Time // zero: never since the role was made
	Rules            []Rule    // all that the policy has, in Graph's order

	ContextEnabled   bool
	ContextID        string // may be left over while ContextEnabled is false
	MFARequired      bool
	ApprovalRequired bool
	EnabledRules     []string // demands of an activation: EnableMFA and its like
	MaximumDuration  string   // of one activation, ISO 8601, for example PT8H
}

// Rule returns the rule with this id; false when the policy has none.
func (s RoleSetting) Rule(id string) (Rule, bool) {
	i := slices.IndexFunc(s.Rules, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return s.Rules[i], true
}

// policyAssignment is a role management policy assignment with its policy expanded.
type policyAssignment struct {
	PolicyID         string `json:"policyId"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	Policy           struct {
		Rules    []Rule    `json:"rules"`
		Modified time.Time `json:"lastModifiedDateTime"`
	} `json:"policy"`
}

func (a policyAssignment) setting() RoleSetting {
	s := RoleSetting{PolicyID: a.PolicyID, RoleDefinitionID: a.RoleDefinitionID, Modified: a.Policy.Modified, Rules: a.Policy.Rules}
	for _, rule := range s.Rules {
		fields := rule.fields()
		switch rule.ID {
		case RuleContext:
			s.ContextEnabled, s.ContextID = fields.IsEnabled, fields.ClaimValue
		case RuleEnablement:
			s.EnabledRules = fields.EnabledRules
			s.MFARequired = slices.Contains(fields.EnabledRules, EnableMFA)
		case RuleApproval:
			s.ApprovalRequired = fields.Setting.IsApprovalRequired
		case RuleExpiration:
			s.MaximumDuration = fields.MaximumDuration
		}
	}
	return s
}

// RoleSetting returns the setting of one directory role.
func (c *Client) RoleSetting(ctx context.Context, roleDefinitionID string) (RoleSetting, error) {
	all, err := c.roleSettings(ctx, equal("roleDefinitionId", roleDefinitionID))
	if err != nil {
		return RoleSetting{}, err
	}
	if len(all) != 1 {
		return RoleSetting{}, fmt.Errorf("get role setting of %s: graph named %d policies, want 1", roleDefinitionID, len(all))
	}
	return all[0], nil
}

// RoleSettings returns the settings of all directory roles. Settings of groups and of Azure
// resources are not among them: Graph lists the former only group by group, the latter not at all.
func (c *Client) RoleSettings(ctx context.Context) ([]RoleSetting, error) {
	return c.roleSettings(ctx, "")
}

func (c *Client) roleSettings(ctx context.Context, filter string) ([]RoleSetting, error) {
	// The filter on scope is required (documented).
	return c.settingsWhere(ctx, and(equal("scopeId", "/"), equal("scopeType", "DirectoryRole"), filter))
}

func (c *Client) settingsWhere(ctx context.Context, filter *string) ([]RoleSetting, error) {
	query := policies.RoleManagementPolicyAssignmentsRequestBuilderGetRequestConfiguration{
		QueryParameters: &policies.RoleManagementPolicyAssignmentsRequestBuilderGetQueryParameters{
			Filter: filter,
			Expand: []string{"policy($expand=rules)"},
		},
	}
	info, err := c.policies.RoleManagementPolicyAssignments().ToGetRequestInformation(ctx, &query)
	assignments, err := list[policyAssignment](ctx, c.v1, "get role setting", info, err)
	if err != nil {
		return nil, err
	}
	settings := make([]RoleSetting, len(assignments))
	for i, assignment := range assignments {
		settings[i] = assignment.setting()
	}
	return settings, nil
}

// SetRule writes one rule of a role management policy. Graph wants @odata.type, id and target in
// the body (documented); a Rule has them from where it was read. The SDK's models would write
// target.operations in another case and drop what they do not know, so the bytes go as they are.
func (c *Client) SetRule(ctx context.Context, policyID string, rule Rule) error {
	info, err := c.policies.RoleManagementPolicies().ByUnifiedRoleManagementPolicyId(policyID).
		Rules().ByUnifiedRoleManagementPolicyRuleId(rule.ID).ToGetRequestInformation(ctx, nil)
	if err == nil {
		info.Method = abs.PATCH
		info, err = withBody(info, rule)
	}
	_, err = send(ctx, c.v1, "update role setting", info, err)
	return err
}
