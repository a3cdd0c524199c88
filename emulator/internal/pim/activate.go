package pim

import (
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// activate turns an eligibility into an active assignment for a while.
func (j *judge) activate(in Input, s span) (*store.ScheduleRequest, error) {
	eligible, isEligible := eligibility(j.t, in.PrincipalID, in.Target, j.now)
	rules := EffectiveSetting(j.t, in.Target, j.now)
	if !isEligible {
		return nil, rulesFailed(append([]string{"EligibilityRule"}, j.failing(rules, in, s)...))
	}
	if err := j.unoccupied(in); err != nil {
		return nil, err
	}
	if err := j.misjudge(rules, in, j.context(rules, in)); err != nil {
		return nil, err
	}
	if failing := j.failing(rules, in, s); len(failing) > 0 {
		return nil, rulesFailed(failing)
	}
	if length, ok := s.length(); ok && length < MinimumActive {
		return nil, tooShort()
	}
	r := j.newRequest(in, StatusGranted)
	s.write(r)
	r.TargetScheduleID = j.scheduleID(r)
	if in.ValidationOnly {
		return r, nil
	}
	j.rememberStepUp(rules)
	j.keep(r)
	audit(j.t, j.caller, r, "requested")
	if rules.approval() != nil {
		r.Status, r.ApprovalID = StatusPendingApproval, j.t.NewID()
		r.TargetScheduleID = ""
		audit(j.t, j.caller, r, "approval requested")
		return r, nil
	}
	return r, j.provision(r, s, eligible)
}

// scheduleID: for a role it is the id of the request, for a group it names the group
// and the access (documented).
func (j *judge) scheduleID(r *store.ScheduleRequest) string {
	if r.GroupID == "" {
		return r.ID
	}
	return r.GroupID + "_" + r.AccessID + "_" + j.t.NewID()
}

// unoccupied refuses an activation of what is active, scheduled or pending.
func (j *judge) unoccupied(in Input) error {
	for _, r := range j.t.Requests.List() {
		if r.Kind == store.Assignment && strings.EqualFold(r.PrincipalID, in.PrincipalID) && targetOf(r).same(in.Target) && r.Status == StatusPendingApproval {
			return refuse(CodePendingRequest, "There is already an existing pending Role assignment request.")
		}
	}
	s, ok := existing(j.t, store.Assignment, in.PrincipalID, in.Target, j.now)
	switch {
	case ok && s.Start.After(j.now):
		return refuse(CodeOverlapsPending, "The request overlaps with pending Role assignment requests.")
	case ok:
		return refuse(CodeAssignmentExists, "The Role assignment already exists.")
	}
	return nil
}

func targetOf(r *store.ScheduleRequest) Target {
	return Target{RoleDefinitionID: r.RoleDefinitionID, DirectoryScopeID: r.DirectoryScopeID, AppScopeID: r.AppScopeID, GroupID: r.GroupID, AccessID: r.AccessID}
}

// context checks the authentication context of the setting against the token.
func (j *judge) context(rules Rules, in Input) error {
	required := rules.Context()
	if required == "" || in.ValidationOnly && !j.t.Settings.ValidationOnlyChecksContext {
		return nil
	}
	has := func(list []string, want string) bool {
		return slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, want) })
	}
	if !has(j.caller.ACRS, required) {
		return challenge(required)
	}
	if j.t.Settings.CP1Required && !has(j.caller.XMSCC, "cp1") {
		return challenge(required)
	}
	if !j.t.Settings.ReplaySteppedUp && j.stale(required) {
		return challenge(required)
	}
	return nil
}

// stale reports whether the token stepped up for the context and the sign-in behind it
// is older than both windows. Inferred: nobody has shown that PIM refuses such a token;
// it is the setting replay_stepped_up.
func (j *judge) stale(context string) bool {
	token, ok := j.t.Tokens.Get(j.caller.TokenID)
	if !ok || !slices.ContainsFunc(token.Grant.Contexts, func(c string) bool { return strings.EqualFold(c, context) }) {
		return false
	}
	return j.now.Sub(lastFactor(token.Grant)) >= max(conditionalaccess.PIMWindow, conditionalaccess.EveryTimeAllowance)
}

func lastFactor(g store.Grant) time.Time {
	at := g.AuthTime
	for _, f := range g.Factors {
		if f.At.After(at) {
			at = f.At
		}
	}
	return at
}

// rememberStepUp notes the sign-in that served this activation, the start of the
// ten-minute window. The window does not slide: a second activation within it that was
// not asked again refers to the same sign-in.
func (j *judge) rememberStepUp(rules Rules) {
	token, ok := j.t.Tokens.Get(j.caller.TokenID)
	if rules.Context() == "" || !ok {
		return
	}
	at := lastFactor(token.Grant)
	if u, ok := j.t.Users.Get(j.caller.UserID); ok && at.After(u.PIMStepUpAt) {
		u.PIMStepUpAt = at
	}
	if s, ok := j.t.Sessions.Get(token.Grant.Session); ok && at.After(s.PIMStepUp) {
		s.PIMStepUp = at
	}
}

