package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/planner"
	"github.com/reprompt/reprompt/pool"
	"github.com/reprompt/reprompt/verdict"
)

// carryOut proves the roles: one as it is, several as a plan says.
func (p *prover) carryOut(ctx context.Context) error {
	plan, err := planner.New(planner.Work{
		Roles: p.roles, Admins: len(p.admins), Proof: p.stretches(), Contexts: p.options.Concurrency, Start: p.startsAt(),
	})
	if err != nil {
		return err
	}
	if p.divided != "" {
		p.progress.note("%s", p.divided)
	}
	if len(plan.Steps) > 1 || p.request.making() {
		p.sayPlan(plan)
	}
	if p.request.making() {
		return p.overMade(ctx, plan)
	}
	return p.carry(ctx, plan)
}

// carry has every admin that it needs.
func (p *prover) carry(ctx context.Context, plan planner.Plan) error {
	if len(plan.Steps) == 1 {
		return p.alone(ctx, plan.Steps[0])
	}
	side := pool.Pool{Clock: p.world.clock, Contexts: p.options.Concurrency}
	if p.world.moved != nil {
		side.Join = p.world.moved.Join
	}
	p.world.leave() // from here on each proof is counted
	began := p.world.clock.Now()
	_ = side.Run(ctx, plan, func(ctx context.Context, turn *pool.Turn, step planner.Step) error {
		err := p.inTurn(ctx, turn, step)
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.failed = append(p.failed, err)
		}
		return err
	}) // worst tells
	p.progress.note("took %s by the tenant's clock; at most %s", brief(p.world.clock.Now().Sub(began)), plural(side.Most(), "context"))
	return p.worst(ctx)
}

// alone proves one role with nobody beside it: its session stays open.
func (p *prover) alone(ctx context.Context, step planner.Step) error {
	w := p.world
	if step.Admin != 0 || p.request.making() {
		w = w.beside(p.admins[step.Admin], p.runID, nil)
	}
	w.permit = p.permitting(w)
	return p.one(ctx, w, p.assigned(step))
}

// inTurn proves one of several roles. Its run id is its own, so that an undo takes back nothing of another.
func (p *prover) inTurn(ctx context.Context, turn *pool.Turn, step planner.Step) error {
	w := p.world.beside(p.admins[step.Admin], fmt.Sprintf("%s-%02d", p.runID, step.Role+1), turn)
	turn.Clock, turn.Told = w.clock, func(why string) { w.tracked().wait(why, 0) }
	w.permit = p.permitting(w)
	return p.one(ctx, w, p.assigned(step))
}

// assigned is the proof of a step, with the admin who makes it.
func (p *prover) assigned(step planner.Step) *evidence.Proof {
	proof, admin := &p.proofs[step.Role], p.admins[step.Admin]
	proof.Admin = verdict.Admin{ObjectID: admin.adminID, UPN: admin.adminUPN}
	proof.Role.DirectoryScopeID = p.scope(proof.Role, step.Admin)
	return proof
}

// stretches are what a proof is foretold to take.
func (p *prover) stretches() []planner.Stage {
	costs := planner.TenantCosts
	if p.world.place.control != nil {
		costs = planner.EmbeddedCosts
	}
	return costs.Proof(p.request.Twice || p.request.ReplaySteppedUp, p.request.AwaitLog)
}

// worst is the error that says most: what was left in the tenant, then that the run was interrupted, then
// whatever came out first.
func (p *prover) worst(ctx context.Context) error {
	var left []error
	for _, err := range p.failed {
		if unrestored := new(NotRestoredError); errors.As(err, &unrestored) {
			left = append(left, unrestored.Err)
		}
	}
	switch {
	case len(left) > 0:
		return &NotRestoredError{Journal: p.journal.Path(), Tenant: p.place.file, Err: errors.Join(left...)}
	case overdue(ctx) != nil:
		if slices.ContainsFunc(p.proofs, func(proof evidence.Proof) bool { return proof.Verdict == nil }) {
			return overdue(ctx)
		}
		return nil
	case ctx.Err() != nil:
		return &InterruptedError{Undone: p.undoneItems()}
	case len(p.failed) > 0:
		return p.failed[0]
	}
	return nil
}

// sayPlan says what is going to happen, and until when.
func (p *prover) sayPlan(plan planner.Plan) {
	takes := plan.Ends.Sub(p.world.clock.Now())
	p.progress.note("plan: %s over %s, %s of eleven minutes one after the other; %s of browser work, at most %s at a time",
		plural(len(plan.Steps), "role"), plural(plan.Admins, "test admin"), plural(plan.Windows, "window"), brief(plan.Browser), plural(p.options.Concurrency, "context"))
	queues := plan.Queues()
	for admin := range min(len(p.admins), mostQueues) {
		if queue := queues[admin]; len(queue) > 0 {
			p.progress.note("  %s: %s", p.nameOf(admin), p.named(queue))
		}
	}
	if plan.Nobody > 0 {
		p.progress.note("  no test admin is known to be eligible for %d of them", plan.Nobody)
	}
	p.progress.note("expected end: %s by the tenant's clock, in %s", plan.Ends.UTC().Format("2006-01-02 15:04 UTC"), brief(takes))
}

const (
	// mostQueues bounds whose roles are listed, mostRoles how many of them.
	mostQueues = 8
	mostRoles  = 6
)

// nameOf is a test admin for people, also one that is yet to be made.
func (p *prover) nameOf(admin int) string {
	if p.request.making() {
		return fmt.Sprintf("test admin %d, made for it", admin+1)
	}
	return p.admins[admin].adminUPN
}

// named are the roles of some steps.
func (p *prover) named(steps []planner.Step) string {
	var names []string
	for _, step := range steps[:min(len(steps), mostRoles)] {
		names = append(names, p.roles[step.Role].Name)
	}
	text := strings.Join(names, ", ")
	if more := len(steps) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// brief is a span for people: minutes where there are hours.
func brief(d time.Duration) string {
	if d >= time.Hour {
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	if d >= time.Minute {
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
