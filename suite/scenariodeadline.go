package suite

import (
	"context"
	"errors"
	"sync"
)

// scenarioDeadline bounds a whole attempt at a scenario. It stands still while a step waits for the
// tenant's clock, as the deadline of the step does, and cancels the step that runs when it has passed.
type scenarioDeadline struct {
	*deadline

	mu     sync.Mutex
	passed error // nil until then
	cancel context.CancelCauseFunc
}

type scenarioDeadlineKey struct{}

// bound gives the context of a step the deadline of its scenario, which begins with the first step: what
// is waited for before, a tenant or its clock, does not count.
func (s *Suite) bound(ctx context.Context, now *running) context.Context {
	within := s.options.Timeout
	if within <= 0 {
		return ctx
	}
	if now.whole == nil {
		d := &scenarioDeadline{}
		d.deadline = startDeadline(within, func() { d.pass(&ScenarioDeadlineError{Within: within, Doing: now.track.doingNow()}) })
		now.whole = d
	}
	ctx, cancel := context.WithCancelCause(ctx)
	now.whole.covers(cancel)
	return context.WithValue(ctx, scenarioDeadlineKey{}, now.whole.deadline)
}

// covers names the step that runs.
func (d *scenarioDeadline) covers(cancel context.CancelCauseFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancel = cancel
	if d.passed != nil { // between two steps
		cancel(d.passed)
	}
}

func (d *scenarioDeadline) pass(cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.passed = cause
	if d.cancel != nil {
		d.cancel(cause)
	}
}

// overdueIn is by which deadline the context of a step ended; nil where none did.
func overdueIn(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.As(cause, new(*StepDeadlineError)) || errors.As(cause, new(*ScenarioDeadlineError)) {
		return cause
	}
	return nil
}
