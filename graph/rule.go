package graph

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Ids of the rules of a role management policy that decide what an activation is asked for. All
// 17 rules of a directory role's policy have fixed ids (documented).
const (
	RuleContext    = "AuthenticationContext_EndUser_Assignment"
	RuleEnablement = "Enablement_EndUser_Assignment"
	RuleApproval   = "Approval_EndUser_Assignment"
	RuleExpiration = "Expiration_EndUser_Assignment"
)

// Members of Rule.Enabled (documented).
const (
	EnableMFA           = "MultiFactorAuthentication"
	EnableJustification = "Justification"
	EnableTicketing     = "Ticketing"
)

// Rule is one rule of a role setting: the JSON as Graph gave it, which is what is written back.
// The zero Rule is none.
type Rule struct {
	ID  string
	raw json.RawMessage
}

// ruleFields are the members that this project reads. A member of another type of rule is absent.
type ruleFields struct {
	ID              string   `json:"id"`
	IsEnabled       bool     `json:"isEnabled"`  // authentication context
	ClaimValue      string   `json:"claimValue"` // authentication context; null untouched, "" once edited (observed)
	EnabledRules    []string `json:"enabledRules"`
	MaximumDuration string   `json:"maximumDuration"`
	Setting         struct {
		IsApprovalRequired bool `json:"isApprovalRequired"`
	} `json:"setting"`
}

// UnmarshalJSON keeps the bytes.
func (r *Rule) UnmarshalJSON(raw []byte) error {
	var fields ruleFields
	if err := json.Unmarshal(raw, &fields); err != nil {
		return fmt.Errorf("read role management policy rule: %w", err)
	}
	r.ID, r.raw = fields.ID, slices.Clone(raw)
	return nil
}

// MarshalJSON yields the bytes that were read, with what With… changed.
func (r Rule) MarshalJSON() ([]byte, error) {
	if r.raw == nil {
		return []byte("null"), nil
	}
	return r.raw, nil
}

func (r Rule) fields() ruleFields {
	var fields ruleFields
	_ = json.Unmarshal(r.raw, &fields) // UnmarshalJSON has read the same bytes
	return fields
}

// Context returns the context that the rule names and whether it is on.
func (r Rule) Context() (id string, on bool) {
	fields := r.fields()
	return fields.ClaimValue, fields.IsEnabled
}

// Enabled returns what else an activation is asked for: EnableMFA, EnableJustification, EnableTicketing.
func (r Rule) Enabled() []string { return r.fields().EnabledRules }

// WithContext is the rule with this context on, or with none for "".
func (r Rule) WithContext(id string) (Rule, error) {
	return r.with(map[string]any{"isEnabled": id != "", "claimValue": id})
}

// WithContextOff is the rule switched off with this context left in it: what a portal shows as no
// context, and a reader of claimValue alone takes for one.
func (r Rule) WithContextOff(id string) (Rule, error) {
	return r.with(map[string]any{"isEnabled": false, "claimValue": id})
}

// Approval reports whether the rule makes an activation wait for an approver.
func (r Rule) Approval() bool { return r.fields().Setting.IsApprovalRequired }

// WithApproval is the rule with approval on, in one stage, by one user.
func (r Rule) WithApproval(approverID string) (Rule, error) {
	var members struct {
		Setting map[string]json.RawMessage `json:"setting"`
	}
	if err := json.Unmarshal(r.raw, &members); err != nil {
		return Rule{}, fmt.Errorf("change rule %s: %w", r.ID, err)
	}
	stage, err := json.Marshal([]any{map[string]any{
		"approvalStageTimeOutInDays": 1, "isApproverJustificationRequired": true, "escalationTimeInMinutes": 0, "isEscalationEnabled": false,
		"primaryApprovers":    []any{map[string]any{"@odata.type": "#microsoft.graph.singleUser", "userId": approverID}},
		"escalationApprovers": []any{},
	}})
	if err != nil {
		return Rule{}, fmt.Errorf("change rule %s: %w", r.ID, err)
	}
	setting := members.Setting
	if setting == nil {
		setting = map[string]json.RawMessage{}
	}
	setting["isApprovalRequired"], setting["approvalStages"] = json.RawMessage("true"), stage
	return r.with(map[string]any{"setting": setting})
}

// WithEnabled is the rule with exactly these demands.
func (r Rule) WithEnabled(demands []string) (Rule, error) {
	if demands == nil {
		demands = []string{}
	}
	return r.with(map[string]any{"enabledRules": demands})
}

// with replaces members and keeps all others to the byte.
func (r Rule) with(changes map[string]any) (Rule, error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(r.raw, &members); err != nil {
		return Rule{}, fmt.Errorf("change rule %s: %w", r.ID, err)
	}
	for name, value := range changes {
		raw, err := json.Marshal(value)
		if err != nil {
			return Rule{}, fmt.Errorf("change rule %s: %w", r.ID, err)
		}
		members[name] = raw
	}
	raw, err := json.Marshal(members)
	if err != nil {
		return Rule{}, fmt.Errorf("change rule %s: %w", r.ID, err)
	}
	return Rule{ID: r.ID, raw: raw}, nil
}

// Demands reports whether two rules ask an activation for the same: the same context on (what a
// rule that is off still names does not count), approval or none, and the same demands in any
// order. It compares nothing else: notifications, approvers and targets may differ.
func (r Rule) Demands(other Rule) bool {
	a, b := r.fields(), other.fields()
	if a.ID != b.ID || a.IsEnabled != b.IsEnabled || (a.IsEnabled && a.ClaimValue != b.ClaimValue) {
		return false
	}
	return a.Setting.IsApprovalRequired == b.Setting.IsApprovalRequired && sameSet(a.EnabledRules, b.EnabledRules)
}

// Same is Demands that also compares the context which a rule that is off still names. None and an
// empty one are the same: Graph has null until the rule is first edited (observed).
func (r Rule) Same(other Rule) bool {
	return r.Demands(other) && r.fields().ClaimValue == other.fields().ClaimValue
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
