package pim

import (
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// ruleProperties are the properties of each kind of rule besides @odata.type, id and
// target; another one is refused.
var ruleProperties = map[string][]string{
	"Expiration":            {"isExpirationRequired", "maximumDuration"},
	"Enablement":            {"enabledRules"},
	"Notification":          {"notificationType", "recipientType", "notificationLevel", "isDefaultRecipientsEnabled", "notificationRecipients"},
	"Approval":              {"setting"},
	"AuthenticationContext": {"isEnabled", "claimValue"},
}

// PatchRule changes one rule of a role setting; it takes effect after the lag of role
// settings. The body must carry @odata.type and id (documented).
//
// MFA and a context exclude each other one way only (observed): MFA is refused while a
// context is on, a context is accepted while MFA is on. The context's value is not
// checked against the contexts of the tenant (observed): an unknown one shows at the
// activation.
func PatchRule(t *store.Tenant, caller Caller, policyID, ruleID string, body *document.Object) error {
	setting, ok := t.RoleSettings.Get(policyID)
	if !ok {
		return notFound("policy", policyID)
	}
	i := slices.IndexFunc(setting.Rules, func(r store.Rule) bool { return strings.EqualFold(r.ID, ruleID) })
	if i < 0 {
		return notFound("rule", ruleID)
	}
	old := document.MustParse(setting.Rules[i].Raw)
	if err := checkPatch(old, body); err != nil {
		return err
	}
	merged := document.Merge(old, body)
	normalise(merged)
	rules := slices.Clone(setting.Rules)
	rules[i].Raw = merged.Raw()
	if err := conflict(setting.Rules, rules); err != nil {
		return err
	}
	setting.Rules, setting.ModifiedAt, setting.ModifiedBy = rules, t.Now(), caller.UserID
	t.RoleSettings.Put(policyID, setting, t.EffectiveAt(store.LagRoleSetting))
	auditSetting(t, caller, setting, old, merged)
	return nil
}

func checkPatch(old, body *document.Object) error {
	kind := strings.TrimPrefix(body.String("@odata.type"), "#")
	if !strings.EqualFold("#"+kind, old.String("@odata.type")) {
		return refuse(CodeBadRequest, "The property '@odata.type' must be %q for this rule.", old.String("@odata.type"))
	}
	if id := body.String("id"); body.Has("id") && !strings.EqualFold(id, old.String("id")) {
		return refuse(CodeBadRequest, "The id %q in the body is not the id of the rule.", id)
	}
	known := append([]string{"@odata.type", "id", "target"}, ruleProperties[kindOf(old)]...)
	for _, k := range body.Keys() {
		if !slices.Contains(known, k) && !strings.HasPrefix(k, "@odata.") {
			return refuse(CodeBadRequest, "The property '%s' does not exist on type '%s'.", k, strings.TrimPrefix(old.String("@odata.type"), "#"))
		}
	}
	for _, word := range body.Strings("enabledRules") {
		if canonicalWord(word) == "" {
			return refuse(CodeBadRequest, "The rule %q is not supported.", word)
		}
	}
	if d := body.String("maximumDuration"); d != "" {
		if _, err := ParseDuration(d); err != nil {
			return refuse(CodeBadRequest, "The maximumDuration %q is not a valid duration.", d)
		}
	}
	return nil
}

func kindOf(rule *document.Object) string {
	return strings.TrimSuffix(strings.TrimPrefix(rule.String("@odata.type"), rulePrefix), "Rule")
}

func canonicalWord(word string) string {
	for _, known := range []string{ruleMFA, ruleJustification, ruleTicketing} {
		if strings.EqualFold(word, known) {
			return known
		}
	}
	return ""
}

// normalise writes what the service answers whatever the case of the request.
func normalise(rule *document.Object) {
	if rule.Has("enabledRules") {
		words := rule.Strings("enabledRules")
		for i, w := range words {
			words[i] = canonicalWord(w)
		}
		rule.Set("enabledRules", words)
	}
	if target := rule.Object("target"); target != nil {
		target.Delete("@odata.type")
		operations := target.Strings("operations")
		for i, o := range operations {
			operations[i] = strings.ToLower(o[:min(1, len(o))]) + o[min(1, len(o)):]
		}
		target.Set("operations", operations)
	}
	// Observed: a disabled context reads "" once it was edited.
	if v, ok := rule.Get("claimValue"); ok && v == nil && !rule.Bool("isEnabled") {
		rule.Set("claimValue", "")
	}
}

// conflict refuses to turn MFA on while the context is on.
func conflict(before, after []store.Rule) error {
	was, is := Rules{before}, Rules{after}
	if is.Context() != "" && is.MFARequired() && !was.MFARequired() {
		return refuse(CodeMfaAndAcrsConflict, "The Mfa and Acrs policy settings cannot be enabled simultaneously.")
	}
	return nil
}
