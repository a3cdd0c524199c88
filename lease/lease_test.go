package lease_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/lease"
)

var (
	ann  = lease.Thing{Kind: "test admin", ID: "ann"}
	bob  = lease.Thing{Kind: "test admin", ID: "bob"}
	role = lease.Thing{Kind: "role", ID: "r1"}
	c7   = lease.Thing{Kind: "authentication context", ID: "c7"}
)

// later is closed after a time of the bubble's clock.
func later(d time.Duration) <-chan struct{} {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	context.AfterFunc(ctx, cancel)
	return ctx.Done()
}

// pass lets a time of the bubble's clock pass.
func pass(d time.Duration) { <-later(d) }

// sharers counts who shares a clock.
type sharers struct{ now atomic.Int32 }

func (s *sharers) join() func() {
	s.now.Add(1)
	return sync.OnceFunc(func() { s.now.Add(-1) })
}

// scene is a manager in a bubble, with what it says.
type scene struct {
	*testing.T
	lease.Manager
	clock sharers
	mu    sync.Mutex
	log   []string
}

func inScene(t *testing.T, do func(s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{T: t}
		s.Join = s.clock.join
		do(s)
	})
}

func (s *scene) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, fmt.Sprintf(format, args...))
}

func (s *scene) told(who string) func(string) {
	return func(why string) { s.note("%s waits for %s", who, why) }
}

// begin has somebody come, who notes when it has begun, and returns what gives the holder.
func (s *scene) begin(who string, need lease.Need) func() *lease.Holder {
	got := make(chan *lease.Holder, 1)
	go func() {
		h, err := s.Acquire(s.Context(), who, need, s.told(who))
		if err != nil {
			s.Errorf("%s: %v", who, err)
		}
		s.note("%s begins", who)
		got <- h
	}()
	synctest.Wait()
	return func() *lease.Holder {
		synctest.Wait()
		select {
		case h := <-got:
			return h
		default:
			s.Fatalf("%s has not begun: %q", who, s.log)
			return nil
		}
	}
}

func (s *scene) want(lines ...string) {
	s.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if diff := cmp.Diff(lines, s.log); diff != "" {
		s.Errorf("what was said (-want +got):\n%s", diff)
	}
}

func (s *scene) wantSharers(n int32) {
	s.Helper()
	synctest.Wait()
	if got := s.clock.now.Load(); got != n {
		s.Errorf("%d share the clock, want %d", got, n)
	}
}

