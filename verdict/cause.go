package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Graph paths of the objects that causes name.
const (
	contextsPath = "/identity/conditionalAccess/authenticationContextClassReferences"
	policiesPath = "/identity/conditionalAccess/policies"
)

// Diagnose names the faults of the configuration that explain why the admin of the observation
// was not asked, the decisive one first: what keeps the admin from the role or stopped the proof, then the chain
// from the role setting to the context to the policy that comes nearest to asking. It reads
// Configuration, the role setting and where a flow broke, never the outcome; where a link is missing, what would
// hang on it is not judged. It is empty, never nil, when the configuration is as it should be
// or was not read.
func Diagnose(o Observation) []Cause {
	causes := []Cause{}
	causes = append(causes, o.accessCauses()...)
	causes = append(causes, o.hindranceCauses()...)
	causes = append(causes, o.chainCauses()...)
	causes = append(causes, o.pathCauses()...)
	if o.Setting.ApprovalRequired {
		causes = append(causes, Cause{
			ApprovalRequired, o.rulePath("Approval_EndUser_Assignment"),
			"An activation of this role waits for an approver: it stays pending and cannot be used until one agrees.",
			"Prove a role without approval, or have the request approved and read the sign-in log.",
		})
	}
	return causes
}

// causesBeside keeps, beside enforced, only what leads around the control, and that an approver has
// to act before the role can be used.
func causesBeside(outcome Outcome, causes []Cause) []Cause {
	if outcome != Enforced {
		return causes
	}
	return slices.DeleteFunc(causes, func(c Cause) bool { return c.Code != UnprotectedPath && c.Code != ApprovalRequired })
}

// accessCauses are why the admin could not activate the role at all.
func (o Observation) accessCauses() []Cause {
	var causes []Cause
	for _, a := range o.Active {
		causes = append(causes, Cause{
			CauseRoleAlreadyActive, o.assignmentPath(a.ID),
			fmt.Sprintf("The role %s is active for %s already (%s), so nothing is asked for.", o.Role.Name, o.Admin.UPN, a.Type),
			"Remove the active assignment, or wait until it ends, and leave the admin eligible only.",
		})
	}
	if o.Eligible || (o.Failure != nil && o.Failure.Code != RoleNotEligible) {
		return causes
	}
	if scope, ok := o.otherScope(); ok {
		return append(causes, Cause{
			EligibilityScoped, o.eligibilityPath(),
			fmt.Sprintf("%s is eligible for %s at %s only, not at %s.", o.Admin.UPN, o.Role.Name, scope, o.Role.DirectoryScopeID),
			fmt.Sprintf("Prove the role at %s, or make the admin eligible at %s.", scope, o.Role.DirectoryScopeID),
		})
	}
	return append(causes, Cause{
		CauseRoleNotEligible, o.eligibilityPath(),
		fmt.Sprintf("%s is not eligible for %s at %s.", o.Admin.UPN, o.Role.Name, o.Role.DirectoryScopeID),
		"Make the admin eligible for the role in Privileged Identity Management.",
	})
}

// otherScope is a scope at which the admin is eligible, when it is not the one of the role.
func (o Observation) otherScope() (string, bool) {
	if o.Configuration == nil {
		return "", false
	}
	for _, p := range o.Configuration.Principals {
		if p.ID == o.Admin.ObjectID && p.Scope != "" && p.Scope != o.Role.DirectoryScopeID {
			return p.Scope, true
		}
	}
	return "", false
}

// chainCauses follow role setting -> context -> policies.
func (o Observation) chainCauses() []Cause {
	switch {
	case o.Setting.PolicyID == "":
		return nil
	case !o.Setting.RequiresContext():
		return []Cause{o.settingCause()}
	case o.Configuration == nil:
		return nil
	default:
		return append(o.contextCauses(), o.policyCauses()...)
	}
}

