package mspim

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/pim"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// listSettings answers the setting of the role that the filter names, with the rules of an
// activation. The form is inferred: rules by identifier, each setting a JSON text.
func listSettings(c *call) (any, error) {
	roleID, ok := c.query.Filter.Equals("roleDefinition/id")
	if !ok {
		return nil, badRequest("The filter must name the roleDefinition/id.")
	}
	if _, ok := c.tenant.RoleDefs.Get(roleID); !ok {
		return nil, &pim.Error{Status: 400, Code: pim.CodeRoleNotFound, Message: "The role is not found."}
	}
	setting := pim.SettingOf(c.tenant, pim.Target{RoleDefinitionID: roleID, DirectoryScopeID: "/"})
	activation := document.Of("caller", "EndUser", "operation", "ALL", "level", "Member", "value", activationRules(setting))
	o := document.Of(
		"id", setting.ID, "resourceId", c.tenant.ID, "roleDefinitionId", roleID, "isDefault", setting.ModifiedAt.IsZero(),
		"lifeCycleManagement", []any{activation},
		"resource", document.Of("id", c.tenant.ID, "type", "Directory", "displayName", c.tenant.DisplayName),
	)
	return c.filtered([]*document.Object{c.expand(o, roleID, "/")}), nil
}

// activationRules translates the rules of Microsoft Graph.
func activationRules(setting store.RoleSetting) []any {
	expiration, enablement := rule(setting, "Expiration"), rule(setting, "Enablement")
	context, approval := rule(setting, "AuthenticationContext"), rule(setting, "Approval").Object("setting")
	longest, err := pim.ParseDuration(expiration.String("maximumDuration"))
	if err != nil {
		longest = 0
	}
	enabled := func(word string) bool { return slices.Contains(enablement.Strings("enabledRules"), word) }
	return []any{
		legacyRule("ExpirationRule", "permanentAssignment", false, "maximumGrantPeriodInMinutes", int(longest.Minutes())),
		legacyRule("MfaRule", "mfaRequired", enabled("MultiFactorAuthentication")),
		legacyRule("JustificationRule", "required", enabled("Justification")),
		legacyRule("TicketingRule", "ticketingRequired", enabled("Ticketing")),
		legacyRule("ApprovalRule", "enabled", approval.Bool("isApprovalRequired")),
		legacyRule("AcrsRule", "acrsRequired", context.Bool("isEnabled"), "acrs", context.String("claimValue")),
	}
}

func rule(setting store.RoleSetting, name string) *document.Object {
	for _, r := range setting.Rules {
		if strings.EqualFold(r.ID, name+"_EndUser_Assignment") {
			return document.MustParse(r.Raw)
		}
	}
	return document.Of()
}

func legacyRule(identifier string, pairs ...any) *document.Object {
	text, err := json.Marshal(document.Of(pairs...))
	if err != nil {
		panic(err) // numbers, texts and booleans always have a JSON form
	}
	return document.Of("ruleIdentifier", identifier, "setting", string(text))
}
