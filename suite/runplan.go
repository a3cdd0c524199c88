package suite

import (
	"fmt"
	"slices"
	"time"

	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/planner"
)

// runPlan is what a run on a tenant of a file is foretold to take.
type runPlan struct {
	takes, browser time.Duration
	admins         int // who have a scenario
	windows        int // scenarios of the busiest admin, one after the other
	proofs         int // scenarios that prove a role, as far as their sentences tell
	guessed        int // of those, such as have sentences that nobody knows, and none that activates a role
}

// sayPlan says, before the first of several scenarios begins on a tenant of a file, how many come one after the
// other, and by when they will be over.
func (s *Suite) sayPlan() {
	plan, err := s.planScenarios(s.options)
	if err != nil || s.selection.selected < 2 {
		return
	}
	s.progress.note("plan: %s over %s, at most %d one after the other; %s a role, %s of browser work",
		plural(s.selection.selected, "scenario"), plural(plan.admins, "test admin"), plan.windows, proving(plan.proofs), brief(plan.browser))
	if plan.guessed > 0 {
		s.progress.note("  %d of them have sentences of your own, and are counted as if each proved one role after both re-use windows", plan.guessed)
	}
	ends := s.shared.browser.Clock.Now().Add(plan.takes)
	s.progress.note("expected end: %s by the tenant's clock, in %s%s", ends.UTC().Format("2006-01-02 15:04 UTC"), brief(plan.takes), s.sooner(plan))
}

func proving(n int) string {
	if n == 1 {
		return "1 proves"
	}
	return fmt.Sprintf("%d prove", n)
}

// sooner says how much more than one worker would save; empty where it is little, or nobody is to be asked.
func (s *Suite) sooner(plan runPlan) string {
	more := s.options
	more.Concurrency = 2
	if s.options.Concurrency > 1 || !more.overlapping() || more.Human {
		return ""
	}
	if other, err := s.planScenarios(more); err == nil && other.takes < plan.takes*9/10 {
		return "; with --concurrency 2 in " + brief(other.takes)
	}
	return ""
}

// planScenarios plans them part by part, from the zero instant.
func (s *Suite) planScenarios(o Options) (runPlan, error) {
	all := runPlan{}
	f := forecaster{known: s.catalogue(), costs: planner.TenantCosts, overlap: o.overlapping()}
	if s.place.control != nil {
		f.costs = planner.EmbeddedCosts
	}
	for _, part := range partsOf(shuffled(s.selection.features, o.Seed), o.Seed, o.mostInPart()) {
		work := f.work(o, part, &all)
		if len(work.Roles) == 0 {
			continue
		}
		plan, err := planner.New(work)
		if err != nil {
			return all, err
		}
		all.takes += plan.Ends.Sub(time.Time{})
		all.browser += plan.Browser
		all.admins = max(all.admins, plan.Admins)
		all.windows += plan.Windows
	}
	return all, nil
}

// forecaster foretells scenarios by their sentences.
type forecaster struct {
	known   catalogue
	costs   planner.Costs
	overlap bool
}

// work is the scenarios of a part. It counts them in the plan.
func (f forecaster) work(o Options, part batch, counted *runPlan) planner.Work {
	work := planner.Work{Admins: o.admins(), Contexts: o.Concurrency, AsTheyCome: true, AtOnce: o.Concurrency}
	if f.overlap {
		work.AtOnce = o.underWay()
	}
	admins := firstAdmins(work.Admins)
	for _, of := range part {
		for _, pickle := range inOrder(of.pickles, o.Seed) {
			role := planner.Role{Name: pickle.Name, Admins: admins, Proof: f.stretches(pickle, counted)}
			things, _ := leasesIn(tagsOf(pickle)) // they were read before
			for _, thing := range things {
				role.Alone = append(role.Alone, thing.String())
			}
			work.Roles = append(work.Roles, role)
		}
	}
	return work
}

// stretches are what a scenario is foretold to take.
func (f forecaster) stretches(pickle *messages.Pickle, counted *runPlan) []planner.Stage {
	step := slices.IndexFunc(pickle.Steps, func(s *messages.PickleStep) bool { return f.known.proves.has(s.Text) })
	own := slices.ContainsFunc(pickle.Steps, func(s *messages.PickleStep) bool { return !f.known.all.has(s.Text) })
	if step < 0 && !own {
		return []planner.Stage{{Frees: true}}
	}
	counted.proofs++
	if step < 0 {
		counted.guessed++
		return kept(f.costs.Proof(false, 0))
	}
	stretches := activating(pickle.Steps[step].Text, f.costs)
	switch {
	case !f.overlap || !onlyLooks(pickle, step, f.known.looks) || mentions(pickle, keepsAdmin):
		return kept(stretches)
	case mentions(pickle, makesAdmin):
		return append([]planner.Stage{{Frees: true}}, neverFreeing(stretches)...)
	}
	return stretches
}

func mentions(pickle *messages.Pickle, some sentences) bool {
	return slices.ContainsFunc(pickle.Steps, func(s *messages.PickleStep) bool { return some.has(s.Text) })
}

// kept are the stretches of a proof whose admin is free only behind the last.
func kept(stretches []planner.Stage) []planner.Stage {
	for i := range stretches {
		stretches[i].Frees = i == len(stretches)-1
	}
	return stretches
}

// neverFreeing are the stretches of a proof by an admin of its own.
func neverFreeing(stretches []planner.Stage) []planner.Stage {
	for i := range stretches {
		stretches[i].Frees = false
	}
	return stretches
}

// tellTook returns what says how long several scenarios on a tenant of a file took, beside what was foretold.
func (s *Suite) tellTook() (tell func()) {
	if s.options.Tenant == nil || s.selection.selected < 2 {
		return func() {}
	}
	began := s.shared.browser.Clock.Now()
	return func() {
		took := "took " + brief(s.shared.browser.Clock.Now().Sub(began)) + " by the tenant's clock"
		if s.options.overlapping() {
			took += fmt.Sprintf("; at most %s", plural(s.shared.browser.Most(), "context"))
		}
		s.progress.note("%s", took)
	}
}
