package await

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// TestClock is the clock of an embedded tenant, moved over its control listener: a Wait returns
// in milliseconds. Between two moves it runs at the machine's speed.
//
// Several workers may share one. Each calls Join before it starts and the func that Join returns
// when it is done; then the clock moves, to the earliest instant that is waited for, only when all
// of them wait, so that no worker's sessions grow old while it is busy. A worker waits in one
// goroutine at a time. With nobody joined, each Wait moves the clock at once.
type TestClock struct {
	control control

	mu      sync.Mutex
	offset  offset
	workers int // joined and not left
	waiting map[*time.Time]struct{}
	moving  bool          // a goroutine is at the control listener
	changed chan struct{} // closed, and made anew, at every change of the above
}

// offset is how far the tenant's clock is from the machine's, as measured by one request.
type offset struct {
	ahead  time.Duration // tenant minus machine
	margin time.Duration // by how much ahead may be wrong: half of the round trip
}

// NewTestClock makes the clock of the tenant tenantID (empty: the first one) behind the control
// listener at url, for example http://127.0.0.1:8181. token returns the bearer token of the
// listener and is called at every request. hc nil means http.DefaultClient. It asks nothing yet:
// call Sync once before Now.
func NewTestClock(url string, token func() string, tenantID string, hc *http.Client) *TestClock {
	if hc == nil {
		hc = http.DefaultClient
	}
	return &TestClock{
		control: control{url: url, token: token, tenant: tenantID, http: hc},
		waiting: map[*time.Time]struct{}{},
		changed: make(chan struct{}),
	}
}

// Sync measures how far the tenant's clock is from the machine's, to half a round trip. The clock is not
// moved meanwhile: a measurement from before a move would set it back.
func (c *TestClock) Sync(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.moving {
		if err := c.waitLocked(ctx, look); err != nil {
			return fmt.Errorf("read test clock: %w", err)
		}
	}
	return c.atListenerLocked(func() (offset, error) { return c.measure(ctx) })
}

// atListenerLocked gives the mutex up while one goroutine, this one, is at the control listener.
func (c *TestClock) atListenerLocked(ask func() (offset, error)) error {
	c.moving = true
	c.mu.Unlock()
	measured, err := ask()
	c.mu.Lock()
	c.moving = false
	if err == nil {
		c.offset = measured
	}
	c.announceLocked()
	return err
}

// Now is the machine's time plus the offset last measured.
func (c *TestClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

// Join counts the caller among the workers that share the clock. The func it returns counts it
// out again; calling that twice is harmless.
func (c *TestClock) Join() (leave func()) {
	c.count(1)
	return sync.OnceFunc(func() { c.count(-1) })
}

// Wait moves the clock, or has it moved by the worker that comes to wait last; see Clock.
func (c *TestClock) Wait(ctx context.Context, until time.Time, why string) error {
	return c.wait(ctx, until, why, nil)
}

// Shown is this clock for one of the workers that share it. While its Wait lasts because others are busy or
// wait for less, progress is called as RealClock's is.
func (c *TestClock) Shown(progress func(why string, remaining time.Duration)) Clock {
	return shownClock{c, progress}
}

type shownClock struct {
	*TestClock
	progress func(why string, remaining time.Duration)
}

// Wait implements Clock.
func (c shownClock) Wait(ctx context.Context, until time.Time, why string) error {
	return c.wait(ctx, until, why, c.progress)
}

func (c *TestClock) wait(ctx context.Context, until time.Time, why string, progress func(string, time.Duration)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[&until] = struct{}{}
	c.announceLocked()
	defer func() {
		delete(c.waiting, &until)
		c.announceLocked()
	}()
	for {
		remaining := until.Sub(c.nowLocked())
		if remaining <= 0 {
			return nil
		}
		step := c.waitLocked
		if progress != nil {
			step = c.showing(why, progress)
		}
		if c.mayMoveLocked() {
			step = c.moveLocked
		}
		if err := step(ctx, remaining); err != nil {
			return waitEnded(until, why, err)
		}
	}
}

// mayMoveLocked reports whether everybody waits and nobody is moving the clock already. A worker
// whose instant has come is not waiting, even if it has not woken yet.
func (c *TestClock) mayMoveLocked() bool {
	now, n := c.nowLocked(), 0
	for until := range c.waiting {
		if until.After(now) {
			n++
		}
	}
	return n >= c.workers && !c.moving
}

// moveLocked moves the clock to the earliest instant that is waited for. It gives the mutex up
// while it is at the control listener.
func (c *TestClock) moveLocked(ctx context.Context, by time.Duration) error {
	now, before := c.nowLocked(), c.offset
	for until := range c.waiting {
		if d := until.Sub(now); d > 0 {
			by = min(by, d)
		}
	}
	if err := c.atListenerLocked(func() (offset, error) { return c.advance(ctx, by) }); err != nil {
		return err
	}
	// The new measurement's own error is made up for by the time it took.
	if after := c.nowLocked(); after.Before(now.Add(by - before.margin)) {
		return fmt.Errorf("the test clock was moved by %s and came from %s only to %s; is it the control listener of `reprompt emulator`?",
			by, now.Format(time.RFC3339), after.Format(time.RFC3339))
	}
	return nil
}

// waitLocked waits for a change, or until the clock has come to the instant by itself. It gives
// the mutex up meanwhile.
func (c *TestClock) waitLocked(ctx context.Context, remaining time.Duration) error {
	changed := c.changed
	c.mu.Unlock()
	defer c.mu.Lock()
	return pause(ctx, remaining, changed)
}

// movePatience bounds a move, which takes milliseconds.
const movePatience = 10 * time.Second

// advance moves the clock and measures it again. A move that was begun is seen through although the
// caller's wait ends meanwhile: the tenant's clock has moved then, and whoever undoes what was made
// would go by the old one. (Seen: a sign-in to give a role back, with a token "five minutes in the
// future".)
func (c *TestClock) advance(ctx context.Context, by time.Duration) (offset, error) {
	if ctx.Err() != nil {
		return offset{}, context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), movePatience)
	defer cancel()
	if err := c.control.advance(ctx, by); err != nil {
		return offset{}, err
	}
	return c.measure(ctx)
}

// measure takes the middle of the request for the instant of the answer.
func (c *TestClock) measure(ctx context.Context) (offset, error) {
	sent := machineNow()
	tenant, err := c.control.now(ctx)
	if err != nil {
		return offset{}, err
	}
	half := machineNow().Sub(sent) / 2
	return offset{ahead: tenant.Sub(sent.Add(half)), margin: half}, nil
}

// showing is waitLocked that tells, and returns early enough to tell again.
func (c *TestClock) showing(why string, progress func(string, time.Duration)) func(context.Context, time.Duration) error {
	return func(ctx context.Context, remaining time.Duration) error {
		changed := c.changed
		c.mu.Unlock()
		defer c.mu.Lock()
		progress(why, remaining)
		return pause(ctx, min(remaining, look), changed)
	}
}

func (c *TestClock) count(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers += n
	c.announceLocked()
}

func (c *TestClock) nowLocked() time.Time { return machineNow().Add(c.offset.ahead) }

// announceLocked wakes everyone who waits, to look again.
func (c *TestClock) announceLocked() {
	close(c.changed)
	c.changed = make(chan struct{})
}
