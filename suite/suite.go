package suite

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/telemetry"
)

// Suite is an open target with the scenarios that were chosen for it. Close it.
type Suite struct {
	*target
	selection selection
	shared    shared

	// round is the pass over features that runs, and the last of rounds.
	round  *round
	rounds []*round
	// stopped is true once no further scenario may begin.
	stopped atomic.Bool

	executed  atomic.Int32
	scenarios atomic.Int32
	tally     tally
	toldRun   sync.Once // what came of it is in its span

	mu          sync.Mutex
	undone      []string
	notRestored []error
	closed      bool
}

// Open chooses the scenarios and opens the target; of a tenant of a file it reads the test admins'
// accounts. Nothing is written to a tenant. The error is a
// *RequirementError when the user can mend it.
func Open(ctx context.Context, options Options) (_ *Suite, err error) {
	ctx, root := telemetry.Start(ctx, "run", telemetry.String("test.suite.name", "reprompt run"))
	defer func() {
		if err != nil {
			root.EndWith(err)
		}
	}()
	options = options.withAdmins().withDefaults()
	if t := options.Tenant; t != nil && t.FixturesApp == nil {
		return nil, requiredf("scenarios change a tenant, and %s has no fixtures_app: it is for prove and doctor only; use a file of a tenant for tests", t.File)
	}
	chosen, err := chooseFor(options)
	if err != nil {
		return nil, required(err)
	}
	if err := chosen.checkLeases(); err != nil {
		return nil, err
	}
	s := &Suite{selection: chosen}
	if chosen.selected == 0 {
		return nil, s.guard()
	}
	if s.target, err = openTarget(ctx, options); err != nil {
		return nil, err
	}
	s.share()
	if err := s.checkTenant(ctx); err != nil {
		return nil, errors.Join(err, s.target.close(evidence.Result{}))
	}
	if err := errors.Join(s.openEvidence(evidence.KindRun), s.keepFeatures()); err != nil {
		return nil, errors.Join(err, s.target.close(evidence.Result{}))
	}
	s.guardAdmins(s.shared.admins)
	s.progress.expect(chosen.selected, options.RunOptions)
	if chosen.divided != "" {
		s.progress.note("%s", chosen.divided)
	}
	if options.Tenant == nil {
		s.progress.note("on the embedded tenant: each scenario gets a fresh one")
	} else {
		s.sayShared()
	}
	return s, nil
}

// keepFeatures puts the feature files into the evidence: what was demanded belongs to what was seen.
func (s *Suite) keepFeatures() error {
	if s.run == nil {
		return nil
	}
	for _, f := range s.selection.features {
		if err := s.run.Feature(f.name, f.source); err != nil {
			return required(err)
		}
	}
	return nil
}

func chooseFor(options Options) (selection, error) {
	f, err := newFilter(options.Tags, options.Names, options.Tenant == nil)
	if err != nil {
		return selection{}, err
	}
	sources, err := sourcesFrom(options.Features, options.Paths)
	if options.Rerun {
		f.again, sources, err = lastFailures(options)
	}
	if err != nil {
		return selection{}, err
	}
	chosen, err := choose(sources, f)
	if err == nil && options.Shard != "" && chosen.selected > 0 {
		if f.shard, err = options.shardOf(chosen); err == nil {
			chosen, err = choose(sources, f)
			chosen.divided = f.shard.says()
		}
	}
	if err != nil || !options.OnlySentences {
		return chosen, err
	}
	known, err := ownSentences()
	if err != nil {
		return chosen, err
	}
	return chosen, known.unknownIn(chosen)
}

// Journal is the path of the journal that survives this process; empty on the embedded tenant,
// which does not.
func (s *Suite) Journal() string {
	if s.server != nil {
		return ""
	}
	return s.journal.Path()
}

// Run executes the chosen scenarios and returns how each ended. When ctx is cancelled, the
// scenarios that run are broken off, what they made is undone, and the error is an
// *InterruptedError. A tenant that could not be restored is a *NotRestoredError. A scenario that
// failed is in the result and is no error.
func (s *Suite) Run(ctx context.Context) (*Result, error) {
	result, err := s.runAll(s.root.Around(ctx))
	s.tellRun(err)
	return result, err
}

func (s *Suite) runAll(ctx context.Context) (*Result, error) {
	began, told := time.Now(), s.tellTook()
	broke, err := s.play(ctx)
	if err != nil {
		return nil, err
	}
	told()
	result := &Result{
		Schema: RunSchema, Target: string(s.run.Target()), TenantID: s.place.tenantID, Total: s.selection.total, Selected: s.selection.selected,
		NeedEmbedded: s.selection.needEmbedded, Seed: s.options.Seed, Evidence: s.run.Dir(), Report: s.run.Report(),
		program: s.options.Program,
	}
	s.tally.into(result, began, time.Now())
	s.unmakeAdmin(ctx)
	switch err := s.restoring(); {
	case err != nil:
		return result, err
	case ctx.Err() != nil:
		return result, &InterruptedError{Undone: s.undoneItems()}
	case broke && !slices.ContainsFunc(result.Scenarios, func(r ScenarioResult) bool { return r.Outcome == Failed }):
		return result, errors.New("run scenarios: godog found a failure and no scenario failed")
	}
	return result, s.guard()
}

// Close ends the browser and the embedded tenant and writes the report. It does so even when ctx
// has ended. A second call does nothing.
func (s *Suite) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	defer s.root.End()
	s.tellRun(nil) // where godog was called by somebody else
	ctx = s.root.Around(ctx)
	var left error
	if s.unmakeAdmin(ctx) {
		left = s.restoring()
	}
	result := evidence.Result{Finished: time.Now()}
	if s.executed.Load() > 0 {
		restored := s.restoring() == nil
		result.Restored = &restored
	}
	return errors.Join(left, s.keepMessages(), s.target.close(result))
}

// restoring is a *NotRestoredError when something stayed in a tenant of a file.
func (s *Suite) restoring() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.notRestored) == 0 {
		return nil
	}
	return &NotRestoredError{Journal: s.journal.Path(), Tenant: s.place.file, Err: errors.Join(s.notRestored...)}
}

func (s *Suite) undoneItems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.undone...)
}

// noteUndo keeps what an undo came to. Only what an interrupted scenario left is told to the user:
// all others put their tenant back as a matter of course.
func (s *Suite) noteUndo(report fixtures.Report, err error, interrupted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if interrupted {
		s.undone = append(s.undone, undoneIn(report)...)
	}
	if err != nil {
		s.notRestored = append(s.notRestored, err)
	}
}

// undoneIn names what an undo took back.
func undoneIn(report fixtures.Report) []string {
	var names []string
	for _, item := range report.Items {
		if item.Outcome == fixtures.OutcomeUndone {
			names = append(names, item.What)
		}
	}
	return names
}
