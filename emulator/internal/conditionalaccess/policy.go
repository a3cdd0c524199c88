package conditionalaccess

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is the state of a policy, spelled as Microsoft Graph spells it.
type State string

// The states of a Conditional Access policy (documented).
const (
	Enabled    State = "enabled"
	Disabled   State = "disabled"
	ReportOnly State = "enabledForReportingButNotEnforced"
)

// Policy is a conditionalAccessPolicy in typed form. An empty list in a
// condition that names "include" means that the condition is not set, except
// for users and applications, where it means that nobody and nothing is included.
type Policy struct {
	ID          string
	DisplayName string
	State       State
	Conditions  Conditions
	// Grant is nil for a policy without grant controls: it grants access.
	Grant   *Grant
	Session Session
}

// Conditions are the assignments and conditions of a policy; all must match.
type Conditions struct {
	Users                Users
	Applications         Applications
	Platforms            IncludeExclude
	Locations            IncludeExclude
	ClientAppTypes       []string
	UserRiskLevels       []string
	SignInRiskLevels     []string
	InsiderRiskLevels    []string
	TransferMethods      []string
	DeviceFilter         *DeviceFilter
	ForServicePrincipals bool // the policy is about workload identities, never about users
}

// IncludeExclude is a condition by lists of ids or keywords; exclusion wins.
type IncludeExclude struct {
	Include, Exclude []string
}

// Users says whom a policy covers.
type Users struct {
	IncludeUsers, ExcludeUsers   []string
	IncludeGroups, ExcludeGroups []string
	IncludeRoles, ExcludeRoles   []string
	IncludeGuests, ExcludeGuests *Guests
}

// Guests names kinds of guests and, when Tenants is not empty, their home tenants.
type Guests struct {
	Types   []string
	Tenants []string
}

// Applications says what a policy protects: apps, user actions or contexts.
type Applications struct {
	Include, Exclude []string
	UserActions      []string
	Contexts         []string
}

// Grant is the grant part of a policy.
type Grant struct {
	// All is true for the operator AND; otherwise one control suffices.
	All bool
	// BuiltIn holds block, mfa, compliantDevice, domainJoinedDevice, ….
	BuiltIn    []string
	TermsOfUse []string
	Custom     []string
	// Strength is the required authentication strength, nil when none is required.
	Strength *Strength
}

// Session is the session part of a policy, as far as it affects a sign-in.
type Session struct {
	// Frequency is nil when the sign-in frequency is not set or not enabled.
	Frequency *Frequency
	// PersistentBrowser is "always", "never" or "" when not set.
	PersistentBrowser string
	// Other names further enabled session controls, for the sign-in log.
	Other []string
}

// Frequency is an enabled sign-in frequency.
type Frequency struct {
	// EveryTime asks for re-authentication at each evaluation; Interval is then 0.
	EveryTime bool
	Interval  time.Duration
	// SecondaryOnly re-runs only the second factor (inferred from the name of the
	// value secondaryAuthentication; no document gives the prompt sequence).
	SecondaryOnly bool
}

// TargetsContext reports whether the policy names the context, whatever its
// state: PIM's fallback to MFA is off as soon as any policy does (documented).
func (p Policy) TargetsContext(context string) bool {
	return slices.ContainsFunc(p.Conditions.Applications.Contexts, func(c string) bool { return strings.EqualFold(c, context) })
}

// ContextTargeted reports whether any of the policies targets the context, in
// whatever state.
func ContextTargeted(context string, policies []Policy) bool {
	return slices.ContainsFunc(policies, func(p Policy) bool { return p.TargetsContext(context) })
}

// ContextProtected reports whether an enabled policy targets the context. A
// published context that none protects is emitted unasked (observed).
func ContextProtected(context string, policies []Policy) bool {
	return slices.ContainsFunc(policies, func(p Policy) bool { return p.State == Enabled && p.TargetsContext(context) })
}

// Parse reads a conditionalAccessPolicy of Microsoft Graph. Unknown properties
// are left alone, since the policy may carry more than the tenant models; what
// is modelled must be well formed, and the error names the property at fault.
func Parse(raw json.RawMessage) (Policy, error) {
	var w wirePolicy
	if err := json.Unmarshal(raw, &w); err != nil {
		return Policy{}, fmt.Errorf("parse conditional access policy: %w", err)
	}
	p, err := w.policy()
	if err != nil {
		return Policy{}, fmt.Errorf("parse conditional access policy %q: %w", w.DisplayName, err)
	}
	return p, nil
}

// ParseAll reads every policy of a list.
func ParseAll(raw []json.RawMessage) ([]Policy, error) {
	policies := make([]Policy, 0, len(raw))
	for _, r := range raw {
		p, err := Parse(r)
		if err != nil {
			return nil, err
		}
		policies = append(policies, p)
	}
	return policies, nil
}
