package suite

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/planner"
)

// rowsRun is a run of rows by godog, with the leases and the turns of a run and a simulated proof in each: no
// browser, no tenant, and the clock of a synctest bubble, which jumps when all wait.
type rowsRun struct {
	*testing.T
	*Suite
	random *rand.Rand

	mu     sync.Mutex
	busy   map[int]bool // by admin, between a sign-in and when it is let go
	order  []string     // names, as they began
	open   int
	most   int
	under  int // scenarios that have begun and not ended
	oldest time.Duration
	proved int
	joined int // of the clock
}

func (r *rowsRun) note(what func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	what()
}

// initialize gives a scenario what hooks give it, and a proof in the place of its sentences.
func (r *rowsRun) initialize(sc *godog.ScenarioContext) {
	sc.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		ctx = context.WithValue(ctx, runningKey{}, &running{pickle: pickle, base: ctx})
		has, err := r.takeLeases(ctx, pickle.Name)
		r.note(func() {
			r.under++
			r.order = append(r.order, pickle.Name)
		})
		return context.WithValue(ctx, lentKey{}, &has), err
	})
	sc.Given(`^the test admin is eligible`, func() {})
	sc.When(`^the test admin activates`, r.prove)
	sc.Then(`^re-authentication is enforced$`, func() {})
	sc.After(func(ctx context.Context, _ *godog.Scenario, _ error) (context.Context, error) {
		has := ctx.Value(lentKey{}).(*lent)
		r.note(func() {
			r.under--
			if has.holder != nil && has.admin >= 0 { // it was broken off before it let its admin go
				r.busy[has.admin] = false
			}
		})
		has.end()
		return ctx, nil
	})
}

type lentKey struct{}

// prove is one proof, as activation.Prove does it.
func (r *rowsRun) prove(ctx context.Context) error {
	has := ctx.Value(lentKey{}).(*lent)
	w := &world{clock: testMachine{}, turn: r.shared.browser.Guest(has.holder.Share)}
	w.turn.Clock = w.clock
	r.note(func() {
		if r.busy[has.admin] {
			r.Errorf("admin %d has two scenarios", has.admin)
		}
		r.busy[has.admin] = true
	})
	if err := w.enter(ctx); err != nil {
		return err
	}
	defer w.turn.Leave()
	r.drive(planner.TenantCosts.SignIn)
	authenticated := time.Now()
	if err := w.rest(ctx, nil, authenticated.Add(11*time.Minute), "the windows"); err != nil {
		return err
	}
	r.note(func() { r.oldest = max(r.oldest, time.Since(authenticated)) })
	r.drive(planner.TenantCosts.Activate)
	r.note(func() { r.busy[has.admin] = false })
	has.releaseAdmin(r.Suite)
	if err := w.rest(ctx, nil, time.Now().Add(5*time.Minute+5*time.Second), "PIM"); err != nil {
		return err
	}
	r.drive(planner.TenantCosts.GiveBack)
	r.note(func() { r.proved++ })
	return nil
}

// drive has a context open, for between half of what the plan foretells and one and a half times that.
func (r *rowsRun) drive(about time.Duration) {
	var took time.Duration
	r.note(func() {
		r.open++
		r.most = max(r.most, r.open)
		took = time.Duration((0.5 + r.random.Float64()) * float64(about))
	})
	_ = testMachine{}.Wait(context.Background(), time.Now().Add(took), "the browser")
	r.note(func() { r.open-- })
}

// play plays every part of the rows.
func (r *rowsRun) play(ctx context.Context) error {
	for _, part := range partsOf(shuffled(r.selection.features, r.options.Seed), r.options.Seed, r.options.mostInPart()) {
		cut, err := part.features()
		if err != nil {
			return err
		}
		if _, err := r.playPart(ctx, cut, 1, r.initialize); err != nil {
			return err
		}
	}
	return nil
}

func newRowsRun(t *testing.T, rows, admins, contexts int) *rowsRun {
	s, _ := planned(t, admins, contexts, rowsOf(rows, activatesOnce, isEnforced))
	s.progress = nil
	r := &rowsRun{T: t, Suite: s, random: rand.New(rand.NewPCG(1, 2)), busy: map[int]bool{}}
	s.shared.leases.Join = func() func() {
		r.note(func() { r.joined++ })
		return sync.OnceFunc(func() { r.note(func() { r.joined-- }) })
	}
	return r
}

