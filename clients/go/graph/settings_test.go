package graph_test

import (
	"fmt"

	"github.com/microsoftgraph/msgraph-sdk-go/policies"
)

// ofDirectoryRoles is the filter that Graph wants on role settings (documented).
const ofDirectoryRoles = "scopeId eq '/' and scopeType eq 'DirectoryRole'"

// settingOperations are about what PIM asks of an activation.
func settingOperations() []operation {
	const settings, assigned = "/policies/roleManagementPolicies", "/policies/roleManagementPolicyAssignments"
	return []operation{
		{"GET " + settings, func(c *calls) (err error) {
			query := &policies.RoleManagementPoliciesRequestBuilderGetQueryParameters{Filter: ptr(ofDirectoryRoles)}
			c.setting, err = some(c.app.policies.RoleManagementPolicies().Get(c.ctx, &policies.RoleManagementPoliciesRequestBuilderGetRequestConfiguration{QueryParameters: query}))
			return err
		}},
		{"GET " + settings + "/{id}", func(c *calls) error {
			return dropped(one(c.app.policies.RoleManagementPolicies().ByUnifiedRoleManagementPolicyId(c.setting).Get(c.ctx, nil)))
		}},
		{"GET " + settings + "/{id}/rules", func(c *calls) error {
			return dropped(some(c.app.policies.RoleManagementPolicies().ByUnifiedRoleManagementPolicyId(c.setting).Rules().Get(c.ctx, nil)))
		}},
		{"GET " + settings + "/{id}/rules/{ruleId}", func(c *calls) error {
			return dropped(one(c.app.policies.RoleManagementPolicies().ByUnifiedRoleManagementPolicyId(c.setting).Rules().ByUnifiedRoleManagementPolicyRuleId(contextRule).Get(c.ctx, nil)))
		}},
		{"PATCH " + settings + "/{id}/rules/{ruleId}", func(c *calls) error {
			return done(c.app.policies.RoleManagementPolicies().ByUnifiedRoleManagementPolicyId(c.setting).Rules().ByUnifiedRoleManagementPolicyRuleId(contextRule).Patch(c.ctx, newContextRule(), nil))
		}},
		{"GET " + assigned, func(c *calls) (err error) {
			query := &policies.RoleManagementPolicyAssignmentsRequestBuilderGetQueryParameters{Filter: ptr(ofDirectoryRoles)}
			c.settingOf, err = some(c.app.policies.RoleManagementPolicyAssignments().Get(c.ctx, &policies.RoleManagementPolicyAssignmentsRequestBuilderGetRequestConfiguration{QueryParameters: query}))
			return err
		}},
		{"GET " + assigned + "/{id}", func(c *calls) error {
			return dropped(one(c.app.policies.RoleManagementPolicyAssignments().ByUnifiedRoleManagementPolicyAssignmentId(c.settingOf).Get(c.ctx, nil)))
		}},
	}
}

// logOperations read what the calls before them left behind.
func logOperations() []operation {
	return []operation{
		{"GET /auditLogs/signIns", func(c *calls) (err error) {
			c.signIn, err = some(c.app.audits.SignIns().Get(c.ctx, nil))
			return err
		}},
		{"GET /auditLogs/signIns/{id}", func(c *calls) error {
			row, err := c.app.audits.SignIns().BySignInId(c.signIn).Get(c.ctx, nil)
			if err == nil && *row.GetUserId() != c.tenant.Admin.ObjectID {
				return fmt.Errorf("a sign-in of %s", *row.GetUserId())
			}
			return err
		}},
		{"GET /auditLogs/directoryAudits", func(c *calls) (err error) {
			c.directoryAudit, err = some(c.app.audits.DirectoryAudits().Get(c.ctx, nil))
			return err
		}},
		{"GET /auditLogs/directoryAudits/{id}", func(c *calls) error {
			return dropped(one(c.app.audits.DirectoryAudits().ByDirectoryAuditId(c.directoryAudit).Get(c.ctx, nil)))
		}},
	}
}
