package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/notify"
)

// prove proves the roles that are due and may be tried, the one that has waited longest first. It stops
// where the tenant as a whole does not allow a further proof.
func (w *Watcher) prove(ctx context.Context) error {
	dues, err := w.State.Due()
	if err != nil {
		return err
	}
	slices.SortStableFunc(dues, func(a, b Due) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Number, b.Number)) })
	for _, d := range dues {
		now, err := w.Tenant.Now(ctx)
		if err != nil {
			return err
		}
		if d.After.After(now) {
			continue
		}
		more, err := w.proveOne(ctx, d)
		if err != nil {
			return err
		}
		w.report(nil)
		if !more {
			return nil
		}
	}
	return nil
}

// proveOne proves a role, or takes the proof that a process made which died before it could note it. more
// is false where no other role can be proved now.
func (w *Watcher) proveOne(ctx context.Context, d Due) (more bool, err error) {
	if d.Dir != "" {
		last, found, err := w.Prover.Kept(d.RoleID, d.Dir)
		if err != nil {
			return false, err
		}
		if found {
			w.say("%s: the proof in %s was finished before", last.Role, last.Evidence)
			return true, w.decided(ctx, d, last)
		}
	}
	if d, err = w.State.Attempt(d); err != nil {
		return false, err
	}
	if err := w.step("attempt"); err != nil {
		return false, err
	}
	last, err := w.Prover.Prove(ctx, d.RoleID, d.Dir)
	if err := w.step("proved"); err != nil {
		return false, err
	}
	return w.after(ctx, d, last, err)
}

// after notes how a proof ended.
func (w *Watcher) after(ctx context.Context, d Due, last Last, failed error) (more bool, err error) {
	postponed, notRestored := new(PostponedError), new(NotRestoredError)
	switch {
	case ctx.Err() != nil && failed != nil:
		return false, failed
	case errors.As(failed, &notRestored):
		return false, w.notRestored(ctx, d, last, failed)
	case errors.As(failed, &postponed):
		w.say("%s: %v", d.RoleID, failed)
		return false, w.postpone(ctx, d, postponed.After)
	case last.Verdict == "":
		w.say("%s: no proof: %v", d.RoleID, failed)
		return true, w.postpone(ctx, d, retry)
	}
	if err := errors.Join(w.State.SetRestored(true), w.step("restored")); err != nil {
		return false, err
	}
	return true, w.decided(ctx, d, last)
}

// decided settles a verdict, unless it is an inconclusive one that may be better at the next try.
func (w *Watcher) decided(ctx context.Context, d Due, last Last) error {
	w.say("%s: %s", cmp.Or(last.Role, d.RoleID), last.Verdict)
	if last.Verdict == inconclusive && d.Attempt < tries {
		return w.postpone(ctx, d, retry)
	}
	before, err := w.State.Last(d.RoleID)
	if err != nil {
		return err
	}
	var events []notify.Event
	if before.Verdict != last.Verdict && (before.Verdict != "" || last.Verdict != enforced) {
		events = append(events, w.changedEvent(d, before, last))
	}
	return errors.Join(w.State.Settle(d, last, events...), w.step("settle"))
}

// The verdicts that are told apart here.
const (
	enforced     = "enforced"
	inconclusive = "inconclusive"
)

// notRestored tells of a tenant that is not as it was, once until it is again, and leaves the rest of the
// roles for later: the role may still be active.
func (w *Watcher) notRestored(ctx context.Context, d Due, last Last, failed error) error {
	restored, err := w.State.Restored()
	if err != nil {
		return err
	}
	w.say("%s: %v", d.RoleID, failed)
	var events []notify.Event
	if restored {
		events = append(events, w.restoreEvent(d, last, failed))
	}
	if err := errors.Join(w.State.SetRestored(false, events...), w.step("not restored")); err != nil {
		return err
	}
	if last.Verdict == "" {
		return w.postpone(ctx, d, retry)
	}
	return w.decided(ctx, d, last)
}

func (w *Watcher) postpone(ctx context.Context, d Due, by time.Duration) error {
	now, err := w.Tenant.Now(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	return errors.Join(w.State.Postpone(d, now.Add(by)), w.step("postpone"))
}

func (w *Watcher) changedEvent(d Due, before, last Last) notify.Event {
	was := "it had none before"
	if before.Verdict != "" {
		was = fmt.Sprintf("it was %s on %s", before.Verdict, before.At.UTC().Format(time.RFC3339))
	}
	e := w.event("verdict-"+d.Dir, notify.VerdictChanged, last.At)
	e.Role, e.RoleID, e.Before, e.After, e.Evidence, e.Changes = last.Role, d.RoleID, before.Verdict, last.Verdict, last.Evidence, d.Why
	e.Text = fmt.Sprintf("%s is %s now; %s", cmp.Or(last.Role, d.RoleID), last.Verdict, was)
	return e
}

func (w *Watcher) overdueEvent(d Due, now time.Time) notify.Event {
	e := w.event(fmt.Sprintf("overdue-%06d", d.Number), notify.ProofOverdue, now)
	e.RoleID, e.Changes = d.RoleID, d.Why
	last, err := w.State.Last(d.RoleID)
	if err == nil {
		e.Role, e.Before = last.Role, last.Verdict
	}
	e.Text = fmt.Sprintf("a proof of %s is due since %s and was not made", cmp.Or(last.Role, d.RoleID), d.Since.UTC().Format(time.RFC3339))
	return e
}

func (w *Watcher) restoreEvent(d Due, last Last, failed error) notify.Event {
	e := w.event("restore-"+d.Dir, notify.NotRestored, last.At)
	e.Role, e.RoleID, e.After, e.Evidence = last.Role, d.RoleID, last.Verdict, last.Evidence
	e.Text = failed.Error()
	return e
}

// event has an id that is the same whenever the same thing is told.
func (w *Watcher) event(id string, kind notify.Kind, at time.Time) notify.Event {
	return notify.Event{
		ID: w.Options.TenantID + "/" + id, Kind: kind, At: at, TenantID: w.Options.TenantID, Tenant: w.Options.Name, Labels: w.Options.Labels,
	}
}