// Rows of examples end when the plan says: within 5% on the tenant's clock, each proved once, by an admin who proves
// one at a time, and with no more contexts than may be open.
func TestFiveHundredRowsTakeAsLongAsThePlanSays(t *testing.T) {
	for _, row := range []struct{ admins, contexts, windows int }{{1, 2, 500}, {3, 2, 167}, {8, 4, 63}, {500, 8, 1}} {
		t.Run(fmt.Sprintf("%d admins, %d contexts", row.admins, row.contexts), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, began := newRowsRun(t, 500, row.admins, row.contexts), time.Now()
				plan, err := r.planScenarios(r.options)
				if err != nil {
					t.Fatal(err)
				}
				if err := r.play(t.Context()); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				if off := took.Seconds()/plan.takes.Seconds() - 1; off > 0.05 || off < -0.05 {
					t.Errorf("it took %s, the plan said %s (%+.1f%%)", took, plan.takes, 100*off)
				}
				// No order is faster than the windows of the busiest admin, or than the browser.
				costs := planner.TenantCosts
				bound := max(time.Duration(row.windows)*(11*time.Minute+costs.SignIn+costs.Activate), plan.browser/time.Duration(row.contexts))
				if most := bound + bound/20 + 17*time.Minute; plan.takes > most || plan.windows != row.windows || plan.admins != row.admins || plan.proofs != 500 {
					t.Errorf("the plan is %+v, want %d windows and at most %s", plan, row.windows, most)
				}
				if r.proved != 500 || r.most > row.contexts || r.shared.browser.Most() > row.contexts || r.oldest >= time.Hour || r.joined != 0 {
					t.Errorf("%d were proved, %d contexts open of %d, the oldest session was %s, %d share the clock still", r.proved, r.most, row.contexts, r.oldest, r.joined)
				}
			})
		})
	}
}

// Rows begin in the order in which they stand, or by the seed, however godog's goroutines come.
func TestRowsBeginInTheirOrder(t *testing.T) {
	for _, seed := range []int64{0, 7} {
		synctest.Test(t, func(t *testing.T) {
			r := newRowsRun(t, 60, 1, 2)
			r.options.Seed = seed
			if err := r.play(t.Context()); err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, pickle := range inOrder(r.selection.features[0].pickles, seed) {
				want = append(want, pickle.Name)
			}
			if !slices.Equal(want, r.order) {
				t.Errorf("seed %d: they began as %v, want %v", seed, r.order, want)
			}
		})
	}
}

// An interruption ends those that run, those in a line, and those that have not begun.
func TestAnInterruptionEndsAllRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRowsRun(t, 40, 4, 2)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(15*time.Minute, cancel)
		began := time.Now()
		if err := r.play(ctx); err != nil || time.Since(began) > 16*time.Minute || r.proved != 0 || r.joined != 0 {
			t.Errorf("after %s: %v, %d proved, %d share the clock still", time.Since(began), err, r.proved, r.joined)
		}
	})
}

// The admin goes on to the next scenario only where everything behind the proof looks at what was seen.
func TestWhoKeepsItsTestAdmin(t *testing.T) {
	looks := (&Suite{}).catalogue().looks
	pickle := func(tag string, texts ...string) *messages.Pickle {
		p := &messages.Pickle{}
		if tag != "" {
			p.Tags = []*messages.PickleTag{{Name: tag}}
		}
		for _, text := range texts {
			p.Steps = append(p.Steps, &messages.PickleStep{Text: text})
		}
		return p
	}
	const own, enforced = "our own page says so", "re-authentication is enforced"
	for name, row := range map[string]struct {
		pickle *messages.Pickle
		want   bool
	}{
		"it only looks":              {pickle("", own, "a proof", enforced, "every control held"), true},
		"nothing is behind":          {pickle("", own, "a proof"), true},
		"a sentence of their own":    {pickle("", own, "a proof", enforced, own), false},
		"something is changed":       {pickle("", own, "a proof", "the test admin has a passkey"), false},
		"a tag says that it is kept": {pickle("@lease:admin", own, "a proof", enforced), false},
	} {
		if got := onlyLooks(row.pickle, 1, looks); got != row.want {
			t.Errorf("%s: the admin may go: %t, want %t", name, got, row.want)
		}
	}
}

// While a role that rules all others is active for an admin, it is a path to the power of the next one's role.
func TestARoleThatRulesOthersKeepsItsTestAdmin(t *testing.T) {
	for id, want := range map[string]bool{ // ids of built-in roles (documented)
		"62e90394-69f5-4237-9190-012177145e10": true,  // Global Administrator
		"e8611ab8-c189-46e8-94e1-60213ab1f814": true,  // Privileged Role Administrator
		"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": false, // Application Administrator
	} {
		if activation.Rules(id) != want {
			t.Errorf("%s rules others: %t, want %t", id, !want, want)
		}
	}
}

// Order, first failure and tries are as they are for one worker, where scenarios overlap, too.
func TestOverlappingScenariosAreOrderedLikeOthers(t *testing.T) {
	tenant, _ := severalAdmins(t, 1)
	backwards := strings.Replace(wobbles, "0 times", "9 times", 1)
	result := runWobbles(t, Options{Tenant: tenant, Concurrency: 2, RunOptions: RunOptions{FailFast: true, Retries: 1}}, backwards)
	want := []string{"2/1 failed", "9/1 failed", "10/1 failed", "2/2 failed", "9/2 not-run", "10/2 not-run"}
	if diff := cmp.Diff(want, endings(result)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	for _, seed := range []int64{0, 1, 3} {
		options := Options{Tenant: tenant, Concurrency: 2, RunOptions: RunOptions{Seed: seed}}
		mustRunAsPlanned(t, options, runWobbles(t, options, wobbles))
	}
}