func (o Observation) settingCause() Cause {
	asks := "nothing"
	if o.Setting.MFARequired {
		asks = "only multifactor authentication, which an earlier sign-in of the session satisfies"
	}
	left := ""
	if !o.Setting.ContextEnabled && o.Setting.ContextID != "" {
		left = fmt.Sprintf("; the context %s stands in its rule, which is switched off", o.Setting.ContextID)
	}
	return Cause{
		RoleSettingNoContext, o.rulePath("AuthenticationContext_EndUser_Assignment"),
		fmt.Sprintf("The role setting of %s asks for %s on activation%s.", o.Role.Name, asks, left),
		"In the role setting choose \"On activation, require: Microsoft Entra Conditional Access authentication context\" and a context that a policy with sign-in frequency \"every time\" targets.",
	}
}

func (o Observation) contextCauses() []Cause {
	id := o.Setting.ContextID
	object := contextsPath + "/" + id
	i := slices.IndexFunc(o.Configuration.Contexts, func(c Context) bool { return c.ID == id })
	switch {
	case i < 0:
		return []Cause{{
			ContextMissing, object,
			fmt.Sprintf("The role setting requires the authentication context %s, which does not exist.", id),
			fmt.Sprintf("Create the authentication context %s and publish it to apps.", id),
		}}
	case !o.Configuration.Contexts[i].Published:
		return []Cause{{
			ContextNotPublished, object,
			fmt.Sprintf("The authentication context %s (%s) is not published to apps.", id, o.Configuration.Contexts[i].Name),
			"Set \"Publish to apps\" on the authentication context.",
		}}
	default:
		return nil
	}
}

// policyCauses are empty as soon as one policy asks this admin every time, without conditions,
// and none blocks. Otherwise every policy on the context is explained, the one nearest to
// right first.
func (o Observation) policyCauses() []Cause {
	policies := o.Configuration.targeting(o.Setting.ContextID)
	if len(policies) == 0 {
		return []Cause{{
			PolicyMissing, policiesPath,
			fmt.Sprintf("No Conditional Access policy targets the authentication context %s; PIM then falls back to multifactor authentication, which an earlier sign-in satisfies.", o.Setting.ContextID),
			fmt.Sprintf("Create a policy that targets the context %s and the eligible admins, with sign-in frequency \"every time\".", o.Setting.ContextID),
		}}
	}
	causes := o.blockCauses(policies)
	asking := slices.DeleteFunc(policies, func(p Policy) bool { return p.State == stateEnabled && p.blocks() })
	if len(asking) == 0 && len(causes) == 0 {
		return []Cause{{
			PolicyMissing, policiesPath,
			fmt.Sprintf("The policies on the authentication context %s only block, and not this sign-in; none asks for anything, and PIM no longer falls back to multifactor authentication.", o.Setting.ContextID),
			fmt.Sprintf("Create a policy that targets the context %s and the eligible admins, with sign-in frequency \"every time\".", o.Setting.ContextID),
		}}
	}
	return append(causes, o.askingCauses(asking)...)
}

// askingCauses are why none of the policies that could ask does; empty when one does.
func (o Observation) askingCauses(policies []Policy) []Cause {
	var faults [][]Cause
	for _, p := range policies {
		found := o.faults(p)
		if len(found) == 0 {
			return nil
		}
		faults = append(faults, found)
	}
	slices.SortStableFunc(faults, func(a, b []Cause) int {
		return cmp.Or(cmp.Compare(strangeness(a), strangeness(b)), cmp.Compare(len(a), len(b)))
	})
	return slices.Concat(faults...)
}

// strangeness puts policies that were made for the admin before those that are for others: a policy
// on somebody else is seldom the one that was meant.
func strangeness(faults []Cause) int {
	if slices.ContainsFunc(faults, func(c Cause) bool { return c.Code == PolicyUserNotCovered }) {
		return 1
	}
	return 0
}

// blockCauses name the policies that refuse the admin outright, whatever the others do.
func (o Observation) blockCauses(policies []Policy) []Cause {
	var causes []Cause
	for _, p := range policies {
		if o.blocksAdmin(p) {
			causes = append(causes, Cause{
				PolicyBlocks, p.path(), fmt.Sprintf("The policy %q blocks the admin.", p.Name),
				"Exclude the admin from the blocking policy, or change its grant to what the admin should do.",
			})
		}
	}
	return causes
}

