package pool_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reprompt/reprompt/planner"
	"github.com/reprompt/reprompt/pool"
)

// simulated is a clock of a synctest bubble: it stands still while anybody works, and jumps to the earliest
// instant that is waited for when all wait.
type simulated struct{}

func (simulated) Now() time.Time { return time.Now() }

func (simulated) Wait(ctx context.Context, until time.Time, _ string) error {
	timed, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	<-timed.Done()
	return context.Cause(ctx)
}

// costs are those of a real tenant's pages.
var costs = planner.TenantCosts

// workOf is roles that every admin is eligible for.
func workOf(roles, admins, contexts int) planner.Work {
	all := make([]int, admins)
	for i := range all {
		all[i] = i
	}
	w := planner.Work{Admins: admins, Contexts: contexts, Proof: costs.Proof(false, 0), Start: time.Now()}
	for i := range roles {
		w.Roles = append(w.Roles, planner.Role{Name: fmt.Sprintf("role %d", i), Admins: all})
	}
	return w
}

// proofs are simulated proofs, as activation.Prove does them: the browser takes something between half and
// one and a half times what the plan foretells.
type proofs struct {
	work   planner.Work
	random *rand.Rand

	mu      sync.Mutex
	busy    map[int]bool // by admin, between a sign-in and what frees the admin
	open    int          // contexts
	most    int
	oldest  time.Duration
	proved  map[int]int
	broken  []string
	overlap int // proofs that began while another of their admin was not over
	after   map[int]int
}

func (p *proofs) broke(format string, args ...any) {
	p.broken = append(p.broken, fmt.Sprintf(format, args...))
}

// one is one proof.
func (p *proofs) one(ctx context.Context, turn *pool.Turn, step planner.Step) error {
	p.begin(step)
	var authenticated time.Time
	for i, stage := range p.work.Proof {
		if stage.Activates {
			p.note(func() { p.oldest = max(p.oldest, time.Since(authenticated)) })
		}
		p.drive(stage.Browser)
		if i == 0 || stage.Activates {
			authenticated = time.Now()
		}
		if stage.Frees {
			p.note(func() { p.busy[step.Admin] = false; p.after[step.Admin]++ })
			turn.Free()
		}
		if i == len(p.work.Proof)-1 {
			turn.Leave()
			break
		}
		if err := turn.Rest(ctx, time.Now().Add(stage.Wait), "the window"); err != nil {
			return err
		}
	}
	p.note(func() { p.proved[step.Role]++; p.after[step.Admin]-- })
	return nil
}

func (p *proofs) begin(step planner.Step) {
	p.note(func() {
		if p.busy[step.Admin] {
			p.broke("admin %d began role %d while it was at another", step.Admin, step.Role)
		}
		p.busy[step.Admin] = true
		if p.after[step.Admin] > 0 {
			p.overlap++
		}
	})
}

// drive has a context open.
func (p *proofs) drive(about time.Duration) {
	var took time.Duration
	p.note(func() {
		p.open++
		p.most = max(p.most, p.open)
		took = time.Duration((0.5 + p.random.Float64()) * float64(about))
	})
	_ = simulated{}.Wait(context.Background(), time.Now().Add(took), "the browser")
	p.note(func() { p.open-- })
}

func (p *proofs) note(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
}

func newProofs(work planner.Work) *proofs {
	return &proofs{
		work: work, random: rand.New(rand.NewPCG(1, 2)), busy: map[int]bool{}, proved: map[int]int{}, after: map[int]int{},
	}
}

