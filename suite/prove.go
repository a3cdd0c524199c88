package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/planner"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/verdict"
)

// Prove proves roles of a tenant as it is configured now, as many at a time as there are test admins, and
// returns a proof for each role in their order, also when it failed. It changes no configuration, unless
// ProveRequest.MakeAdmins has it make accounts. Without Options.Tenant it works on a fresh sample tenant of
// the embedded Entra.
//
// The error is a *RequirementError when nothing was activated and the user can mend it, a
// *NotRestoredError when a role could not be given back or a made admin taken away, a *NotMadeError when
// those could not be made, an *InterruptedError when ctx was cancelled. Of Options it uses the target, the
// browser, the evidence and the progress. opened, when not nil, is called with the journal's path (empty on
// the embedded tenant) once there may be something to undo.
func Prove(ctx context.Context, options Options, request ProveRequest, opened func(journal string)) ([]evidence.Proof, error) {
	ctx, root := telemetry.Start(ctx, "prove", telemetry.String("test.suite.name", "reprompt prove"))
	proofs := proofsOf(request)
	err := prove(ctx, options.withDefaults(), request, &proofs, opened)
	for i := range proofs {
		if unkept := new(EvidenceError); errors.As(err, &unkept) {
			unproven(&proofs[i], err)
		}
		if proofs[i].Err == nil && proofs[i].Verdict == nil {
			proofs[i].Err = err
		}
	}
	tellProofs(root, proofs, err)
	return proofs, err
}

// unproven takes "enforced" back from a proof whose evidence could not be kept: without its evidence
// it must not count. What was found to be wrong stays said.
func unproven(proof *evidence.Proof, err error) {
	if proof.Err == nil {
		proof.Err = err
	}
	if proof.Verdict != nil && proof.Verdict.Outcome == verdict.Enforced {
		proof.Verdict = nil
	}
}

func prove(ctx context.Context, options Options, request ProveRequest, proofs *[]evidence.Proof, opened func(string)) (err error) {
	if err := request.check(); err != nil {
		return err
	}
	if err := request.checkMaking(options); err != nil {
		return err
	}
	if err := options.checkHuman(); err != nil {
		return err
	}
	t, err := openTarget(ctx, options)
	if err != nil {
		return err
	}
	ctx, bound := withTimeout(ctx, request.Timeout)
	defer bound.stop()
	p := &prover{target: t, request: request, options: options, timeout: bound}
	defer func() {
		err = inTime(ctx, err)
		result := evidence.Result{Finished: time.Now(), Restored: p.restored}
		if err != nil {
			result.Failure = err.Error()
		}
		err = errors.Join(err, t.close(result))
	}()
	if opened != nil {
		opened(p.survivingJournal())
	}
	if err := p.connect(ctx); err != nil {
		return err
	}
	defer p.world.close()
	if err := p.checkNames(ctx); err != nil {
		return err
	}
	if request.AllProtected {
		if p.request.Roles, err = p.world.protectedRoles(ctx); err != nil {
			return err
		}
	}
	if p.request.Roles, p.divided, err = p.request.shardRoles(); err != nil {
		return err
	}
	*proofs = proofsOf(p.request)
	if err := p.findRoles(ctx, *proofs); err != nil {
		return err
	}
	if err := p.openEvidence(evidence.KindProve); err != nil {
		return err
	}
	p.guardAdmins(p.admins)
	p.proofs = *proofs
	if len(p.proofs) == 1 && p.request.MakeAdmins == 0 {
		p.progress.single()
	}
	return p.carryOut(ctx)
}

// prover proves the roles of one command.
type prover struct {
	*target
	world   *world
	request ProveRequest
	options Options
	timeout *timeout
	// admins are the tenant with each test admin, roles who is eligible for what, in the proofs' order.
	admins []place
	roles  []planner.Role
	// divided is, for people, how the roles were divided into shards; empty where they were not.
	divided string
	held    *holdings
	made    []*world // of the admins that are made for the command, to take them away
	proofs  []evidence.Proof

	mu       sync.Mutex
	begun    int            // proofs that asked whether one more is permitted
	used     map[string]int // by admin, activations of the last 24 hours as PIM remembers them
	restored *bool
	undone   []string
	failed   []error
}

func (p *prover) survivingJournal() string {
	if p.server != nil {
		return ""
	}
	return p.journal.Path()
}

func (p *prover) connect(ctx context.Context) error {
	where := p.place
	if p.server != nil {
		var err error
		if where, err = p.freshPlace(ctx, true); err != nil {
			return err
		}
	}
	p.admins = []place{where}
	if !p.request.making() {
		p.admins = where.testAdmins(p.options)
	}
	for _, admin := range p.admins[1:] {
		admin.rememberCodes(p.journal)
	}
	var err error
	p.world, err = newWorld(ctx, where, worldOptions{
		runID: p.runID, journal: p.journal, realTime: p.options.RealTime, session: p.session, refused: p.refusedHosts, reads: true, human: p.options.Human, trace: p.options.Trace,
		busy: p.options.busy, skew: p.options.skew, step: p.timeout.at, watch: p.options.watch,
	})
	return err
}