// blocksAdmin reports whether a policy refuses the admin here and now. One with conditions is a
// right thing to have (block from elsewhere) unless the sign-in was seen to be blocked.
func (o Observation) blocksAdmin(p Policy) bool {
	covered := p.State == stateEnabled && p.blocks() && p.covers(o.Configuration.admin(o.Admin.ObjectID))
	return covered && (len(p.conditions()) == 0 || o.Failure != nil && o.Failure.Code == PolicyBlocksSignIn)
}

// faults are why one policy does not ask this admin every time, in the order of the chain:
// state, users, frequency, what it must consist of, conditions.
func (o Observation) faults(p Policy) []Cause {
	var causes []Cause
	for _, fault := range []func(Policy) (Cause, bool){stateFault, o.userFault, frequencyFault, o.grantFault, o.conditionFault} {
		if cause, ok := fault(p); ok {
			cause.Object = p.path()
			causes = append(causes, cause)
		}
	}
	return causes
}

func stateFault(p Policy) (Cause, bool) {
	switch p.State {
	case stateEnabled:
		return Cause{}, false
	case stateReportOnly:
		return Cause{
			Code: PolicyReportOnly, Text: fmt.Sprintf("The policy %q is in report-only mode: it logs and asks for nothing.", p.Name),
			Mend: "Switch the policy from report-only to on.",
		}, true
	default:
		return Cause{
			Code: PolicyDisabled, Text: fmt.Sprintf("The policy %q is off.", p.Name),
			Mend: "Switch the policy on.",
		}, true
	}
}

func (o Observation) userFault(p Policy) (Cause, bool) {
	admin := o.Configuration.admin(o.Admin.ObjectID)
	callGroup := func(id string) string { return o.Configuration.called(id, true) }
	if path, out := p.excludesBy(admin, callGroup, o.Configuration.named); out {
		return Cause{
			Code: PolicyUserExcluded, Text: fmt.Sprintf("The policy %q excludes %s %s.", p.Name, o.Admin.UPN, path),
			Mend: o.Configuration.unexclude(p, admin),
		}, true
	}
	switch {
	case p.includes(admin):
		return Cause{}, false
	case len(p.IncludeRoles) > 0:
		return Cause{
			Code: PolicyScopedToInactiveRole,
			Text: fmt.Sprintf("The policy %q reaches %s only through directory roles (%s), none of which is active while a role is being activated.", p.Name, o.Admin.UPN, list(o.Configuration.allNamed(p.IncludeRoles))),
			Mend: "Target the eligible admins by user or group instead of by directory role.",
		}, true
	default:
		return Cause{
			Code: PolicyUserNotCovered, Text: fmt.Sprintf("The policy %q does not include %s: %s.", p.Name, o.Admin.UPN, o.Configuration.includedOnly(p)),
			Mend: "Include the admin, or a group that the eligible admins are in: directly or by a group nested in it, not the other way round.",
		}, true
	}
}

// unexclude says which membership has to go where the policy excludes the admin by a group.
func (c Configuration) unexclude(p Policy, admin subject) string {
	const otherwise = "Take the admin out of what the policy excludes."
	id, byGroup := common(p.ExcludeGroups, admin.groups)
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return strings.EqualFold(g.ID, id) })
	if slices.Contains(p.ExcludeUsers, admin.id) || !byGroup || i < 0 {
		return otherwise
	}
	holder := Named{ID: c.Groups[i].ID, Name: c.Groups[i].Name}
	if path := c.Groups[i].AdminPath; len(path) > 0 {
		holder = path[len(path)-1]
	} else if !c.Groups[i].AdminDirect {
		return otherwise
	}
	return fmt.Sprintf("Take the admin out of the group %s, or the excluded group out of what the policy excludes.", holder)
}

