package pim

import (
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Settle brings the tenant up to its clock: activations that have run out are removed,
// scheduled ones begin, requests for approval time out. Submit and Cancel settle first;
// whoever reads schedules, requests or the audit log does too.
func Settle(t *store.Tenant) {
	now := t.Now()
	var over []store.Schedule
	for s := range t.Schedules.All() {
		if s.Activated && ended(s, now) {
			over = append(over, s)
		}
	}
	for _, s := range over {
		expire(t, s)
	}
	for r := range t.Requests.All() {
		settleRequest(t, r, now)
	}
}

// expire ends an activation at its own instant, not at the one at which somebody looked.
func expire(t *store.Tenant, s store.Schedule) {
	t.Schedules.Delete(s.ID, *s.End)
	markRolesChanged(t, s.PrincipalID, *s.End)
	if r, ok := t.Requests.Get(s.RequestID); ok {
		auditAt(t, Caller{}, r, "expired", *s.End)
	}
}

func settleRequest(t *store.Tenant, r *store.ScheduleRequest, now time.Time) {
	switch {
	case r.Status == StatusGranted && r.Start != nil && !now.Before(*r.Start):
		r.Status = StatusProvisioned
		markRolesChanged(t, r.PrincipalID, *r.Start)
		if r.Action == SelfActivate {
			auditAt(t, Caller{UserID: r.CreatedBy, AppID: r.CreatedByApp}, r, "completed", *r.Start)
		}
	case r.Status == StatusPendingApproval && !now.Before(approvalDeadline(t, r, now)):
		r.Status = StatusTimedOut
		auditAt(t, Caller{}, r, "timed out", approvalDeadline(t, r, now))
	}
}

// approvalDeadline is when a request for approval times out: after the days of the
// first stage, one by default (documented).
func approvalDeadline(t *store.Tenant, r *store.ScheduleRequest, now time.Time) time.Time {
	days := 1
	if stage := firstStage(EffectiveSetting(t, targetOf(r), now)); stage != nil {
		if n, ok := stage.Int("approvalStageTimeOutInDays"); ok {
			days = n
		}
	}
	return r.CreatedAt.Add(time.Duration(days) * 24 * time.Hour)
}

// ActiveSchedules lists the schedules of a kind that are in effect now: what the
// service calls instances.
func ActiveSchedules(t *store.Tenant, kind store.Kind, now time.Time) []store.Schedule {
	var active []store.Schedule
	for s := range t.Schedules.AllAt(now) {
		if s.Kind == kind && s.ActiveAt(now) {
			active = append(active, s)
		}
	}
	return active
}
