package pool_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reprompt/reprompt/pool"
)

// counted are those that share a clock.
type counted struct {
	mu  sync.Mutex
	now int
}

func (c *counted) share() (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now--
	})
}

// Who is begun elsewhere stands in the same line, is not counted there, and is counted again before its place is
// handed over. Who needs two places gets both at once, and is not passed by those who need one.
func TestGuestsTakeTheirTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clock counted
		side := &pool.Pool{Clock: simulated{}, Contexts: 2}
		want := func(inside, shared int) {
			t.Helper()
			synctest.Wait()
			clock.mu.Lock()
			defer clock.mu.Unlock()
			if side.Most() != inside || clock.now != shared {
				t.Errorf("%d places were had at the most and %d share the clock, want %d and %d", side.Most(), clock.now, inside, shared)
			}
		}
		guest := func(places int) *pool.Turn {
			turn := side.Guest(clock.share)
			turn.Places = places
			return turn
		}
		enter := func(turn *pool.Turn) {
			if err := turn.Enter(t.Context()); err != nil {
				t.Error(err)
			}
		}
		one, both, late := guest(0), guest(2), guest(1)
		want(0, 3)
		enter(one)
		enter(one) // which is inside
		go enter(both)
		want(1, 2)
		go enter(late) // there is room for it, but not before the other
		want(1, 1)
		if !one.Inside() || both.Inside() || late.Inside() {
			t.Error("not only the first is inside")
		}
		one.Leave()
		want(2, 2)
		if !both.Inside() || late.Inside() {
			t.Error("who needs both places was passed by who needs one")
		}
		both.Leave()
		want(2, 3)
		if !late.Inside() {
			t.Error("the last is not inside")
		}
		late.Leave()
	})
}

// A guest that rests lets others in and comes back; a second place is not more than there are.
func TestAGuestRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		side := &pool.Pool{Clock: simulated{}, Contexts: 1}
		one, other := side.Guest(nil), side.Guest(nil)
		one.Places = 2
		began := time.Now()
		if err := one.Enter(t.Context()); err != nil || side.Most() != 1 {
			t.Fatalf("%v, %d places", err, side.Most())
		}
		var group sync.WaitGroup
		group.Go(func() {
			if err := other.Enter(t.Context()); err != nil || time.Since(began) != 0 {
				t.Errorf("%v, after %s", err, time.Since(began))
			}
			_ = simulated{}.Wait(t.Context(), began.Add(15*time.Minute), "the browser")
			other.Leave()
		})
		if err := one.Rest(t.Context(), began.Add(11*time.Minute), "the window"); err != nil || time.Since(began) != 15*time.Minute {
			t.Errorf("%v, back after %s, want when the other has left", err, time.Since(began))
		}
		group.Wait()
	})
}
