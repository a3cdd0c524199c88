package suite

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/watch"
)

// Watched is a tenant of a file as package watch sees it. It implements watch.Tenant and watch.Prover.
type Watched struct {
	options Options
	request ProveRequest
	place   place
	roles   []string // ids of those that the user named; nil: the protected ones
	opened  func(journal string)
	proved  func(evidence.Proof)
}

// OpenWatched checks a tenant and finds the roles that the request names; none means every protected one.
// Nothing is written. opened is as in Prove; proved, when not nil, is called with each proof that came to
// its end. The error is a *RequirementError or a *config.Error.
func OpenWatched(ctx context.Context, options Options, request ProveRequest, opened func(string), proved func(evidence.Proof)) (*Watched, error) {
	options = options.withDefaults()
	w := &Watched{options: options, request: request, opened: opened, proved: proved}
	if err := errors.Join(request.check(), options.checkMade(), options.checkHuman()); err != nil {
		return nil, err
	}
	var err error
	if w.place, err = browsable(options.Tenant, options.AllowHosts); err != nil {
		return nil, err
	}
	if _, err := findBrowser(options); err != nil {
		return nil, err
	}
	return w, w.with(ctx, func(world *world) error {
		for _, name := range request.Roles {
			role, err := world.role(ctx, name)
			if err != nil {
				return err
			}
			w.roles = append(w.roles, role.DefinitionID)
		}
		return nil
	})
}

// with connects for one task. A connection is not kept: the clocks' offset is measured anew, and nobody
// who waits for a shared test clock waits for a watcher that is idle.
func (w *Watched) with(ctx context.Context, do func(*world) error) error {
	world, err := newWorld(ctx, w.place, worldOptions{runID: newRunID(), realTime: w.options.RealTime, reads: true, busy: w.options.busy})
	if err != nil {
		return err
	}
	defer world.close()
	return do(world)
}

// Now implements watch.Tenant.
func (w *Watched) Now(ctx context.Context) (now time.Time, err error) {
	err = w.with(ctx, func(world *world) error {
		now = world.clock.Now()
		return nil
	})
	return now, err
}

// Wait implements watch.Tenant.
func (w *Watched) Wait(ctx context.Context, until time.Time, why string) error {
	return w.with(ctx, func(world *world) error { return world.clock.Wait(ctx, until, why) })
}

// Look implements watch.Tenant.
func (w *Watched) Look(ctx context.Context, since time.Time) (sight watch.Sight, err error) {
	ctx, span := telemetry.Start(ctx, "watch look")
	defer func() { span.EndWith(err) }()
	err = w.with(ctx, func(world *world) error {
		sight.Now = world.clock.Now() // before the log is read: what comes meanwhile is seen at the next look
		if !since.IsZero() {
			for _, q := range watch.Queries(since) {
				rows, err := world.reader.Audits(ctx, q)
				if err != nil {
					return requiredf("read the audit log: %w", err)
				}
				sight.Rows = append(sight.Rows, rows...)
			}
		}
		settings, err := world.reader.RoleSettings(ctx)
		if err != nil {
			return requiredf("read the role settings: %w", err)
		}
		for _, s := range settings {
			role := watch.Role{ID: s.RoleDefinitionID, Watched: w.wants(s.RoleDefinitionID, s.ContextEnabled)}
			if s.ContextEnabled {
				role.Context = s.ContextID
			}
			sight.Roles = append(sight.Roles, role)
		}
		return nil
	})
	return sight, err
}

func (w *Watched) wants(id string, protected bool) bool {
	if w.roles == nil {
		return protected
	}
	for _, wanted := range w.roles {
		if wanted == id {
			return true
		}
	}
	return false
}

// limitPause is when a proof is tried again that would have passed the limit on activations a day.
const limitPause = time.Hour

// Prove implements watch.Prover. What an earlier process left in the tenant is undone first.
func (w *Watched) Prove(ctx context.Context, roleID, dir string) (_ watch.Last, err error) {
	ctx, span := telemetry.Start(ctx, "watch prove")
	defer func() { span.EndWith(err) }()
	_, err = Cleanup(ctx, CleanupOptions{Tenant: w.options.Tenant, RealTime: w.options.RealTime, Opened: w.opened})
	if err != nil {
		return watch.Last{}, watchError(err)
	}
	options, request := w.options, w.request
	options.EvidenceDir = filepath.Join(w.options.EvidenceDir, dir)
	request.Roles, request.AllProtected = []string{roleID}, false
	proofs, err := Prove(ctx, options, request, w.opened)
	if len(proofs) != 1 {
		return watch.Last{}, watchError(err)
	}
	if w.proved != nil {
		w.proved(proofs[0])
	}
	return lastOf(roleID, proofs[0]), watchError(errors.Join(err, proofs[0].Err))
}

func lastOf(roleID string, p evidence.Proof) watch.Last {
	last := watch.Last{RoleID: roleID, Role: p.Role.Name, Evidence: p.Evidence, Noted: time.Now().UTC()}
	if p.Verdict != nil && p.Observation != nil {
		last.Verdict, last.At = string(p.Verdict.Outcome), p.Observation.Finished
		last.Took = p.Observation.Finished.Sub(p.Observation.Started)
	}
	return last
}

func watchError(err error) error {
	limit, notRestored := new(DailyLimitError), new(NotRestoredError)
	switch {
	case errors.As(err, &limit):
		return &watch.PostponedError{After: limitPause, Err: limit}
	case errors.As(err, &notRestored):
		return &watch.NotRestoredError{Err: notRestored}
	}
	return err
}

// Kept implements watch.Prover.
func (w *Watched) Kept(roleID, dir string) (watch.Last, bool, error) {
	proofs, err := evidence.Kept(filepath.Join(w.options.EvidenceDir, dir))
	for _, p := range proofs {
		if p.Proved.RoleDefinitionID == roleID && (p.Restored == nil || *p.Restored) {
			return watch.Last{
				RoleID: roleID, Role: p.Role, Verdict: string(p.Verdict.Outcome), At: p.At, Noted: p.Finished, Took: p.Took, Evidence: p.Dir,
			}, true, nil
		}
	}
	return watch.Last{}, false, err
}

// WatchStateFile is where the state of a watched tenant is kept when nothing else is said. The folder is
// made.
func WatchStateFile(tenantID string) (string, error) { return stateFile("watch", tenantID+".db") }
