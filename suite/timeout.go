package suite

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// undoBeyond is for how long a role may be given back once the time is over, without the waits for the
// tenant's clock. What is not done by then stays in the journal.
const undoBeyond = 30 * time.Second

// TimeoutError says that a command was not done when its time was over.
type TimeoutError struct {
	Within time.Duration // machine time, without the waits for the tenant's clock
	Doing  string        // the step that it had come to; empty before the first
}

// Error says where it was, and how to give it more time.
func (e *TimeoutError) Error() string {
	doing := e.Doing
	if doing == "" {
		doing = "look up what to prove"
	}
	return fmt.Sprintf("it was not done within %s (--timeout), and had come to: %s", e.Within, doing)
}

// Timeout says that it is one, to whoever does not know the type.
func (e *TimeoutError) Timeout() bool { return true }

// timeout bounds a whole command. A nil one bounds nothing.
type timeout struct {
	within time.Duration
	bound  *deadline
	doing  atomic.Pointer[string]
}

type timeoutKey struct{}

// withTimeout ends ctx, with a *TimeoutError as its cause, once the time is over; 0 is no bound.
func withTimeout(ctx context.Context, within time.Duration) (context.Context, *timeout) {
	if within == 0 {
		return ctx, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	t := &timeout{within: within}
	t.bound = startDeadline(within, func() { cancel(t.passed()) })
	return context.WithValue(ctx, timeoutKey{}, t.bound), t
}

func (t *timeout) passed() *TimeoutError {
	e := &TimeoutError{Within: t.within}
	if doing := t.doing.Load(); doing != nil {
		e.Doing = *doing
	}
	return e
}

// at notes what the command has come to.
func (t *timeout) at(step string) {
	if t != nil {
		t.doing.Store(&step)
	}
}

func (t *timeout) stop() {
	if t != nil {
		t.bound.stop()
	}
}

// undoing is a context for undoing what was done under ctx, however that ended: it has what is left of
// the time, and undoBeyond more. Without a timeout it has undoWithin.
func (t *timeout) undoing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if t == nil {
		return context.WithTimeout(ctx, undoWithin)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	within := t.bound.remaining() + undoBeyond
	d := startDeadline(within, func() { cancel(fmt.Errorf("it could not be undone within %s", within.Round(time.Second))) })
	return context.WithValue(ctx, timeoutKey{}, d), func() {
		d.stop()
		cancel(nil)
	}
}

// overdue is the error of a context whose time is over; nil for every other one.
func overdue(ctx context.Context) error {
	if late := new(TimeoutError); errors.As(context.Cause(ctx), &late) {
		return late
	}
	return nil
}

// noteOverdue lets a proof that was not done in time decide nothing: what had to be compared at its end
// was not. A plain token that was accepted stays a finding.
func noteOverdue(ctx context.Context, seen *verdict.Observation) {
	if late := overdue(ctx); late != nil && seen.Failure == nil && !seen.Started.IsZero() {
		seen.Failure = &verdict.Failure{Code: verdict.DeadlinePassed, Step: "come to an end in time", Text: late.Error()}
	}
}
