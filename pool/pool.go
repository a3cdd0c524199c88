package pool

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/reprompt/reprompt/planner"
)

// Clock is the tenant's clock; see package await.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, until time.Time, why string) error
}

// Pool runs the proofs of one plan. Its fields are set before Run, which is called once.
type Pool struct {
	Clock Clock
	// Contexts is how many browser contexts are open at a time; at least 1.
	Contexts int
	// Join counts a worker among those that share the clock and returns what counts it out; nil where
	// nobody has to be counted.
	Join func() (leave func())

	mu      sync.Mutex
	open    int
	most    int
	line    planner.Line
	waiting map[int]*Turn // by step, those in the line
	queues  map[int][]planner.Step
	guests  int
	over    bool // nothing more begins
	errs    []error
	running sync.WaitGroup
}

// Run proves every step of the plan: do is called once for each, on a goroutine of its own, and its turn is
// over when it returns. After the first error, or when ctx has ended, nothing more begins; what has begun
// comes to its own end. The error is what the calls returned, joined in the order in which they ended.
func (p *Pool) Run(ctx context.Context, plan planner.Plan, do func(ctx context.Context, turn *Turn, step planner.Step) error) error {
	p.queues, p.waiting = plan.Queues(), map[int]*Turn{}
	p.mu.Lock()
	for admin := range p.queues {
		p.nextLocked(ctx, admin, do)
	}
	p.admitLocked()
	p.mu.Unlock()
	p.running.Wait()
	return errors.Join(p.errs...)
}

// Most is how many contexts were open at a time, at the most.
func (p *Pool) Most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

// nextLocked puts the next step of an admin into the line: a proof begins inside, so that no more begin than
// contexts may be open.
func (p *Pool) nextLocked(ctx context.Context, admin int, do func(context.Context, *Turn, planner.Step) error) {
	queue := p.queues[admin]
	if len(queue) == 0 || p.over || ctx.Err() != nil {
		return
	}
	p.queues[admin] = queue[1:]
	turn := &Turn{pool: p, step: queue[0]}
	turn.next = func() { p.nextLocked(ctx, admin, do) }
	turn.queueLocked(time.Time{})
	p.running.Go(func() {
		var err error
		if turn.await(ctx) == nil && p.mayBegin() {
			err = do(ctx, turn, turn.step)
		}
		p.end(turn, err)
	})
}

// mayBegin is false once something went wrong: what waited in the line for its first turn goes home.
func (p *Pool) mayBegin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.over
}

// end lets go of everything that a turn still has.
func (p *Pool) end(t *Turn, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.errs, p.over = append(p.errs, err), true
	}
	t.leaveLocked()
	t.freeLocked()
	t.part()
}

// admitLocked lets in who is next, as long as there is room.
func (p *Pool) admitLocked() {
	for p.open < p.Contexts {
		next, ok := p.line.Next()
		if !ok {
			return
		}
		turn := p.waiting[next.Proof]
		if p.open+p.placesOf(turn) > p.Contexts {
			p.line.Add(next) // nobody passes it, or it would never have its turn
			return
		}
		delete(p.waiting, next.Proof)
		p.enteredLocked(turn)
		turn.join()
		close(turn.admitted)
	}
}

func (p *Pool) enteredLocked(t *Turn) {
	t.inside = p.placesOf(t)
	p.open += t.inside
	p.most = max(p.most, p.open)
}

// placesOf is how many contexts a turn opens. One that wants more than may be open gets all of them.
func (p *Pool) placesOf(t *Turn) int { return min(max(t.Places, 1), p.Contexts) }