// checkNames makes sure that domain and test admins of the tenant file are of that tenant.
func (p *prover) checkNames(ctx context.Context) error {
	for _, admin := range p.admins[1:] {
		if err := p.world.beside(admin, p.runID, nil).checkAdmin(ctx); err != nil {
			return err
		}
	}
	return p.world.checkNames(ctx)
}

// findRoles looks every role up before any is activated: a slip in the last name must not come out
// after the first activation.
func (p *prover) findRoles(ctx context.Context, proofs []evidence.Proof) error {
	if err := p.findAdmins(ctx, len(proofs)); err != nil {
		return err
	}
	seen := map[string]string{}
	for i := range proofs {
		named := p.request.Roles[i]
		role, err := p.world.role(ctx, named)
		if err == nil && seen[role.DefinitionID] != "" {
			err = requiredf("%q and %q are the same role: name it once", seen[role.DefinitionID], named)
		}
		if err != nil {
			proofs[i].Err = err
			return err
		}
		seen[role.DefinitionID] = named
		proof := &proofs[i]
		proof.Role, proof.TenantID = role, p.world.place.tenantID
		proof.Require = verdict.RequireAny
		if p.options.Tenant != nil {
			proof.Require = verdict.Require(p.options.Tenant.Require(role.Name))
		}
		eligible, err := p.eligible(ctx, role)
		if err != nil {
			proofs[i].Err = err
			return err
		}
		p.roles = append(p.roles, planner.Role{Name: role.Name, Admins: eligible})
	}
	return p.underDailyLimit(0, len(proofs))
}

// findAdmins reads what the test admins are eligible for. Of those that are yet to be made there is only room.
func (p *prover) findAdmins(ctx context.Context, roles int) (err error) {
	if p.request.making() {
		p.admins, p.held = make([]place, len(p.everyMade(roles))), &holdings{}
		return nil
	}
	p.held, err = p.world.readHoldings(ctx, p.admins)
	return err
}

// eligible are the test admins who are eligible for a role at one scope. Where all who are, are so at
// several, a person has to say which is meant. Where nobody is, the proof itself says so.
func (p *prover) eligible(ctx context.Context, role verdict.Role) ([]int, error) {
	if p.request.making() {
		return p.everyMade(len(p.admins)), nil
	}
	if len(p.held.scopes[role.DefinitionID]) == 0 && len(p.admins) > 1 {
		p.world.throughGroups(ctx, p.held, role, p.admins)
	}
	var admins []int
	var several []graph.Instance
	for i := range p.admins {
		switch held := p.held.scopes[role.DefinitionID][i]; {
		case len(held) == 1:
			admins = append(admins, i)
		case len(held) > 1 && several == nil:
			several = held
		}
	}
	switch {
	case len(admins) == 0 && several != nil:
		var ids []string
		for _, instance := range several {
			ids = append(ids, instance.ID+" at "+instance.DirectoryScopeID)
		}
		return nil, requiredf("the test admin is eligible for %s at %d scopes (%s): use an admin that is eligible at one",
			role.Name, len(several), strings.Join(ids, ", "))
	case len(admins) == 0 && len(p.admins) == 1:
		return []int{0}, nil // through a group, perhaps: the proof sees that
	}
	return admins, nil
}

// scope is where an admin is eligible for a role; the whole tenant where that is not known.
func (p *prover) scope(role verdict.Role, admin int) string {
	if p.request.making() {
		return "/"
	}
	if held := p.held.scopes[role.DefinitionID][admin]; len(held) == 1 {
		return held[0].DirectoryScopeID
	}
	return "/"
}

// underDailyLimit refuses a run that would activate more often than the tenant file allows in 24
// hours, after as many as were done already.
func (p *prover) underDailyLimit(done, roles int) error {
	if p.options.Tenant == nil || p.options.Tenant.Safety.MaxActivationsPerDay == 0 {
		return nil
	}
	limit, wanted := p.options.Tenant.Safety.MaxActivationsPerDay, roles*p.request.activations()
	if done+wanted > limit {
		return required(&DailyLimitError{Done: done, Wanted: wanted, Limit: limit, File: p.place.file})
	}
	return nil
}

