package pim

import (
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// assign makes somebody eligible, or assigns a role for good.
func (j *judge) assign(in Input, s span) (*store.ScheduleRequest, error) {
	if _, ok := existing(j.t, in.Kind, in.PrincipalID, in.Target, j.now); ok {
		return nil, refuse(CodeAssignmentExists, "The Role assignment already exists.")
	}
	if err := j.adminRules(in, s); err != nil {
		return nil, err
	}
	r := j.newRequest(in, StatusProvisioned)
	s.write(r)
	r.TargetScheduleID = j.scheduleID(r)
	if in.ValidationOnly {
		return r, nil
	}
	j.complete(r, s.start)
	if s.future {
		r.Status = StatusGranted
	}
	j.keep(r)
	audit(j.t, j.caller, r, "requested")
	j.t.Schedules.Put(r.TargetScheduleID, scheduleFrom(r, s.start, s.end), j.t.EffectiveAt(store.LagAssignment))
	if in.Kind == store.Assignment && !s.future {
		j.rolesChanged(in.PrincipalID)
	}
	audit(j.t, j.caller, r, "completed")
	return r, nil
}

// update moves the span of an eligibility or assignment.
func (j *judge) update(in Input, s span) (*store.ScheduleRequest, error) {
	old, ok := existing(j.t, in.Kind, in.PrincipalID, in.Target, j.now)
	if !ok {
		return nil, doesNotExist()
	}
	if err := j.adminRules(in, s); err != nil {
		return nil, err
	}
	r := j.newRequest(in, StatusProvisioned)
	s.write(r)
	r.TargetScheduleID = old.ID
	if in.ValidationOnly {
		return r, nil
	}
	j.complete(r, j.now)
	j.keep(r)
	audit(j.t, j.caller, r, "requested")
	old.End, old.ModifiedAt = s.end, j.now
	if s.future {
		old.Start = s.start
	}
	j.t.Schedules.Put(old.ID, old, j.t.EffectiveAt(store.LagAssignment))
	audit(j.t, j.caller, r, "completed")
	return r, nil
}

// remove takes an eligibility or assignment away. The answer has neither scheduleInfo
// nor targetScheduleId (documented).
func (j *judge) remove(in Input) (*store.ScheduleRequest, error) {
	old, ok := existing(j.t, in.Kind, in.PrincipalID, in.Target, j.now)
	if !ok {
		return nil, doesNotExist()
	}
	r := j.newRequest(in, StatusRevoked)
	if in.ValidationOnly {
		return r, nil
	}
	j.keep(r)
	audit(j.t, j.caller, r, "requested")
	j.t.Schedules.Delete(old.ID, j.t.EffectiveAt(store.LagAssignment))
	if in.Kind == store.Assignment {
		j.rolesChanged(in.PrincipalID)
	}
	audit(j.t, j.caller, r, "completed")
	return r, nil
}

// askAdmin keeps a request to extend or renew until an administrator decides.
func (j *judge) askAdmin(in Input, s span) (*store.ScheduleRequest, error) {
	old, ok := existing(j.t, in.Kind, in.PrincipalID, in.Target, j.now)
	if !ok {
		return nil, doesNotExist()
	}
	r := j.newRequest(in, StatusPendingDecision)
	s.write(r)
	r.TargetScheduleID = old.ID
	j.keep(r)
	if !in.ValidationOnly {
		audit(j.t, j.caller, r, "requested")
	}
	return r, nil
}

func (j *judge) complete(r *store.ScheduleRequest, at time.Time) { r.CompletedAt = &at }

// adminRules checks the rules for administrators: expiration, justification, ticket.
// The MFA rule cannot concern an application that acts by itself.
func (j *judge) adminRules(in Input, s span) error {
	rules := EffectiveSetting(j.t, in.Target, j.now)
	var failing []string
	required, longest := rules.expiration("Admin", in.Kind)
	length, ends := s.length()
	if required && (!ends || length > longest) {
		failing = append(failing, "ExpirationRule")
	}
	if rules.enabled("Admin", in.Kind, ruleJustification) && strings.TrimSpace(in.Justification) == "" {
		failing = append(failing, "JustificationRule")
	}
	if rules.enabled("Admin", in.Kind, ruleTicketing) && strings.TrimSpace(in.TicketNumber) == "" {
		failing = append(failing, "TicketingRule")
	}
	if rules.enabled("Admin", in.Kind, ruleMFA) && j.caller.UserID != "" && !hasMFA(j.caller) {
		failing = append(failing, "MfaRule")
	}
	if len(failing) > 0 {
		return rulesFailed(failing)
	}
	return nil
}

func hasMFA(c Caller) bool {
	for _, m := range c.AMR {
		if m == "mfa" || m == "ngcmfa" {
			return true
		}
	}
	return false
}

// Cancel withdraws a request that has not taken effect: one that waits for approval or
// for its start. Only who asked for it may, or an application.
func Cancel(t *store.Tenant, caller Caller, kind store.Kind, id string) error {
	Settle(t)
	r, ok := t.Requests.Get(id)
	if !ok || r.Kind != kind {
		return notFound("request", id)
	}
	if caller.UserID != "" && caller.UserID != r.CreatedBy && caller.UserID != r.PrincipalID {
		return unauthorized()
	}
	switch r.Status {
	case StatusPendingApproval, StatusPendingDecision:
	case StatusGranted:
		t.Schedules.Delete(r.TargetScheduleID, t.EffectiveAt(store.LagAssignment))
	default:
		return refuse(CodeInvalidRequest, "The request is in status %s and cannot be canceled.", r.Status)
	}
	r.Status = StatusCanceled
	audit(t, caller, r, "canceled")
	return nil
}
