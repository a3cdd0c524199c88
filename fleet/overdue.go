package fleet

import (
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/notify"
)

// byName are the tenants of a run; none of no run.
func (s *Summary) byName() map[string]Result {
	all := map[string]Result{}
	if s != nil {
		for _, t := range s.Tenants {
			all[t.Name] = t
		}
	}
	return all
}

// late reports whether one of some kept proofs is too old to be taken.
func (r *run) late(kept []Role) bool {
	return slices.ContainsFunc(kept, func(role Role) bool { return role.overdue(r.Now(), r.Overdue) })
}

// overdue reports whether a verdict is older than is allowed. What never had one has no age.
func (r Role) overdue(now time.Time, limit time.Duration) bool {
	return limit > 0 && r.Verdict != "" && !r.Noted.IsZero() && now.Sub(r.Noted) > limit
}

// age notes which verdicts are too old, and keeps of an earlier run the roles that have no verdict in this one:
// over any number of runs in which a tenant fails it stays known when it was proved last.
func (r *Result) age(now time.Time, limit time.Duration, earlier Result) {
	proved := map[string]bool{}
	for i, role := range r.Roles {
		proved[role.RoleID] = role.Verdict != ""
		r.Roles[i].Overdue = role.overdue(now, limit)
	}
	r.Last = []Role{}
	for _, role := range earlier.Known() {
		if role.Verdict == "" || proved[role.RoleID] {
			continue
		}
		proved[role.RoleID] = true
		role.Overdue = role.overdue(now, limit)
		r.Last = append(r.Last, role)
	}
	if r.TenantID == "" {
		r.TenantID = earlier.TenantID
	}
}

// Known are the roles of a tenant of which anything is known: those of this run, and of earlier ones those
// that have no verdict in it.
func (r Result) Known() []Role { return slices.Concat(r.Roles, r.Last) }

// OverdueRoles are the roles of a tenant whose last verdict is older than is allowed.
func (r Result) OverdueRoles() []Role {
	return slices.DeleteFunc(r.Known(), func(role Role) bool { return !role.Overdue })
}

// overdueEvent tells of a role that was not proved for too long.
func (s *Summary) overdueEvent(t Result, r Role) notify.Event {
	return s.event(t, notify.Event{
		Kind: notify.ProofOverdue, At: s.at(), Role: r.Role, RoleID: r.RoleID, Before: r.Verdict, Evidence: r.Evidence, Text: r.since(t.Name),
	}, r.RoleID)
}

// since is the sentence about a role that was not proved for too long.
func (r Role) since(tenant string) string {
	return fmt.Sprintf("%s of %s was last proved at %s, and was %s then", r.Role, tenant, r.Noted.UTC().Format("2006-01-02 15:04 UTC"), r.Verdict)
}