func TestWhoSharesNothingRunsTogether(t *testing.T) {
	inScene(t, func(s *scene) {
		either := []lease.Thing{ann, bob}
		one := s.begin("one", lease.Need{Any: either, All: []lease.Thing{role}})()
		two := s.begin("two", lease.Need{Any: either})()
		if diff := cmp.Diff([]lease.Thing{ann, role}, one.Has()); diff != "" {
			s.Errorf("the first has (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]lease.Thing{bob}, two.Has()); diff != "" {
			s.Errorf("the second has (-want +got):\n%s", diff)
		}
		s.wantSharers(2)
		three := s.begin("three", lease.Need{Any: either})
		four := s.begin("four", lease.Need{All: []lease.Thing{role}})
		s.wantSharers(2)
		two.End()
		two.End()
		three().End()
		one.End()
		four().End()
		s.wantSharers(0)
		s.want("one begins", "two begins",
			`three waits for test admin ann, which "one" has, or test admin bob, which "two" has`,
			`four waits for role r1, which "one" has`,
			"three begins", "four begins")
	})
}

// What the first in the line will need is not given to those behind it, and who wants nothing of it passes.
func TestWhoCameFirstIsServedFirst(t *testing.T) {
	inScene(t, func(s *scene) {
		admin, both := s.begin("admin", lease.Need{All: []lease.Thing{ann}})(), lease.Need{All: []lease.Thing{ann, role}}
		first := s.begin("first", both)
		second := s.begin("second", lease.Need{All: []lease.Thing{role}})
		passing := s.begin("passing", lease.Need{All: []lease.Thing{c7}})()
		admin.End()
		first().End()
		second().End()
		passing.End()
		s.want("admin begins",
			`first waits for test admin ann, which "admin" has`,
			`second waits for role r1, for which "first" waits already`,
			"passing begins",
			`second waits for role r1, which "first" has`, "first begins", "second begins")
	})
}

// Whoever waits for a thing that it has not begun with does not hold up the clock, and is served before those
// who have not begun.
func TestAClaimWaitsAndGoesBeforeWhoHasNotBegun(t *testing.T) {
	inScene(t, func(s *scene) {
		one := s.begin("one", lease.Need{All: []lease.Thing{ann, role}})()
		late := s.begin("late", lease.Need{All: []lease.Thing{role}})
		two := s.begin("two", lease.Need{All: []lease.Thing{bob}})()
		go func() {
			if err := two.Claim(s.Context(), role, s.told("two")); err != nil {
				s.Error(err)
			}
			s.note("two has the role")
		}()
		s.wantSharers(1)
		one.Release(c7) // which it has not
		one.Release(role)
		s.wantSharers(2)
		if err := two.Claim(s.Context(), role, nil); err != nil {
			s.Errorf("what it has is claimed again: %v", err)
		}
		if one.Try(role) || !one.Try(c7) || !one.Try(ann) {
			s.Error("Try takes what another has, or not what is free or its own")
		}
		one.End()
		two.End()
		late().End()
		s.wantSharers(0)
		s.want("one begins", `late waits for role r1, which "one" has`, "two begins", `two waits for role r1, which "one" has`,
			`late waits for role r1, which "two" has`, "two has the role", "late begins")
	})
}

func TestNobodyWaitsInACircle(t *testing.T) {
	inScene(t, func(s *scene) {
		one := s.begin("one", lease.Need{All: []lease.Thing{role}})()
		two := s.begin("two", lease.Need{All: []lease.Thing{c7}})()
		three := s.begin("three", lease.Need{All: []lease.Thing{ann}})()
		go func() { _ = one.Claim(s.Context(), c7, nil) }()
		synctest.Wait()
		go func() { _ = two.Claim(s.Context(), ann, nil) }()
		synctest.Wait()
		err := three.Claim(s.Context(), role, nil)
		var circle *lease.CycleError
		if !errors.As(err, &circle) || circle.Thing != role {
			s.Fatalf("the claim that closes the circle: %v", err)
		}
		want := `role r1 cannot be waited for, because it would be for ever: "one" has role r1, "two" has authentication context c7, "three" has test admin ann`
		if err.Error() != want {
			s.Errorf("it says %q, want %q", err, want)
		}
		s.wantSharers(1) // the refused one goes on
		three.End()
		synctest.Wait()
		two.End()
		synctest.Wait()
		if diff := cmp.Diff([]lease.Thing{role, c7}, one.Has()); diff != "" {
			s.Errorf("in the end the first has (-want +got):\n%s", diff)
		}
		one.End()
		s.wantSharers(0)
	})
}

func TestAnInterruptionTakesOutOfTheLine(t *testing.T) {
	inScene(t, func(s *scene) {
		one := s.begin("one", lease.Need{All: []lease.Thing{ann, role}})()
		two := s.begin("two", lease.Need{All: []lease.Thing{bob}})()
		stop := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(s.Context())
		var group sync.WaitGroup
		group.Go(func() {
			if h, err := s.Acquire(ctx, "three", lease.Need{All: []lease.Thing{role, bob}}, nil); h != nil || !errors.Is(err, stop) {
				s.Errorf("who had not begun: %v, %v", h, err)
			}
		})
		group.Go(func() {
			if err := two.Claim(ctx, role, nil); !errors.Is(err, stop) {
				s.Errorf("who claimed: %v", err)
			}
		})
		s.wantSharers(1)
		four := s.begin("four", lease.Need{All: []lease.Thing{bob}})
		cancel(stop)
		group.Wait()
		s.wantSharers(2) // two has to undo what it made, by a clock that stands still for it
		one.End()
		if got := two.Has(); len(got) != 1 {
			s.Errorf("a claim that was given up was granted: %v", got)
		}
		two.End()
		four().End()
		s.wantSharers(0)
	})
}

// Between one that ends and the next nobody moves the clock.
func TestTheClockStandsForThoseWhoAreExpected(t *testing.T) {
	inScene(t, func(s *scene) {
		s.Expect(3, 2)
		s.wantSharers(2)
		one := s.begin("one", lease.Need{All: []lease.Thing{ann}})()
		s.wantSharers(2) // one, and a place for the next
		one.End()
		s.wantSharers(2)
		two := s.begin("two", lease.Need{All: []lease.Thing{ann}})()
		s.wantSharers(2)
		waits := s.begin("three", lease.Need{All: []lease.Thing{ann}})
		s.wantSharers(1)
		two.End()
		s.wantSharers(1)
		waits().End()
		s.wantSharers(0)

		s.Expect(2, 2)
		s.wantSharers(2)
		s.Pass()
		s.wantSharers(1)
		s.Expect(0, 0)
		s.wantSharers(0)
	})
}

// Whoever is handed a thing shares the clock before the one who had it leaves.
func TestTheClockDoesNotMoveAtAHandOver(t *testing.T) {
	inScene(t, func(s *scene) {
		var least atomic.Int32
		least.Store(9)
		s.Join = func() func() {
			leave := s.clock.join()
			return func() {
				leave()
				least.Store(min(least.Load(), s.clock.now.Load()))
			}
		}
		one := s.begin("one", lease.Need{All: []lease.Thing{ann}})()
		two := s.begin("two", lease.Need{All: []lease.Thing{ann}})
		least.Store(9)
		one.End()
		if least.Load() != 1 {
			s.Errorf("%d shared the clock when the first had left, want the second", least.Load())
		}
		two().End()
	})
}

// wild is one of many who want things in any order.
type wild struct {
	*testing.T
	manager *lease.Manager
	things  []lease.Thing
	owners  []atomic.Int32 // by thing: who has it, from 1
	random  *rand.Rand
	number  int32
}

func (w *wild) pick(n int) (some []lease.Thing) {
	for _, i := range w.random.Perm(len(w.things))[:n] {
		some = append(some, w.things[i])
	}
	return some
}

func (w *wild) index(t lease.Thing) int {
	for i, other := range w.things {
		if other == t {
			return i
		}
	}
	w.Fatalf("unknown %s", t)
	return 0
}

// got notes that a thing is this one's alone.
func (w *wild) got(t lease.Thing) {
	if !w.owners[w.index(t)].CompareAndSwap(0, w.number) && w.owners[w.index(t)].Load() != w.number {
		w.Errorf("%s is had by two: %d and %d", t, w.owners[w.index(t)].Load(), w.number)
	}
}

func (w *wild) gone(t lease.Thing) { w.owners[w.index(t)].CompareAndSwap(w.number, 0) }

// live acquires, claims and lets go for some rounds. What it returns is how many claims would have been a circle.
func (w *wild) live(rounds int) (circles int) {
	for range rounds {
		ctx, cancel := context.WithTimeout(w.Context(), time.Duration(1+w.random.IntN(200))*time.Millisecond)
		h, err := w.manager.Acquire(ctx, fmt.Sprint(w.number), lease.Need{All: w.pick(w.random.IntN(3)), Any: w.pick(w.random.IntN(3))}, func(string) {})
		if err == nil {
			circles += w.work(ctx, h)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			w.Error(err)
		}
		cancel()
	}
	return circles
}

func (w *wild) work(ctx context.Context, h *lease.Holder) (circles int) {
	for _, t := range h.Has() {
		w.got(t)
	}
	for range w.random.IntN(4) {
		t := w.pick(1)[0]
		err := h.Claim(ctx, t, nil)
		var circle *lease.CycleError
		switch {
		case err == nil:
			w.got(t)
		case errors.As(err, &circle):
			circles++
		case !errors.Is(err, context.DeadlineExceeded):
			w.Error(err)
		}
		if t := w.pick(1)[0]; h.Try(t) {
			w.got(t)
		}
		pass(time.Duration(w.random.IntN(20)) * time.Millisecond)
		if has := h.Has(); len(has) > 0 {
			w.gone(has[0])
			h.Release(has[0])
		}
	}
	for _, t := range h.Has() {
		w.gone(t)
	}
	h.End()
	return circles
}

// Whatever they want, no two ever have one thing, nobody waits for ever (a bubble in which all are blocked
// panics), and in the end nobody is counted any more.
func TestManyWhoWantThingsInAnyOrder(t *testing.T) {
	var circles atomic.Int32
	for seed := range uint64(8) {
		inScene(t, func(s *scene) {
			var things []lease.Thing
			for i := range 5 {
				things = append(things, lease.Thing{Kind: "thing", ID: fmt.Sprint(i)})
			}
			owners := make([]atomic.Int32, len(things))
			var group sync.WaitGroup
			for n := range 12 {
				group.Go(func() {
					w := &wild{s.T, &s.Manager, things, owners, rand.New(rand.NewPCG(seed, uint64(n))), int32(n + 1)}
					circles.Add(int32(w.live(40)))
				})
			}
			group.Wait()
			for i := range owners {
				if by := owners[i].Load(); by != 0 {
					s.Errorf("seed %d: %s is still had by %d", seed, things[i], by)
				}
			}
			s.wantSharers(0)
		})
	}
	if circles.Load() == 0 {
		t.Error("no claim would have closed a circle: the test tries too little")
	}
}

// Without a bound each one gets what it waits for, however many come.
func TestNobodyIsPassedForEver(t *testing.T) {
	inScene(t, func(s *scene) {
		both := lease.Need{All: []lease.Thing{ann, role}}
		stop, patient := make(chan struct{}), make(chan struct{})
		var group sync.WaitGroup
		for _, need := range []lease.Need{{All: []lease.Thing{ann}}, {All: []lease.Thing{role}}} {
			for range 3 {
				group.Go(func() {
					for {
						h, err := s.Acquire(s.Context(), "greedy", need, nil)
						if err != nil {
							s.Error(err)
							return
						}
						pass(time.Second)
						h.End()
						select {
						case <-stop:
							return
						default:
						}
					}
				})
			}
		}
		synctest.Wait()
		go func() {
			defer close(patient)
			h, err := s.Acquire(s.Context(), "patient", both, nil)
			if err != nil {
				s.Error(err)
				return
			}
			h.End()
		}()
		began := time.Now()
		select {
		case <-patient:
		case <-later(time.Minute):
			s.Error("who needs two things at once is passed again and again")
		}
		if took := time.Since(began); took > 3*time.Second {
			s.Errorf("it waited %s, want as long as those before it take", took)
		}
		close(stop)
		group.Wait()
	})
}

// Whoever is gathered begins by rank, however they come, and no more at a time than may be; one who passes is not
// waited for, and while only one of several is waited for, whoever is quiet says nothing.
func TestThoseWhoAreGatheredBeginByRank(t *testing.T) {
	inScene(t, func(s *scene) {
		s.AtOnce = 2
		s.Expect(4, 4)
		s.Gather(4)
		either := []lease.Thing{ann, bob}
		need := func(rank int, all ...lease.Thing) lease.Need {
			return lease.Need{Any: either, All: all, Rank: rank, Quiet: true}
		}
		third := s.begin("third", need(3))
		first := s.begin("first", need(1))
		s.want()
		s.Pass()
		second := s.begin("second", need(2, role))
		s.wantSharers(2)
		one := first()
		defer one.End()
		if got := one.Has(); got[0] != ann {
			s.Errorf("the first has %v, want the first admin", got)
		}
		two := second()
		two.Release(bob) // which is free then, but two have begun
		s.wantSharers(2)
		fourth := s.begin("fourth", need(0, role))
		two.End()
		fourth().End()
		third().End()
		s.wantSharers(1)
		s.log = s.log[2:] // the first two began at the same time
		s.want("fourth begins", "third begins")
	})
}

// A holder that waits for something else is not counted meanwhile, however often that is said.
func TestAHolderWaitsForSomethingElse(t *testing.T) {
	inScene(t, func(s *scene) {
		h := s.begin("one", lease.Need{Any: []lease.Thing{ann}})()
		s.wantSharers(1)
		leave := h.Share()
		s.wantSharers(1)
		leave()
		leave()
		s.wantSharers(0)
		h.Share()
		s.wantSharers(1)
		h.End()
		s.wantSharers(0)
	})
}