// What is carried out is what was planned: within 5% on the tenant's clock, with every role proved once, by an
// admin who proves one at a time, and with no more contexts than may be open.
func TestFiveHundredRolesTakeAsLongAsThePlanSays(t *testing.T) {
	for _, row := range []struct {
		admins, contexts int
		windows          int
	}{
		{admins: 1, contexts: 2, windows: 500},
		{admins: 8, contexts: 4, windows: 63},
		{admins: 500, contexts: 8, windows: 1},
		{admins: 500, contexts: 1000, windows: 1},
	} {
		t.Run(fmt.Sprintf("%d admins, %d contexts", row.admins, row.contexts), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				work := workOf(500, row.admins, row.contexts)
				plan, err := planner.New(work)
				if err != nil {
					t.Fatal(err)
				}
				// No order of them is faster than the windows of the busiest admin, or than the browser.
				bound := max(time.Duration(row.windows)*(11*time.Minute+costs.SignIn+costs.Activate), plan.Browser/time.Duration(row.contexts))
				if most := bound + bound/20 + 17*time.Minute; plan.Windows != row.windows || plan.Admins != row.admins || plan.Ends.Sub(work.Start) > most {
					t.Errorf("the plan is %d windows of %d admins in %s, want %d, %d and at most %s", plan.Windows, plan.Admins, plan.Ends.Sub(work.Start), row.windows, row.admins, most)
				}
				p := newProofs(work)
				side := pool.Pool{Clock: simulated{}, Contexts: row.contexts}
				if err := side.Run(t.Context(), plan, p.one); err != nil {
					t.Fatal(err)
				}
				p.check(t, row.contexts)
				foretold, took := plan.Ends.Sub(work.Start), time.Since(work.Start)
				if off := took.Seconds()/foretold.Seconds() - 1; off > 0.05 || off < -0.05 {
					t.Errorf("it took %s, the plan said %s (%+.1f%%)", took, foretold, 100*off)
				}
				if side.Most() < p.most || side.Most() > row.contexts || row.admins < 500 && p.overlap < 500-2*row.admins {
					t.Errorf("most %d and %d; %d proofs overlapped with what came before", side.Most(), p.most, p.overlap)
				}
			})
		})
	}
}

func (p *proofs) check(t *testing.T, contexts int) {
	t.Helper()
	for _, what := range p.broken {
		t.Error(what)
	}
	if p.most > contexts || p.oldest >= time.Hour || p.oldest < 11*time.Minute {
		t.Errorf("%d contexts were open of %d, and the oldest session was %s old", p.most, contexts, p.oldest)
	}
	for role := range p.work.Roles {
		if p.proved[role] != 1 {
			t.Errorf("role %d was proved %d times", role, p.proved[role])
		}
	}
}

// A shared test clock moves when everybody who has joined it waits: nobody in a line may be among them, and
// somebody must always be, or it would stand still for ever.
func TestWhoStandsInALineHasNotJoinedTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := workOf(12, 4, 2)
		plan, err := planner.New(work)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		joined, most := 0, 0
		side := pool.Pool{Clock: simulated{}, Contexts: 2, Join: func() func() {
			mu.Lock()
			defer mu.Unlock()
			joined++
			most = max(most, joined)
			return func() { mu.Lock(); defer mu.Unlock(); joined-- }
		}}
		p := newProofs(work)
		if err := side.Run(t.Context(), plan, p.one); err != nil {
			t.Fatal(err)
		}
		p.check(t, 2)
		if joined != 0 || most < 3 || most > 8 {
			t.Errorf("%d are joined at the end, %d were at the most", joined, most)
		}
	})
}

// After an error nothing more begins, and what has begun comes to its end.
func TestAnErrorLetsNothingMoreBegin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := workOf(20, 4, 2)
		plan, err := planner.New(work)
		if err != nil {
			t.Fatal(err)
		}
		broken := errors.New("the tenant is gone")
		p := newProofs(work)
		begun, ended := 0, 0
		side := pool.Pool{Clock: simulated{}, Contexts: 2}
		err = side.Run(t.Context(), plan, func(ctx context.Context, turn *pool.Turn, step planner.Step) error {
			p.note(func() { begun++ })
			defer p.note(func() { ended++ })
			if step.Rank == 1 {
				return broken
			}
			return p.one(ctx, turn, step)
		})
		if !errors.Is(err, broken) || begun != ended || begun > 4 || begun < 1 {
			t.Errorf("error %v, %d begun, %d ended", err, begun, ended)
		}
	})
}

// A run that is interrupted comes back from every wait, in a line or for the clock.
func TestAnInterruptionEndsEveryWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		work := workOf(20, 8, 2)
		plan, err := planner.New(work)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Minute, cancel)
		began := time.Now()
		side := pool.Pool{Clock: simulated{}, Contexts: 2}
		err = side.Run(ctx, plan, newProofs(work).one)
		if !errors.Is(err, context.Canceled) || time.Since(began) > 6*time.Minute {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}