// permitting counts what the tenant itself remembers, whoever ran it and from where, as each admin: an
// application that may only read is not shown it (documented). Of admins who have not signed in yet
// nothing is known; the roles that are still to be proved are counted in any case.
func (p *prover) permitting(w *world) func(ctx context.Context, token secret.Text) error {
	if p.options.Tenant == nil {
		return nil
	}
	return func(ctx context.Context, token secret.Text) error {
		requests, err := w.reader.OwnAssignmentRequests(ctx, token)
		if graph.IsForbidden(err) {
			return requiredf("count the activations of the last 24 hours: %w", err)
		}
		if err != nil {
			return fmt.Errorf("count the activations of the last 24 hours: %w", err)
		}
		since := w.clock.Now().Add(-24 * time.Hour)
		done := 0
		for _, r := range requests {
			if strings.EqualFold(r.Action, graph.ActionSelfActivate) && strings.Contains(r.Justification, ownJustification) && r.Created.After(since) {
				done++
			}
		}
		return p.permitted(w.place.adminID, done)
	}
}

// permitted notes what one admin did, and refuses what would pass the limit of all.
func (p *prover) permitted(admin string, done int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used == nil {
		p.used = map[string]int{}
	}
	p.used[admin] = done
	all := 0
	for _, n := range p.used {
		all += n
	}
	left := len(p.proofs) - p.begun
	p.begun++
	return p.underDailyLimit(all, left)
}

// one proves one role and gives it back.
func (p *prover) one(ctx context.Context, w *world, proof *evidence.Proof) error {
	ctx, span := telemetry.Start(ctx, "proof "+proof.Role.Name)
	err := p.proveOne(ctx, w, proof)
	tellProof(span, proof, p.request.Way, err)
	return err
}

func (p *prover) proveOne(ctx context.Context, w *world, proof *evidence.Proof) error {
	if late := overdue(ctx); late != nil {
		return late
	}
	if ctx.Err() != nil {
		return &InterruptedError{}
	}
	scenario, err := p.run.Scenario(proof.Role.Name, "")
	if err != nil {
		return p.unwritten(err)
	}
	defer scenario.Rest() // what cannot be put aside stays in memory, and in the bundle all the same
	scenario.Proves(evidence.Proved{
		RoleDefinitionID: proof.Role.DefinitionID, DirectoryScopeID: proof.Role.DirectoryScopeID, AdminID: proof.Admin.ObjectID, Way: p.request.Way,
	})
	track := p.progress.start(proof.Role.Name)
	w.setTrack(track)
	before, err := w.settled(ctx, proof.Role)
	if err != nil {
		scenario.Failed(err.Error())
		track.end("broke off", "")
		return err
	}
	seen, err := w.prove(ctx, activation.Request{
		Way: p.request.Way, Require: proof.Require, Role: proof.Role, Twice: p.request.Twice,
		ValidateReplays: p.request.ValidateReplays, ReplaySteppedUp: p.request.ReplaySteppedUp, AwaitLog: p.request.AwaitLog, AwaitApproval: p.request.AwaitApproval, Justification: p.request.Justification,
		TicketNumber: p.request.TicketNumber, TicketSystem: p.request.TicketSystem,
	}, scenario, p.run)
	w.noteChanges(ctx, before, &seen)
	noteOverdue(ctx, &seen)
	began := !seen.Started.IsZero()
	after := p.undo(ctx, w, proof)
	if began && (ctx.Err() == nil || overdue(ctx) != nil) {
		decided := verdict.Decide(seen)
		proof.Observation, proof.Verdict = &seen, &decided
		after = errors.Join(after, p.unwritten(scenario.Finish(seen, decided)))
	}
	proof.Target, proof.Evidence = p.run.Target(), p.run.Dir()
	proof.Err = p.failure(ctx, err, after, began)
	if proof.Err != nil {
		scenario.Failed(proof.Err.Error())
		track.end("broke off", "")
		return proof.Err
	}
	track.end(string(proof.Verdict.Outcome), "")
	return nil
}

// failure sorts what went wrong. What a proof could not give back itself and the undo could, is
// mended.
// after is what undoing, or writing the evidence, came to.
func (p *prover) failure(ctx context.Context, err, after error, began bool) error {
	switch {
	case after != nil:
		return after
	case overdue(ctx) != nil && began:
		return nil
	case overdue(ctx) != nil:
		return overdue(ctx)
	case ctx.Err() != nil:
		return &InterruptedError{Undone: p.undoneItems()}
	case err != nil && !began:
		return err
	}
	return nil
}

func (p *prover) undoneItems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.undone)
}

// undo gives back whatever is still active, however the proof ended.
func (p *prover) undo(ctx context.Context, w *world, proof *evidence.Proof) error {
	ctx, cancel := p.timeout.undoing(ctx)
	defer cancel()
	_ = w.resync(ctx) // a clock that jumped is known then; else it stands as it was
	report, err := w.fixtures.Undo(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.undone = append(p.undone, undoneIn(report)...)
	restored := err == nil
	proof.Restored = &restored
	if p.restored == nil || *p.restored {
		p.restored = &restored
	}
	if err != nil {
		return &NotRestoredError{Journal: p.journal.Path(), Tenant: p.place.file, Err: fmt.Errorf("give the role back: %w", err)}
	}
	return nil
}
