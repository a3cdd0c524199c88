package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/notify"
)

// Sight is one look at a tenant.
type Sight struct {
	Now  time.Time        // by the tenant's clock
	Rows []graph.AuditRow // of the log, in any order
	// Roles are all directory roles; Watched are those whose setting names a context, or that the user named.
	Roles []Role
}

// Tenant is what is watched.
type Tenant interface {
	// Look reads the answers to [Queries] since an instant, and the role settings. With the zero instant it
	// reads no log.
	Look(ctx context.Context, since time.Time) (Sight, error)
	// Now is the time by the tenant's clock.
	Now(ctx context.Context) (time.Time, error)
	// Wait waits until an instant of the tenant's clock.
	Wait(ctx context.Context, until time.Time, why string) error
}

// Prover proves roles.
type Prover interface {
	// Prove proves a role and writes its bundle below a folder. An empty Last.Verdict says that nothing was
	// decided. The error may be a *PostponedError or a *NotRestoredError.
	Prove(ctx context.Context, roleID, dir string) (Last, error)
	// Kept is the verdict of a finished bundle of the role below a folder; false where there is none.
	Kept(roleID, dir string) (Last, bool, error)
}

// PostponedError says that a proof was not begun, for example because of the limit on activations a day,
// and when it may be tried again.
type PostponedError struct {
	After time.Duration
	Err   error
}

// Error implements error.
func (e *PostponedError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *PostponedError) Unwrap() error { return e.Err }

// NotRestoredError says that something of the tenant could not be undone.
type NotRestoredError struct{ Err error }

// Error implements error.
func (e *NotRestoredError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *NotRestoredError) Unwrap() error { return e.Err }

// Options say how to watch.
type Options struct {
	TenantID string
	Name     string            // of the tenant, for notifications
	Labels   map[string]string // of the tenant, for notifications
	// Calm is how long nobody must have changed anything, by the tenant's clock; 0 means five minutes.
	// A tenant that is never calm is proved twelve times as long after the first change.
	Calm time.Duration
	// Late is how late a row of the log may come; 0 means two hours.
	Late time.Duration
	// Again proves a role anew when its last verdict is as old; 0 means never.
	Again time.Duration
	// Overdue is how long a proof may be due before it is told; 0 means six hours.
	Overdue time.Duration
	// NoBaseline does not prove the roles at the first look.
	NoBaseline bool
	// Only watches the roles that Look says are watched; else those that were proved before are, too: a role
	// whose setting names no context any more is the very finding.
	Only bool
	// Said is told what is going on, a line each; nil: nobody.
	Said io.Writer
}

const (
	defaultCalm    = 5 * time.Minute
	defaultLate    = 2 * time.Hour
	defaultOverdue = 6 * time.Hour
	// longestUnrest is how many times the calm is waited for at most.
	longestUnrest = 12
	// retry is when a proof is tried again that came to no verdict, or an inconclusive one; tries is how
	// often. What was in the way, for example a change while the proof went on, is often gone by then.
	retry = 15 * time.Minute
	tries = 3
)

// Watcher watches one tenant. It is used by one goroutine.
type Watcher struct {
	Tenant  Tenant
	Prover  Prover
	State   *State
	Sender  *notify.Sender // nil: nobody is notified
	Options Options

	// Looked is called after each look and each proof, also a failed one, so that others can see; may be nil.
	Looked func(Report)

	stepped func(step string) error // in tests: between every two steps
}

// Report is how a tenant stands.
type Report struct {
	Now         time.Time
	Verdicts    []Last
	Due         []Due
	Overdue     int // of Due
	Undelivered int
	NotRestored bool
	Err         error // of the last round
}

// Run goes round until ctx ends, every so often by the machine's clock. A round that failed is said, and
// the next one tries again; only the first one's failure ends it, since that is a slip of configuration.
func (w *Watcher) Run(ctx context.Context, every time.Duration) error {
	machine := await.Machine()
	for first := true; ; first = false {
		err := w.Once(ctx)
		switch {
		case ctx.Err() != nil:
			return err
		case err != nil && first:
			return err
		case err != nil:
			w.say("this round failed: %v; the next one tries again", err)
		}
		if machine.Wait(ctx, machine.Now().Add(every), "the next look at the log") != nil {
			return nil // it was ended while nothing was going on
		}
	}
}

// Once goes round once: looks, waits for calm, proves what is due and may be tried, notifies. The error is
// that of the first thing that failed; a role whose proof failed stays due and is no error.
func (w *Watcher) Once(ctx context.Context) (err error) {
	defer func() { w.report(err) }()
	sight, err := w.look(ctx)
	if err != nil {
		return err
	}
	if sight, err = w.calm(ctx, sight); err != nil {
		return err
	}
	if err := w.ripen(sight); err != nil {
		return err
	}
	if err := w.overdue(sight.Now); err != nil {
		return err
	}
	w.report(nil)
	if err := w.prove(ctx); err != nil {
		return err
	}
	return w.deliver(ctx)
}

// look reads what is new into the state.
func (w *Watcher) look(ctx context.Context) (Sight, error) {
	from, err := w.State.From()
	if err != nil {
		return Sight{}, err
	}
	sight, err := w.Tenant.Look(ctx, from)
	if err != nil {
		return Sight{}, err
	}
	if err := w.watched(&sight); err != nil {
		return Sight{}, err
	}
	if from.IsZero() {
		return sight, w.start(sight)
	}
	fresh, err := w.State.Record(sight.Rows, sight.Now.Add(-orElse(w.Options.Late, defaultLate)))
	if err == nil && fresh > 0 {
		w.say("%d new in the audit log that can touch a proof", fresh)
	}
	return sight, errors.Join(err, w.step("record"))
}

