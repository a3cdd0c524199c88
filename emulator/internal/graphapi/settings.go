package graphapi

import (
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var settingType = &entity{
	name:       "microsoft.graph.unifiedRoleManagementPolicy",
	properties: []string{"id", "displayName", "description", "isOrganizationDefault", "scopeId", "scopeType", "lastModifiedDateTime", "lastModifiedBy"},
}

var settingAssignmentType = &entity{
	name:       "microsoft.graph.unifiedRoleManagementPolicyAssignment",
	properties: []string{"id", "policyId", "scopeId", "scopeType", "roleDefinitionId"},
}

var ruleType = &entity{name: "microsoft.graph.unifiedRoleManagementPolicyRule", properties: []string{
	"id", "target", "isExpirationRequired", "maximumDuration", "enabledRules", "notificationType", "recipientType", "notificationLevel",
	"isDefaultRecipientsEnabled", "notificationRecipients", "setting", "isEnabled", "claimValue",
}}

func init() {
	rules := expander{of: func() *entity { return ruleType }, read: expandRules}
	settingType.expand = map[string]expander{"rules": rules, "effectiveRules": rules}
	settingAssignmentType.expand = map[string]expander{"policy": {of: func() *entity { return settingType }, read: expandSetting}}
}

// ruleBody lets pim check the properties: they depend on the kind of the rule.
var ruleBody = &bodyType{ruleType.name, shape{
	"id": text, "target": objectOf(graphPrefix+"unifiedRoleManagementPolicyRuleTarget", shape{
		"caller": text, "level": text, "inheritableSettings": texts, "enforcedSettings": texts,
		"operations":    someOf("all", "activate", "deactivate", "assign", "update", "remove", "extend", "renew", "unknownFutureValue"),
		"targetObjects": anything,
	}),
	"isExpirationRequired": boolean, "maximumDuration": text, "enabledRules": texts, "notificationType": text, "recipientType": text,
	"notificationLevel": text, "isDefaultRecipientsEnabled": boolean, "notificationRecipients": texts, "isEnabled": boolean, "claimValue": text,
	"setting": objectOf(graphPrefix+"approvalSettings", shape{
		"isApprovalRequired": boolean, "isApprovalRequiredForExtension": boolean, "isRequestorJustificationRequired": boolean, "approvalMode": text,
		"approvalStages": objectsOf(graphPrefix+"unifiedApprovalStage", shape{
			"approvalStageTimeOutInDays": integer, "isApproverJustificationRequired": boolean, "escalationTimeInMinutes": integer,
			"isEscalationEnabled": boolean, "primaryApprovers": approversKind, "escalationApprovers": approversKind,
		}),
	}),
}}

var approversKind = objectsOf(graphPrefix+"subjectSet", shape{
	"userId": text, "groupId": text, "id": text, "description": text, "isBackup": boolean,
})

func settingOperations() []*operation {
	// For applications only the permissions of role management are documented; live, one
	// read settings with those of the settings (observed).
	read := permissions("RoleManagementPolicy.Read.Directory", "RoleManagementPolicy.Read.AzureADGroup", "RoleManagement.Read.Directory", "RoleManagement.Read.All").as(deniedByPIM)
	// Documents say that an application cannot write role settings; live, one did
	// (observed). The tenant lets it.
	write := permissions("RoleManagementPolicy.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.AzureADGroup", "RoleManagement.ReadWrite.Directory").as(deniedByPIM).role(roleAdmins)
	return []*operation{
		{method: get, path: "/policies/roleManagementPolicies", grant: read, handle: listSettings},
		{method: get, path: "/policies/roleManagementPolicies/{policy}", grant: read, handle: getSetting},
		{method: get, path: "/policies/roleManagementPolicies/{policy}/rules", grant: read, handle: listRules},
		{method: get, path: "/policies/roleManagementPolicies/{policy}/rules/{rule}", grant: read, handle: getRule},
		{method: patch, path: "/policies/roleManagementPolicies/{policy}/rules/{rule}", grant: write, body: ruleBody, handle: patchRule},
		{method: get, path: "/policies/roleManagementPolicyAssignments", grant: read, handle: listSettingAssignments},
		{method: get, path: "/policies/roleManagementPolicyAssignments/{assignment}", grant: read, handle: getSettingAssignment},
	}
}

func settingObject(t *store.Tenant, s store.RoleSetting) *document.Object {
	by := document.Of("displayName", nil, "id", nil)
	o := document.Of("id", s.ID, "displayName", s.ScopeType, "description", s.ScopeType, "isOrganizationDefault", false,
		"scopeId", s.ScopeID, "scopeType", s.ScopeType, "lastModifiedDateTime", nil, "lastModifiedBy", by)
	if !s.ModifiedAt.IsZero() {
		o.Set("lastModifiedDateTime", s.ModifiedAt)
	}
	if u, ok := t.Users.Get(s.ModifiedBy); ok {
		by.Set("displayName", u.DisplayName).Set("id", u.ID)
	}
	return o
}

func assignmentObject(s store.RoleSetting) *document.Object {
	return document.Of("id", s.AssignmentID, "policyId", s.ID, "scopeId", s.ScopeID, "scopeType", s.ScopeType, "roleDefinitionId", s.RoleID)
}

func ruleObjects(s store.RoleSetting) []*document.Object {
	var list []*document.Object
	for _, r := range s.Rules {
		list = append(list, document.MustParse(r.Raw))
	}
	return list
}

func expandRules(c *call, o *document.Object) any {
	s, _ := c.t.RoleSettings.Get(o.String("id"))
	return ruleObjects(s)
}

func expandSetting(c *call, o *document.Object) any {
	s, ok := c.t.RoleSettings.Get(o.String("policyId"))
	if !ok {
		return (*document.Object)(nil)
	}
	return settingObject(c.t, s)
}

// scopedSettings are the settings of the scope that the filter must name (documented:
// the filter is required). 'Directory' is accepted as scope type too.
func (c *call) scopedSettings() ([]store.RoleSetting, error) {
	scope, hasScope := c.query.Filter.Equals("scopeId")
	kind, hasKind := c.query.Filter.Equals("scopeType")
	if !hasScope || !hasKind {
		return nil, badRequest("A $filter with scopeId and scopeType is required.")
	}
	switch {
	case strings.EqualFold(kind, "Group"):
		if _, ok := c.t.Groups.Get(scope); !ok {
			return nil, notFound("group", scope)
		}
		return pim.GroupSettings(c.t, scope), nil
	case strings.EqualFold(kind, "DirectoryRole"), strings.EqualFold(kind, "Directory"):
		return pim.Settings(c.t), nil
	}
	return nil, badRequest("The scopeType '%s' is not supported.", kind)
}

func listSettings(c *call) (result, error) {
	settings, err := c.scopedSettings()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, s := range settings {
		list = append(list, c.asAsked(settingObject(c.t, s)))
	}
	return c.list(settingType, list)
}

func listSettingAssignments(c *call) (result, error) {
	settings, err := c.scopedSettings()
	if err != nil {
		return result{}, err
	}
	var list []*document.Object
	for _, s := range settings {
		list = append(list, c.asAsked(assignmentObject(s)))
	}
	return c.list(settingAssignmentType, list)
}

// asAsked writes the scope type in the word of the filter, so that 'Directory' matches.
func (c *call) asAsked(o *document.Object) *document.Object {
	if kind, _ := c.query.Filter.Equals("scopeType"); strings.EqualFold(kind, "Directory") {
		o.Set("scopeType", "Directory")
	}
	return o
}

func (c *call) setting() (store.RoleSetting, error) {
	s, ok := c.t.RoleSettings.Get(c.vars["policy"])
	if !ok {
		return store.RoleSetting{}, notFound("role management policy", c.vars["policy"])
	}
	return s, nil
}

func getSetting(c *call) (result, error) {
	s, err := c.setting()
	if err != nil {
		return result{}, err
	}
	return c.one(settingType, settingObject(c.t, s))
}

func listRules(c *call) (result, error) {
	s, err := c.setting()
	if err != nil {
		return result{}, err
	}
	return c.list(ruleType, ruleObjects(s))
}

func getRule(c *call) (result, error) {
	s, err := c.setting()
	if err != nil {
		return result{}, err
	}
	for _, r := range s.Rules {
		if strings.EqualFold(r.ID, c.vars["rule"]) {
			return c.one(ruleType, document.MustParse(r.Raw))
		}
	}
	return result{}, notFound("rule", c.vars["rule"])
}

func patchRule(c *call) (result, error) {
	if err := pim.PatchRule(c.t, c.caller(), c.vars["policy"], c.vars["rule"], c.body); err != nil {
		return result{}, err
	}
	return noContent(), nil
}

func getSettingAssignment(c *call) (result, error) {
	for _, s := range c.t.RoleSettings.List() {
		if strings.EqualFold(s.AssignmentID, c.vars["assignment"]) {
			return c.one(settingAssignmentType, assignmentObject(s))
		}
	}
	return result{}, notFound("role management policy assignment", c.vars["assignment"])
}
