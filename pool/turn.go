package pool

import (
	"context"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/planner"
)

// Turn is the place of one proof in its pool. One goroutine uses it. A nil Turn is of a proof that is alone:
// it enters and leaves as it likes.
type Turn struct {
	pool *Pool
	step planner.Step
	next func() // begins the next step of the admin
	// Clock, when not nil, is waited for in the place of the pool's: it may show its waits elsewhere.
	Clock Clock
	// Told, when not nil, is told what is waited for that others have.
	Told func(why string)
	// Places is how many contexts the turn opens at a time once it has entered; 0: one. It is set outside.
	Places int

	begun    bool
	inside   int // places that it has
	freed    bool
	joins    func() (leave func()) // takes the place of Pool.Join; nil: that
	leave    func()                // counts the turn out of those that share the clock; nil where it is not counted
	admitted chan struct{}
}

// Guest is the turn of a proof that somebody else runs, outside Run: it takes its place at the browser like the
// others and has no admin. share counts it among those that share the clock, unless it is, and returns what counts
// it out; nil where nobody is counted. It is counted already.
func (p *Pool) Guest(share func() (leave func())) *Turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil {
		p.waiting = map[int]*Turn{}
	}
	p.guests++
	t := &Turn{pool: p, step: planner.Step{Rank: p.guests}, next: func() {}, joins: share}
	t.join()
	return t
}

// Inside reports whether contexts of this turn may be open.
func (t *Turn) Inside() bool {
	if t == nil {
		return false
	}
	t.pool.mu.Lock()
	defer t.pool.mu.Unlock()
	return t.inside > 0
}

// Enter waits until one more browser context may be open. It returns at once inside. A proof begins inside.
func (t *Turn) Enter(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.enter(ctx, time.Time{})
}

// enter stands in the line since an instant; the zero instant is now.
func (t *Turn) enter(ctx context.Context, since time.Time) error {
	p := t.pool
	p.mu.Lock()
	if t.inside > 0 {
		p.mu.Unlock()
		return nil
	}
	if since.IsZero() {
		since = p.Clock.Now()
	}
	t.queueLocked(since)
	p.admitLocked()
	open, inside := p.open, t.inside
	p.mu.Unlock()
	if inside == 0 && t.Told != nil {
		t.Told(fmt.Sprintf("a browser context: %d are open, and --concurrency lets no more be", open))
	}
	return t.await(ctx)
}

// queueLocked puts the turn into the line. There it is not counted among those that share the clock.
func (t *Turn) queueLocked(since time.Time) {
	t.admitted = make(chan struct{})
	t.pool.waiting[t.step.Rank] = t
	t.pool.line.Add(planner.Want{Proof: t.step.Rank, Begun: t.begun, Since: since, Rank: t.step.Rank})
	t.begun = true
	t.part()
}

// await waits in the line.
func (t *Turn) await(ctx context.Context) error {
	select {
	case <-t.admitted:
		return nil
	case <-ctx.Done():
		return t.giveUp(ctx)
	}
}

// giveUp leaves the line, unless the turn has been let in meanwhile.
func (t *Turn) giveUp(ctx context.Context) error {
	p := t.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.line.Drop(t.step.Rank) {
		return nil
	}
	delete(p.waiting, t.step.Rank)
	t.join()
	return fmt.Errorf("wait for a browser context: %w", context.Cause(ctx))
}

// Leave says that no context of this turn is open any more. Outside it does nothing.
func (t *Turn) Leave() {
	if t == nil {
		return
	}
	t.pool.mu.Lock()
	defer t.pool.mu.Unlock()
	t.leaveLocked()
}

func (t *Turn) leaveLocked() {
	if t.inside == 0 {
		return
	}
	t.pool.open -= t.inside
	t.inside = 0
	t.pool.admitLocked()
}

// Rest leaves, waits for an instant of the tenant's clock, and enters again. It is outside when it returns an
// error. The caller has closed its context before, and opens it again afterwards.
func (t *Turn) Rest(ctx context.Context, until time.Time, why string) error {
	t.Leave()
	clock := t.Clock
	if clock == nil {
		clock = t.pool.Clock
	}
	if err := clock.Wait(ctx, until, why); err != nil {
		return err
	}
	return t.enter(ctx, until)
}

// Free says that this proof lets its admin authenticate no more. The admin's next role begins, if there is
// one. A second call does nothing.
func (t *Turn) Free() {
	t.pool.mu.Lock()
	defer t.pool.mu.Unlock()
	t.freeLocked()
}

func (t *Turn) freeLocked() {
	if !t.freed {
		t.freed = true
		t.next()
		t.pool.admitLocked()
	}
}

// join counts the turn among those that share the clock.
func (t *Turn) join() {
	join := t.pool.Join
	if t.joins != nil {
		join = t.joins
	}
	if join != nil && t.leave == nil {
		t.leave = join()
	}
}

// part counts it out.
func (t *Turn) part() {
	if t.leave != nil {
		t.leave()
		t.leave = nil
	}
}
