package planner

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Stage is one stretch of a proof.
type Stage struct {
	// Browser is for how long a browser context is open; an estimate.
	Browser time.Duration
	// Wait is how long nothing is done afterwards, by the tenant's clock; no context is open meanwhile.
	Wait time.Duration
	// Frees says that the admin is not authenticated any more once the browser has been left: its next role
	// may begin.
	Frees bool
	// Activates says that the role is activated in this stretch: the session must not be older than an hour.
	Activates bool
}

// Role is one role to prove.
type Role struct {
	Name string
	// Admins are the indices of the admins that are eligible for it; empty: nobody is known to be.
	Admins []int
	// Proof is the stretches of this one, in the place of Work.Proof; nil: those.
	Proof []Stage
	// Alone are what one proof at a time has from its beginning to its end, by names that mean nothing here.
	Alone []string
}

// Work is what is to be planned.
type Work struct {
	Roles []Role
	// Admins is how many test admins there are; at least 1.
	Admins int
	// Proof is the stretches of one proof, in order; one of them frees the admin.
	Proof []Stage
	// Contexts is how many browser contexts are open at a time; at least 1.
	Contexts int
	// Start is when the first proof may begin, by the tenant's clock.
	Start time.Time
	// AsTheyCome gives no role to an admin beforehand: whoever is free takes the first that can begin.
	AsTheyCome bool
	// AtOnce is how many proofs are under way at a time, those among them that only wait; 0: any number.
	// It counts only AsTheyCome.
	AtOnce int
}

// proof is the stretches of one role.
func (w Work) proof(role int) []Stage {
	if own := w.Roles[role].Proof; own != nil {
		return own
	}
	return w.Proof
}

// Step is one proof of the plan.
type Step struct {
	// Role and Admin are indices.
	Role, Admin int
	// Rank orders the beginnings: the roles of whoever has most of them left come first.
	Rank int
	// Begins, Activates and Ends are instants of the tenant's clock.
	Begins, Activates, Ends time.Time
	// Age is how old the session is when the role is activated, from the end of the stretch before.
	Age time.Duration
}

// Plan is who proves what, and when.
type Plan struct {
	// Steps are in the order of their ranks.
	Steps []Step
	// Ends is when the last proof is over.
	Ends time.Time
	// Windows is how many proofs the busiest admin has, one after the other.
	Windows int
	// Admins is how many admins have a role to prove.
	Admins int
	// Browser is for how long contexts are open, all proofs together.
	Browser time.Duration
	// Oldest is the greatest Age: at an hour a proof would show nothing.
	Oldest time.Duration
	// Nobody is how many roles no admin is eligible for.
	Nobody int
}

// New makes the plan.
func New(work Work) (Plan, error) {
	if err := work.check(); err != nil {
		return Plan{}, err
	}
	plan := Plan{Steps: work.steps()}
	newSimulation(work, plan.Steps).run()
	perAdmin := map[int]int{}
	for _, step := range plan.Steps {
		if step.Ends.After(plan.Ends) {
			plan.Ends = step.Ends
		}
		if len(work.Roles[step.Role].Admins) == 0 {
			plan.Nobody++
			continue
		}
		perAdmin[step.Admin]++
		plan.Windows = max(plan.Windows, perAdmin[step.Admin])
		plan.Oldest = max(plan.Oldest, step.Age)
	}
	plan.Admins = len(perAdmin)
	for role := range work.Roles {
		if len(work.Roles[role].Admins) == 0 {
			continue
		}
		for _, stage := range work.proof(role) {
			plan.Browser += stage.Browser
		}
	}
	return plan, nil
}

func (w Work) check() error {
	switch {
	case len(w.Roles) == 0:
		return errors.New("plan proofs: there is no role")
	case w.Admins < 1:
		return errors.New("plan proofs: there is no admin")
	case w.Contexts < 1:
		return errors.New("plan proofs: no browser context may be open")
	}
	for i, role := range w.Roles {
		if !slices.ContainsFunc(w.proof(i), func(s Stage) bool { return s.Frees }) {
			return errors.New("plan proofs: a proof never frees its admin")
		}
		for _, admin := range role.Admins {
			if admin < 0 || admin >= w.Admins {
				return fmt.Errorf("plan proofs: %s names admin %d of %d", role.Name, admin, w.Admins)
			}
		}
	}
	return nil
}

// steps are the proofs with their admins, in the order of their ranks.
func (w Work) steps() []Step {
	if w.AsTheyCome {
		steps := make([]Step, len(w.Roles))
		for i := range steps {
			steps[i] = Step{Role: i, Rank: i}
		}
		return steps
	}
	of := assign(w.Roles, w.Admins)
	left := make([]int, w.Admins)
	for _, admin := range of {
		left[admin]++
	}
	steps := make([]Step, len(w.Roles))
	remaining := make([]int, len(w.Roles))
	for role, admin := range of {
		steps[role] = Step{Role: role, Admin: admin}
		remaining[role] = left[admin]
		left[admin]--
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		if remaining[a.Role] != remaining[b.Role] {
			return remaining[b.Role] - remaining[a.Role]
		}
		return a.Admin - b.Admin
	})
	for rank := range steps {
		steps[rank].Rank = rank
	}
	return steps
}

// Queues are the steps of each admin, in the order in which it proves them.
func (p Plan) Queues() map[int][]Step {
	queues := map[int][]Step{}
	for _, step := range p.Steps {
		queues[step.Admin] = append(queues[step.Admin], step)
	}
	return queues
}
