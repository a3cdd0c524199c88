package suite

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
)

// StepDeadlineError is a step that did not come to its end in time. What it was waiting for is
// the last thing that it said it did.
type StepDeadlineError struct {
	Step   string
	Within time.Duration // machine time, without what was spent waiting for the tenant's clock
	Doing  string        // empty when it said nothing
}

// Error says what was being waited for, and where the deadline is set.
func (e *StepDeadlineError) Error() string {
	doing := e.Doing
	if doing == "" {
		doing = "its first answer"
	}
	return fmt.Sprintf("the step passed its deadline of %s; it was waiting for: %s (waits.step in the tenant file sets the deadline)", e.Within, doing)
}

// Timeout says that it is one, to whoever does not know the type.
func (e *StepDeadlineError) Timeout() bool { return true }

// deadline cancels a step that takes too long by the machine's clock. While the step waits for the
// tenant's clock, which on a real tenant takes minutes, it stands still.
type deadline struct {
	expire func()

	mu     sync.Mutex
	timer  *time.Timer // nil while it stands still
	left   time.Duration
	since  time.Time
	paused int
}

func startDeadline(within time.Duration, expire func()) *deadline {
	d := &deadline{expire: expire, left: within}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runLocked()
	return d
}

func (d *deadline) runLocked() {
	d.since = time.Now()
	d.timer = time.AfterFunc(d.left, d.expire)
}

// pause lets the deadline stand still until resume was called as often.
func (d *deadline) pause() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paused++; d.paused > 1 || d.timer == nil {
		return
	}
	d.timer.Stop()
	d.timer, d.left = nil, max(d.left-time.Since(d.since), 0)
}

func (d *deadline) resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paused--; d.paused == 0 {
		d.runLocked()
	}
}

// remaining is what is left of it.
func (d *deadline) remaining() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		return d.left
	}
	return max(d.left-time.Since(d.since), 0)
}

// stop ends it for good.
func (d *deadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paused++ // a resume that comes late does not start it again
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

type deadlineKey struct{}

// patientClock is the tenant's clock: waiting for it counts against no deadline.
type patientClock struct{ await.Clock }

// Wait implements await.Clock.
func (c patientClock) Wait(ctx context.Context, until time.Time, why string) error {
	defer pauseIn(ctx, timeoutKey{})()
	defer pauseIn(ctx, scenarioDeadlineKey{})()
	return throttledClock(c).Wait(ctx, until, why)
}

// throttledClock is the clock by which a tenant that is too busy is waited for: that does not count
// against the deadline of the step, and does count against the one of the whole.
type throttledClock struct{ await.Clock }

// Wait implements await.Clock.
func (c throttledClock) Wait(ctx context.Context, until time.Time, why string) error {
	defer pauseIn(ctx, deadlineKey{})()
	return c.Clock.Wait(ctx, until, why)
}

// uncounted stops what bounds the steps of a scenario, and the scenario, until resume.
func uncounted(ctx context.Context) (resume func()) {
	step, scenario := pauseIn(ctx, deadlineKey{}), pauseIn(ctx, scenarioDeadlineKey{})
	return func() {
		scenario()
		step()
	}
}

// pauseIn lets a deadline of the context, where there is one, stand still until the func is called.
func pauseIn(ctx context.Context, key any) (resume func()) {
	d, ok := ctx.Value(key).(*deadline)
	if !ok {
		return func() {}
	}
	d.pause()
	return d.resume
}

// stepContext is the context of one step: it ends with the step's deadline, and with base, which is
// the run's. The values are those of ctx. godog hands the context of a step on to the next one, so
// it has to be replaced by afterStep when the step is over.
func stepContext(ctx, base context.Context, step string, within time.Duration, t *track) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	unlink := context.AfterFunc(base, func() { cancel(context.Cause(base)) })
	d := startDeadline(within, func() { cancel(&StepDeadlineError{Step: step, Within: within, Doing: t.doingNow()}) })
	return context.WithValue(ctx, deadlineKey{}, d), func() {
		d.stop()
		unlink()
	}
}