// failing names the rules of the setting that an activation does not meet, by the names
// of the documented errors.
func (j *judge) failing(rules Rules, in Input, s span) []string {
	var failing []string
	// The maximum of an activation counts whatever isExpirationRequired says (inferred:
	// live settings read false, and activations are limited all the same).
	_, longest := rules.expiration("EndUser", store.Assignment)
	if length, ok := s.length(); !ok || length > longest {
		failing = append(failing, "ExpirationRule")
	}
	if rules.enabled("EndUser", store.Assignment, ruleJustification) && strings.TrimSpace(in.Justification) == "" {
		failing = append(failing, "JustificationRule")
	}
	if rules.enabled("EndUser", store.Assignment, ruleTicketing) && strings.TrimSpace(in.TicketNumber) == "" {
		failing = append(failing, "TicketingRule")
	}
	if (rules.MFARequired() || j.fallback(rules)) && !hasMFA(j.caller) {
		failing = append(failing, "MfaRule")
	}
	return failing
}

// fallback reports whether MFA is required because no policy in the tenant targets the
// context of the setting. A policy in any state switches it off (documented).
func (j *judge) fallback(rules Rules) bool {
	context := rules.Context()
	if context == "" {
		return false
	}
	for _, p := range j.t.Policies.ListAt(j.now) {
		if policy, err := conditionalaccess.Parse(p.Raw); err == nil && policy.TargetsContext(context) {
			return false
		}
	}
	return true
}

// provision makes the assignment, now or at the start asked for. It does not outlast
// the eligibility (inferred).
func (j *judge) provision(r *store.ScheduleRequest, s span, eligible store.Schedule) error {
	end := s.end
	if eligible.End != nil && (end == nil || eligible.End.Before(*end)) {
		end = eligible.End
	}
	schedule := scheduleFrom(r, s.start, end)
	schedule.Activated, schedule.EligibilityID = true, eligible.ID
	effective := j.t.EffectiveAt(store.LagAssignment)
	j.t.Schedules.Put(schedule.ID, schedule, effective)
	completed := s.start
	r.CompletedAt = &completed
	if s.future {
		return nil // Granted; Settle provisions it when its time has come
	}
	r.Status = StatusProvisioned
	j.rolesChanged(r.PrincipalID)
	audit(j.t, j.caller, r, "completed")
	return nil
}

func scheduleFrom(r *store.ScheduleRequest, start time.Time, end *time.Time) store.Schedule {
	return store.Schedule{
		ID: r.TargetScheduleID, Kind: r.Kind, PrincipalID: r.PrincipalID, RoleDefinitionID: r.RoleDefinitionID,
		DirectoryScopeID: r.DirectoryScopeID, AppScopeID: r.AppScopeID, GroupID: r.GroupID, AccessID: r.AccessID,
		RequestID: r.ID, Start: start, End: end, CreatedAt: r.CreatedAt,
	}
}

// rolesChanged marks the user for continuous access evaluation, with the members of a
// group that was the principal.
func (j *judge) rolesChanged(principal string) { markRolesChanged(j.t, principal, j.now) }

func markRolesChanged(t *store.Tenant, principal string, now time.Time) {
	for _, u := range t.Users.List() {
		if u.ID == principal || slices.Contains(t.GroupsOf(u.ID), principal) {
			u.RolesChangedAt = now
		}
	}
}

// deactivate ends an activation, not before five minutes.
func (j *judge) deactivate(in Input) (*store.ScheduleRequest, error) {
	s, ok := existing(j.t, store.Assignment, in.PrincipalID, in.Target, j.now)
	if !ok || !s.Activated || s.Start.After(j.now) {
		return nil, doesNotExist()
	}
	if j.now.Sub(s.Start) < MinimumActive {
		return nil, tooShort()
	}
	r := j.newRequest(in, StatusRevoked)
	if in.ValidationOnly {
		return r, nil
	}
	j.keep(r)
	audit(j.t, j.caller, r, "requested")
	j.t.Schedules.Delete(s.ID, j.t.EffectiveAt(store.LagAssignment))
	j.rolesChanged(in.PrincipalID)
	audit(j.t, j.caller, r, "completed")
	return r, nil
}

func tooShort() *Error {
	// The spelling is the service's (observed).
	return refuse(CodeActiveDurationTooShort, "The Active duration is too short. Miniumum Required is 5 minutes.")
}

func doesNotExist() *Error {
	return refuse(CodeAssignmentDoesNotExist, "The Role assignment does not exist.")
}
