package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/planner"
)

// mostMade bounds how many test admins one command makes.
const mostMade = 100

// checkMaking refuses test admins that cannot be made, before anything is opened.
func (r ProveRequest) checkMaking(o Options) error {
	switch {
	case r.MakeAdmins < 0 || r.MakeAdmins > mostMade:
		return requiredf("--make-admins is %d: give 1 to %d, or leave it out", r.MakeAdmins, mostMade)
	case r.MakeAdmins == 0:
		return o.checkMade()
	case o.Human:
		return requiredf("--make-admins and --human exclude each other: nobody knows what an admin signs in with that is made for the run")
	case o.Tenant != nil && o.Tenant.FixturesApp == nil:
		return requiredf("--make-admins writes to the tenant, and %s has no fixtures_app, which makes accounts: add one, or leave --make-admins out", o.Tenant.File)
	}
	return nil
}

// making reports whether the roles are proved by admins that are made for it.
func (r ProveRequest) making() bool { return r.MakeAdmins > 0 }

// everyMade is which of the made admins may prove a role: all, since each is made eligible for what the plan
// gives to it. There are no more of them than roles.
func (p *prover) everyMade(roles int) []int {
	return firstAdmins(min(p.request.MakeAdmins, roles))
}

// firstAdmins are the places of as many test admins, from the first on.
func firstAdmins(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// overMade makes the admins of a plan, proves the roles, and takes the admins away, however that ended.
func (p *prover) overMade(ctx context.Context, plan planner.Plan) error {
	err := p.makeAdmins(ctx, plan)
	if err == nil {
		err = p.carry(ctx, plan)
	}
	if left := p.unmakeAdmins(ctx); left != nil {
		p.failed = append(p.failed, err, left)
		return p.worst(ctx)
	}
	if cut := new(InterruptedError); errors.As(err, &cut) {
		cut.Undone = p.undoneItems()
	}
	return err
}

// makeAdmins makes them one after the other, each eligible for the roles that the plan gives to it and for
// nothing else, and returns once the tenant obeys.
func (p *prover) makeAdmins(ctx context.Context, plan planner.Plan) error {
	track := p.progress.start("making " + plural(len(p.admins), "test admin"))
	queues := plan.Queues()
	p.made = make([]*world, 0, len(p.admins))
	for i := range p.admins {
		track.does(fmt.Sprintf("test admin %d of %d", i+1, len(p.admins)))
		if err := p.makeOne(ctx, i, queues[i], track); err != nil {
			track.end("broke off", "")
			return p.unmade(ctx, err)
		}
	}
	for _, w := range p.made {
		if err := w.settle(ctx); err != nil {
			track.end("broke off", "")
			return p.unmade(ctx, err)
		}
	}
	track.end("done", "")
	return nil
}

func (p *prover) makeOne(ctx context.Context, i int, steps []planner.Step, track *track) error {
	w, err := p.world.preparing(fmt.Sprintf("%s-made-%02d", p.runID, i+1))
	if err != nil {
		return err
	}
	w.setTrack(track)
	p.made = append(p.made, w) // from here on something may have to be taken away
	made, err := w.makeAdmin(ctx, w.place.adminMake != config.MadeWithAccessPass)
	p.guardSecrets(made)
	if err != nil {
		return err
	}
	w.become(made)
	p.admins[i] = made
	for _, step := range steps {
		if err := w.fixtures.MakeEligible(ctx, p.proofs[step.Role].Role.DefinitionID); err != nil {
			return err
		}
	}
	return nil
}

// unmade is why no proof began: the command was broken off, or the admins could not be made.
func (p *prover) unmade(ctx context.Context, err error) error {
	switch {
	case overdue(ctx) != nil:
		return overdue(ctx)
	case ctx.Err() != nil:
		return &InterruptedError{}
	}
	return &NotMadeError{Err: err}
}

// unmakeAdmins takes away what was made, the latest first, also when ctx has ended. The error is a
// *NotRestoredError.
func (p *prover) unmakeAdmins(ctx context.Context) error {
	ctx, cancel := p.timeout.undoing(ctx)
	defer cancel()
	track := p.progress.start("taking away " + plural(len(p.made), "test admin"))
	var left []error
	for i := len(p.made) - 1; i >= 0; i-- {
		w := p.made[i]
		w.setTrack(track)
		_ = w.resync(ctx) // a clock that jumped is known then; else it stands as it was
		report, err := w.fixtures.Undo(ctx)
		p.noteUnmade(report, err == nil)
		if err != nil {
			left = append(left, fmt.Errorf("take test admin %d away: %w", i+1, err))
		}
	}
	if len(left) > 0 {
		track.end(Failed, "")
		return &NotRestoredError{Journal: p.journal.Path(), Tenant: p.place.file, Err: errors.Join(left...)}
	}
	track.end("done", "")
	return nil
}

func (p *prover) noteUnmade(report fixtures.Report, restored bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.undone = append(p.undone, undoneIn(report)...)
	if p.restored == nil || *p.restored {
		p.restored = &restored
	}
}

// preparing is the same tenant as the application that may write, for what is made beside proofs. Its run id
// is its own, so that an undo takes back nothing of another.
func (w *world) preparing(runID string) (*world, error) {
	other := w.beside(w.place, runID, nil)
	if err := other.connectGraph(false); err != nil {
		return nil, err
	}
	other.fixtures = other.newFixtures(w.fixtures.Journal)
	return other, nil
}

// become makes another account the test admin of a world.
func (w *world) become(made place) {
	w.place, w.admin = made, made.admin()
	w.forgetAdmin()
	w.fixtures = w.newFixtures(w.fixtures.Journal)
}

// startsAt is when the first proof may begin: an admin that is made is one that the tenant has to come to know.
func (p *prover) startsAt() time.Time {
	now := p.world.clock.Now()
	if p.request.making() {
		now = now.Add(p.world.place.propagation)
	}
	return now
}
