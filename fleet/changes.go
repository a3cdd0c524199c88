package fleet

import (
	"cmp"
	"fmt"

	"github.com/reprompt/reprompt/notify"
)

// Events are the notifications of a run: a tenant that is not restored, each role whose proof is overdue, and, where
// an earlier run is given, each role whose verdict is another one now. What has no verdict in one of the two is no change.
// A verdict that was never reached before is told where it is not enforced.
func (s *Summary) Events(earlier *Summary) []notify.Event {
	before := map[[2]string]string{}
	if earlier != nil {
		for _, t := range earlier.Tenants {
			for _, r := range t.Roles {
				before[[2]string{t.Name, r.RoleID}] = r.Verdict
			}
			for _, r := range t.Last {
				before[[2]string{t.Name, r.RoleID}] = r.Verdict
			}
		}
	}
	var events []notify.Event
	for _, t := range s.Tenants {
		if t.State == NotRestored {
			events = append(events, s.event(t, notify.Event{Kind: notify.NotRestored, At: s.at(), Text: t.Error}, ""))
		}
		for _, r := range t.OverdueRoles() {
			events = append(events, s.overdueEvent(t, r))
		}
		for _, r := range t.Roles {
			was := before[[2]string{t.Name, r.RoleID}]
			if earlier == nil || r.Verdict == "" || r.Verdict == was || was == "" && r.Verdict == "enforced" {
				continue
			}
			events = append(events, s.event(t, notify.Event{
				Kind: notify.VerdictChanged, At: r.At, Role: r.Role, RoleID: r.RoleID, Before: was, After: r.Verdict, Evidence: r.Evidence,
				Text: fmt.Sprintf("%s of %s is %s now; it was %s in run %s", r.Role, t.Name, r.Verdict, cmp.Or(was, "not proved"), earlier.ID),
			}, r.RoleID))
		}
	}
	return events
}

func (s *Summary) event(t Result, e notify.Event, role string) notify.Event {
	e.ID = fmt.Sprintf("%s/%s/%s/%s", s.ID, t.Name, e.Kind, role)
	e.TenantID, e.Tenant, e.Labels = t.TenantID, t.Name, t.Labels
	return e
}
