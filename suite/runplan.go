package suite

import (
	"time"

	"github.com/reprompt/reprompt/planner"
)

// sayPlan says, before the first of several scenarios begins on a tenant of a file, in how many rounds they run
// and by when they will be over, if each proves one role after both re-use windows. A scenario that proves
// none, or at once, takes less; one that activates twice takes more.
func (s *Suite) sayPlan(admins int) {
	plan, err := s.planScenarios(admins)
	if err != nil || s.selection.selected < 2 {
		return
	}
	s.progress.note("plan: %s over %s, at most %d one after the other", plural(s.selection.selected, "scenario"), plural(plan.Admins, "test admin"), plan.Windows)
	s.progress.note("expected end: in %s by the tenant's clock, if each proves one role after both re-use windows", brief(plan.Ends.Sub(time.Time{})))
}

// planScenarios plans them from the zero instant. A scenario keeps its admin until it has been undone.
func (s *Suite) planScenarios(admins int) (planner.Plan, error) {
	costs := planner.TenantCosts
	if s.place.control != nil {
		costs = planner.EmbeddedCosts
	}
	all := firstAdmins(admins)
	work := planner.Work{Admins: admins, Contexts: admins, Proof: kept(costs.Proof(false, 0))}
	for range s.selection.selected {
		work.Roles = append(work.Roles, planner.Role{Admins: all})
	}
	return planner.New(work)
}

// kept are the stretches of a proof whose admin is free only behind the last.
func kept(stretches []planner.Stage) []planner.Stage {
	for i := range stretches {
		stretches[i].Frees = i == len(stretches)-1
	}
	return stretches
}
