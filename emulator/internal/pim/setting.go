package pim

import (
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// The vocabulary of an enablement rule (documented).
const (
	ruleMFA           = "MultiFactorAuthentication"
	ruleJustification = "Justification"
	ruleTicketing     = "Ticketing"
)

// SettingOf returns the role setting of a target, as last written; it is made with
// the default rules when it is asked for first.
func SettingOf(t *store.Tenant, target Target) store.RoleSetting {
	scopeID, scopeType, roleID := target.settingKey()
	for _, s := range t.RoleSettings.List() {
		if s.ScopeType == scopeType && strings.EqualFold(s.ScopeID, scopeID) && strings.EqualFold(s.RoleID, roleID) {
			return s
		}
	}
	owner := t.ID
	if target.IsGroup() {
		owner = target.GroupID
	}
	id := scopeType + "_" + owner + "_" + t.NewID()
	s := store.RoleSetting{ID: id, AssignmentID: id + "_" + roleID, ScopeID: scopeID, ScopeType: scopeType, RoleID: roleID, Rules: defaultRules()}
	t.RoleSettings.Put(id, s, t.CreatedAt)
	return s
}

// Settings returns the role settings of every directory role, made where missing.
func Settings(t *store.Tenant) []store.RoleSetting {
	var out []store.RoleSetting
	for _, r := range t.RoleDefs.List() {
		out = append(out, SettingOf(t, Target{RoleDefinitionID: r.ID}))
	}
	return out
}

// GroupSettings returns the two settings of a group: of its members and its owners.
func GroupSettings(t *store.Tenant, groupID string) []store.RoleSetting {
	return []store.RoleSetting{
		SettingOf(t, Target{GroupID: groupID, AccessID: "member"}),
		SettingOf(t, Target{GroupID: groupID, AccessID: "owner"}),
	}
}

// EffectiveSetting is what an activation is judged by: the setting in effect after the
// lag of role settings.
func EffectiveSetting(t *store.Tenant, target Target, now time.Time) Rules {
	newest := SettingOf(t, target)
	if at, ok := t.RoleSettings.GetAt(newest.ID, now); ok {
		return Rules{at.Rules}
	}
	return Rules{defaultRules()}
}

// Rules reads the rules of a role setting.
type Rules struct{ rules []store.Rule }

// RulesOf reads the rules of a setting as last written.
func RulesOf(s store.RoleSetting) Rules { return Rules{s.Rules} }

func (r Rules) rule(id string) *document.Object {
	for _, rule := range r.rules {
		if rule.ID == id {
			return document.MustParse(rule.Raw)
		}
	}
	return nil
}

// Context is the authentication context that an activation requires, "" when none.
func (r Rules) Context() string {
	rule := r.rule("AuthenticationContext_EndUser_Assignment")
	if !rule.Bool("isEnabled") {
		return ""
	}
	return rule.String("claimValue")
}

// enabled reports whether the enablement rule of caller and level names the word.
func (r Rules) enabled(caller string, kind store.Kind, word string) bool {
	for _, w := range r.rule("Enablement_" + caller + "_" + level(kind)).Strings("enabledRules") {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

// MFARequired reports whether an activation requires MFA by the setting itself.
func (r Rules) MFARequired() bool { return r.enabled("EndUser", store.Assignment, ruleMFA) }

// expiration reads the expiration rule of caller and level.
func (r Rules) expiration(caller string, kind store.Kind) (required bool, longest time.Duration) {
	rule := r.rule("Expiration_" + caller + "_" + level(kind))
	longest, err := ParseDuration(rule.String("maximumDuration"))
	if err != nil {
		return rule.Bool("isExpirationRequired"), 0
	}
	return rule.Bool("isExpirationRequired"), longest
}

// approval is the approval setting of activations; nil when none is required.
func (r Rules) approval() *document.Object {
	if setting := r.rule("Approval_EndUser_Assignment").Object("setting"); setting.Bool("isApprovalRequired") {
		return setting
	}
	return nil
}

func level(kind store.Kind) string {
	if kind == store.Eligibility {
		return "Eligibility"
	}
	return "Assignment"
}