// watched adds the roles that were proved before.
func (w *Watcher) watched(sight *Sight) error {
	if w.Options.Only {
		return nil
	}
	before, err := w.State.Verdicts()
	for i, role := range sight.Roles {
		known := slices.ContainsFunc(before, func(l Last) bool { return l.RoleID == role.ID })
		sight.Roles[i].Watched = role.Watched || known
	}
	return err
}

func (w *Watcher) start(sight Sight) error {
	var baseline []string
	for _, role := range sight.Roles {
		if role.Watched && !w.Options.NoBaseline {
			baseline = append(baseline, role.ID)
		}
	}
	w.say("the first look: from now on changes are followed; %s proved as a baseline", counted(len(baseline), "role is", "roles are"))
	return errors.Join(w.State.Start(sight.Now, baseline, sight.Now), w.step("start"))
}

// calm waits until no change is younger than the calm, looking again after each wait.
func (w *Watcher) calm(ctx context.Context, sight Sight) (Sight, error) {
	for {
		pending, err := w.State.Pending()
		if err != nil || len(pending) == 0 {
			return sight, err
		}
		until := calmAt(pending, orElse(w.Options.Calm, defaultCalm))
		if !until.After(sight.Now) {
			return sight, nil
		}
		w.say("%s; waiting for calm until %s", counted(len(pending), "change", "changes"), until.UTC().Format(time.RFC3339))
		if err := w.Tenant.Wait(ctx, until, "the tenant is calm"); err != nil {
			return sight, err
		}
		if sight, err = w.look(ctx); err != nil {
			return sight, err
		}
	}
}

// calmAt is when changes, oldest first, are followed by calm.
func calmAt(changes []Change, calm time.Duration) time.Time {
	latest := changes[0].At.Add(longestUnrest * calm)
	if last := changes[len(changes)-1].At.Add(calm); last.Before(latest) {
		return last
	}
	return latest
}

// ripen makes due what the pending changes touched, and what was proved too long ago.
func (w *Watcher) ripen(sight Sight) error {
	pending, err := w.State.Pending()
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		if err := errors.Join(w.State.Ripen(pending, sight.Roles, sight.Now), w.step("ripen")); err != nil {
			return err
		}
	}
	old, err := w.old(sight)
	if err != nil || len(old) == 0 {
		return err
	}
	why := fmt.Sprintf("the last verdict is older than %s", w.Options.Again)
	return errors.Join(w.State.Require(old, why, sight.Now), w.step("require"))
}

// old are the watched roles that are not due and were proved longer than Again ago.
func (w *Watcher) old(sight Sight) ([]string, error) {
	if w.Options.Again == 0 {
		return nil, nil
	}
	verdicts, err := w.State.Verdicts()
	if err != nil {
		return nil, err
	}
	dues, err := w.State.Due()
	var old []string
	for _, last := range verdicts {
		is := func(id string) bool { return id == last.RoleID }
		watched := slices.ContainsFunc(sight.Roles, func(r Role) bool { return is(r.ID) && r.Watched })
		waiting := slices.ContainsFunc(dues, func(d Due) bool { return is(d.RoleID) })
		if watched && !waiting && sight.Now.Sub(last.At) >= w.Options.Again {
			old = append(old, last.RoleID)
		}
	}
	return old, err
}

// overdue tells once of each proof that is due for too long.
func (w *Watcher) overdue(now time.Time) error {
	dues, err := w.State.Due()
	if err != nil {
		return err
	}
	for _, d := range dues {
		if d.Told || !w.late(d, now) {
			continue
		}
		if err := errors.Join(w.State.Overdue(d, w.overdueEvent(d, now)), w.step("overdue")); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watcher) late(d Due, now time.Time) bool {
	return now.Sub(d.Since) > orElse(w.Options.Overdue, defaultOverdue)
}

// deliver sends what is in the outbox. What a receiver refuses is dropped and said; what it could not take
// now stays.
func (w *Watcher) deliver(ctx context.Context) error {
	events, err := w.State.Outbox()
	if err != nil {
		return err
	}
	for _, event := range events {
		err := w.Sender.Send(ctx, event)
		refused := new(notify.RefusedError)
		switch {
		case errors.As(err, &refused):
			w.say("a notification (%s) is dropped: %v", event.Kind, err)
		case err != nil:
			w.say("a notification (%s) could not be delivered: %v; it is kept", event.Kind, err)
			return nil
		}
		if err := errors.Join(w.step("sent"), w.State.Delivered(event.ID), w.step("delivered")); err != nil {
			return err
		}
	}
	return nil
}

func (w *Watcher) report(err error) {
	if w.Looked == nil {
		return
	}
	r := Report{Err: err, Now: time.Now()}
	var errs [3]error
	r.Verdicts, errs[0] = w.State.Verdicts()
	r.Due, errs[1] = w.State.Due()
	events, unread := w.State.Outbox()
	errs[2] = unread
	r.Undelivered = len(events)
	for _, d := range r.Due {
		if d.Told {
			r.Overdue++
		}
	}
	restored, unknown := w.State.Restored()
	r.NotRestored = !restored
	r.Err = errors.Join(r.Err, errors.Join(errs[:]...), unknown)
	w.Looked(r)
}

func (w *Watcher) say(format string, args ...any) {
	if w.Options.Said != nil {
		fmt.Fprintf(w.Options.Said, format+"\n", args...)
	}
}

func (w *Watcher) step(name string) error {
	if w.stepped == nil {
		return nil
	}
	return w.stepped(name)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func orElse(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}