// frequencyFault finds the way in which a sign-in frequency is not "every time".
func frequencyFault(p Policy) (Cause, bool) {
	f := p.Frequency
	const mend = "Set the sign-in frequency of the policy to \"every time\"."
	switch {
	case f == nil:
		return Cause{
			Code: SignInFrequencyMissing, Mend: mend,
			Text: fmt.Sprintf("The policy %q sets no sign-in frequency: what the session satisfied once it need not satisfy again.", p.Name),
		}, true
	case !f.Enabled:
		return Cause{Code: SignInFrequencyDisabled, Mend: mend, Text: fmt.Sprintf("The sign-in frequency of the policy %q is switched off.", p.Name)}, true
	case f.Interval != everyTime:
		return Cause{
			Code: SignInFrequencyTimeBased, Mend: mend,
			Text: fmt.Sprintf("The policy %q asks again only after %s.", p.Name, f.span()),
		}, true
	case f.AuthenticationType == secondaryOnly:
		return Cause{
			Code: SignInFrequencySecondary, Text: fmt.Sprintf("The policy %q asks only for the second factor again.", p.Name),
			Mend: "Let the sign-in frequency cover primary and secondary authentication.",
		}, true
	default:
		return Cause{}, false
	}
}

// grantFault finds a policy that asks every time, for less than is required. A strength of the tenant's
// own may be any: it accuses nobody.
func (o Observation) grantFault(p Policy) (Cause, bool) {
	asksMFA := slices.Contains(p.Grants, "mfa")
	mend := "In the grant controls of the policy require multifactor authentication."
	switch {
	case o.Require == RequireMFA && !asksMFA && p.Strength == "":
	case o.Require == RequirePhishingResistant && (p.Strength == "" || weakerStrengths[p.Strength]):
		mend = "In the grant controls of the policy require the authentication strength \"Phishing-resistant MFA\"."
	default:
		return Cause{}, false
	}
	asks := "any factor"
	if asksMFA || p.Strength != "" {
		asks = "any two factors"
	}
	return Cause{
		Code: PolicyGrantTooWeak, Mend: mend,
		Text: fmt.Sprintf("The policy %q is content with %s; %s is required.", p.Name, asks, o.Require),
	}, true
}

// weakerStrengths are the built-in authentication strengths short of "Phishing-resistant MFA":
// "Multifactor authentication" and "Passwordless MFA". Their ids are the same in every tenant (observed).
var weakerStrengths = map[string]bool{
	"00000000-0000-0000-0000-000000000002": true, "00000000-0000-0000-0000-000000000003": true,
}

// span writes a time-based frequency for people: "1 hour", "4 days".
func (f Frequency) span() string {
	unit := f.Type
	if f.Value == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return fmt.Sprintf("%d %s", f.Value, unit)
}

func (o Observation) conditionFault(p Policy) (Cause, bool) {
	conditions := o.Configuration.conditions(p)
	if len(conditions) == 0 {
		return Cause{}, false
	}
	return Cause{
		Code: PolicyConditionNarrows, Text: fmt.Sprintf("The policy %q applies %s.", p.Name, joined(conditions)),
		Mend: "Take the condition out, or add a policy on the same context without it.",
	}, true
}

// pathCauses are other ways to the same power.
func (o Observation) pathCauses() []Cause {
	if o.Configuration == nil {
		return nil
	}
	var causes []Cause
	for _, path := range o.Configuration.OtherPaths {
		causes = append(causes, Cause{
			UnprotectedPath, path.Object, path.Text,
			"Protect this way with the same authentication context, or remove it.",
		})
	}
	return causes
}

func (p Policy) path() string { return policiesPath + "/" + p.ID }

func (o Observation) rulePath(rule string) string {
	return "/policies/roleManagementPolicies/" + o.Setting.PolicyID + "/rules/" + rule
}

func (o Observation) assignmentPath(id string) string {
	if o.Way == WayGroup {
		return "/identityGovernance/privilegedAccess/group/assignmentScheduleInstances/" + id
	}
	return "/roleManagement/directory/roleAssignmentScheduleInstances/" + id
}

func (o Observation) eligibilityPath() string {
	if o.Way == WayGroup {
		return "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"
	}
	return "/roleManagement/directory/roleEligibilityScheduleInstances"
}
