package pim

import (
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

const rulePrefix = "#microsoft.graph.unifiedRoleManagementPolicy"

// defaultRules are the 17 rules of a policy that nobody has touched. Their values
// are documented, their order is that of a live export (observed). Documents and
// live exports disagree on target.operations (all, All) and on isExpirationRequired
// of Expiration_EndUser_Assignment (true, false): the documented values are here.
func defaultRules() []store.Rule {
	var rules []store.Rule
	add := func(id, kind, caller, level string, properties ...any) {
		rules = append(rules, store.Rule{ID: id, Raw: ruleObject(id, kind, caller, level, properties).Raw()})
	}
	notify := func(caller, level string) {
		for _, recipient := range []string{"Admin", "Requestor", "Approver"} {
			add("Notification_"+recipient+"_"+caller+"_"+level, "Notification", caller, level,
				"notificationType", "Email", "recipientType", recipient, "notificationLevel", "All",
				"isDefaultRecipientsEnabled", true, "notificationRecipients", []string{})
		}
	}
	add("Expiration_Admin_Eligibility", "Expiration", "Admin", "Eligibility", "isExpirationRequired", false, "maximumDuration", "P365D")
	notify("Admin", "Eligibility")
	add("Enablement_Admin_Eligibility", "Enablement", "Admin", "Eligibility", "enabledRules", []string{})
	add("Expiration_Admin_Assignment", "Expiration", "Admin", "Assignment", "isExpirationRequired", false, "maximumDuration", "P180D")
	add("Enablement_Admin_Assignment", "Enablement", "Admin", "Assignment", "enabledRules", []string{ruleJustification})
	notify("Admin", "Assignment")
	add("Expiration_EndUser_Assignment", "Expiration", "EndUser", "Assignment", "isExpirationRequired", true, "maximumDuration", "PT8H")
	add("Enablement_EndUser_Assignment", "Enablement", "EndUser", "Assignment", "enabledRules", []string{ruleMFA, ruleJustification})
	add("Approval_EndUser_Assignment", "Approval", "EndUser", "Assignment", "setting", defaultApproval())
	// claimValue null for an untouched rule is documented; "" once it was edited, observed.
	add("AuthenticationContext_EndUser_Assignment", "AuthenticationContext", "EndUser", "Assignment", "isEnabled", false, "claimValue", nil)
	notify("EndUser", "Assignment")
	return rules
}

func ruleObject(id, kind, caller, level string, properties []any) *document.Object {
	rule := document.Of("@odata.type", rulePrefix+kind+"Rule", "id", id)
	for i := 0; i+1 < len(properties); i += 2 {
		rule.Set(properties[i].(string), properties[i+1])
	}
	return rule.Set("target", document.Of("caller", caller, "operations", []string{"all"}, "level", level,
		"inheritableSettings", []string{}, "enforcedSettings", []string{}))
}

func defaultApproval() *document.Object {
	stage := document.Of("approvalStageTimeOutInDays", 1, "isApproverJustificationRequired", true,
		"escalationTimeInMinutes", 0, "isEscalationEnabled", false, "primaryApprovers", []string{}, "escalationApprovers", []string{})
	return document.Of("isApprovalRequired", false, "isApprovalRequiredForExtension", false,
		"isRequestorJustificationRequired", true, "approvalMode", "SingleStage", "approvalStages", []*document.Object{stage})
}
