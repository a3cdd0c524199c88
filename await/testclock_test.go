package await_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/await"
)

// listener is the control listener of an embedded tenant, reached without a network so that it
// can live in a bubble of time.
type listener struct {
	mu     sync.Mutex
	offset time.Duration
	moves  []string // durations asked for, in order
	calls  []string
	stuck  bool // answers and does not move
	speed
	status int // when not 0, what it answers
	body   string
}

// speed is how long a request takes to the listener's answer, and the answer back.
type speed struct{ latency, late time.Duration }

func (l *listener) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := travel(req.Context(), l.latency); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, req)
	return w.Result(), travel(req.Context(), l.late)
}

// travel lets the bubble's time pass.
func travel(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *listener) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, fmt.Sprintf("%s %s %s", req.Method, req.URL, req.Header.Get("Authorization")))
	if l.status != 0 {
		http.Error(w, l.body, l.status)
		return
	}
	if req.Method == http.MethodPost {
		var ask struct{ Duration string }
		raw, _ := io.ReadAll(req.Body)
		if err := json.Unmarshal(raw, &ask); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		d, err := time.ParseDuration(ask.Duration)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		l.moves = append(l.moves, ask.Duration)
		if !l.stuck {
			l.offset += d
		}
	}
	if l.body != "" {
		_, _ = io.WriteString(w, l.body)
		return
	}
	_, _ = fmt.Fprintf(w, `{"now":%q}`, time.Now().Add(l.offset).Format(time.RFC3339Nano))
}

func (l *listener) clock() *await.TestClock {
	return await.NewTestClock("http://127.0.0.1:8181/", func() string { return "tok" }, "t1", &http.Client{Transport: l})
}

func mustSync(t *testing.T, c *await.TestClock) {
	t.Helper()
	if err := c.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestTestClockFollowsTheTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{offset: 26 * time.Hour, speed: speed{100 * time.Millisecond, 100 * time.Millisecond}}
		clock := l.clock()
		mustSync(t, clock)
		if got := time.Until(clock.Now()); got != 26*time.Hour {
			t.Errorf("offset is %s, want 26h", got)
		}
		want := []string{"GET http://127.0.0.1:8181/clock?tenant=t1 Bearer tok"}
		if diff := cmp.Diff(want, l.calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestTestClockMovesInsteadOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		start := time.Now()
		until := clock.Now().Add(11 * time.Minute)
		if err := clock.Wait(t.Context(), until, "the window"); err != nil {
			t.Fatal(err)
		}
		if clock.Now().Before(until) || time.Since(start) != 0 {
			t.Errorf("the clock is at %s after %s of the machine's time, want %s at once", clock.Now(), time.Since(start), until)
		}
		if err := clock.Wait(t.Context(), until.Add(-time.Hour), "the past"); err != nil {
			t.Errorf("waiting for the past: %v", err)
		}
		if diff := cmp.Diff([]string{"11m0s"}, l.moves); diff != "" {
			t.Errorf("moves (-want +got):\n%s", diff)
		}
	})
}

func TestTestClockComesToTheInstantThroughAListenerOfAnySpeed(t *testing.T) {
	const slow = 300 * time.Millisecond
	for _, row := range []struct {
		name       string
		sync, wait speed
	}{
		{"slow to answer", speed{latency: slow}, speed{latency: slow}},
		{"slow on the way back", speed{late: slow}, speed{late: slow}},
		{"clock taken for fast, then well measured", speed{latency: slow}, speed{}},
		{"clock taken for slow, then well measured", speed{late: slow}, speed{}},
		{"well measured, then taken for slow", speed{}, speed{late: slow}},
		{"taken for fast, then for slow", speed{latency: slow}, speed{late: slow}},
	} {
		t.Run(row.name, func(t *testing.T) { comesThrough(t, row.sync, row.wait) })
	}
}

// comesThrough measures at one speed of the listener and waits at another.
func comesThrough(t *testing.T, sync, wait speed) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{speed: sync}
		clock := l.clock()
		mustSync(t, clock)
		l.speed = wait
		until := clock.Now().Add(time.Minute)
		if err := clock.Wait(t.Context(), until, "the window"); err != nil {
			t.Fatal(err)
		}
		if clock.Now().Before(until) {
			t.Errorf("the clock is at %s, want %s", clock.Now(), until)
		}
	})
}

func TestSharedTestClockMovesWhenAllWaitAndToTheEarliest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		base := clock.Now()
		leaveA, leaveB := clock.Join(), clock.Join()
		var aWoke, bWoke time.Time
		var group sync.WaitGroup
		group.Go(func() {
			defer leaveA()
			if err := clock.Wait(t.Context(), base.Add(10*time.Minute), "a"); err != nil {
				t.Error(err)
			}
			aWoke = clock.Now()
		})
		synctest.Wait()
		if len(l.moves) != 0 {
			t.Errorf("the clock moved by %v while b was busy", l.moves)
		}
		group.Go(func() {
			defer leaveB()
			if err := clock.Wait(t.Context(), base.Add(4*time.Minute), "b"); err != nil {
				t.Error(err)
			}
			bWoke = clock.Now()
		})
		group.Wait()
		if diff := cmp.Diff([]string{"4m0s", "6m0s"}, l.moves); diff != "" {
			t.Errorf("moves (-want +got):\n%s", diff)
		}
		if bWoke.Sub(base) != 4*time.Minute || aWoke.Sub(base) != 10*time.Minute {
			t.Errorf("b woke after %s and a after %s, want 4m0s and 10m0s", bWoke.Sub(base), aWoke.Sub(base))
		}
	})
}

func TestSharedTestClockMovesWhenTheBusyWorkerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		leaveA, leaveB, leaveC := clock.Join(), clock.Join(), clock.Join()
		defer leaveA()
		time.AfterFunc(time.Second, func() { leaveB(); leaveB() })
		time.AfterFunc(3*time.Second, leaveC)
		start := time.Now()
		if err := clock.Wait(t.Context(), clock.Now().Add(time.Hour), "a"); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("woke after %s, want 3s: when b and c had left", got)
		}
		if diff := cmp.Diff([]string{"59m57s"}, l.moves); diff != "" {
			t.Errorf("moves (-want +got):\n%s", diff)
		}
	})
}

func TestSharedTestClockAlsoComesToAnInstantByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		defer clock.Join()()
		defer clock.Join()()
		if err := clock.Wait(t.Context(), clock.Now().Add(2*time.Second), "a"); err != nil {
			t.Fatal(err)
		}
		if len(l.moves) != 0 {
			t.Errorf("the clock moved by %v while another worker was busy", l.moves)
		}
	})
}

func TestSharedTestClockStandsWhileTheWorkerItWasMovedForIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		base, busy := clock.Now(), make(chan struct{})
		leaveEarly, leaveLate := clock.Join(), clock.Join()
		var group sync.WaitGroup
		group.Go(func() {
			defer leaveEarly()
			if err := clock.Wait(t.Context(), base.Add(4*time.Minute), "early"); err != nil {
				t.Error(err)
			}
			<-busy
		})
		synctest.Wait()
		group.Go(func() {
			defer leaveLate()
			if err := clock.Wait(t.Context(), base.Add(10*time.Minute), "late"); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if diff := cmp.Diff([]string{"4m0s"}, l.moves); diff != "" {
			t.Errorf("moves while the early worker is busy (-want +got):\n%s", diff)
		}
		close(busy)
		group.Wait()
		if diff := cmp.Diff([]string{"4m0s", "6m0s"}, l.moves); diff != "" {
			t.Errorf("moves (-want +got):\n%s", diff)
		}
	})
}

func TestManyWorkersWakeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{speed: speed{latency: time.Millisecond}}
		clock := l.clock()
		mustSync(t, clock)
		base := clock.Now()
		var group sync.WaitGroup
		for i := range 8 {
			leave := clock.Join()
			group.Go(func() {
				defer leave()
				for n := 1; n <= 5; n++ {
					until := base.Add(time.Duration(n*(i+1)) * time.Minute)
					if err := clock.Wait(t.Context(), until, "a step"); err != nil {
						t.Error(err)
					}
					if late := clock.Now().Sub(until); late < 0 || late > time.Second {
						t.Errorf("worker %d woke %s after its instant", i, late)
					}
				}
			})
		}
		group.Wait()
	})
}

// A measurement that was begun before a move, and came back after it, would set the clock back.
func TestSharedTestClockIsMeasuredWhileNobodyMovesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		until := clock.Now().Add(11 * time.Minute)
		var group sync.WaitGroup
		l.speed = speed{late: time.Second}
		group.Go(func() { mustSync(t, clock) })
		synctest.Wait() // its answer is on the way
		l.speed = speed{}
		group.Go(func() {
			if err := clock.Wait(t.Context(), until, "the window"); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		if behind := time.Now().Add(l.offset).Sub(clock.Now()); behind > time.Second || len(l.moves) != 1 {
			t.Errorf("after the moves %v the clock is %s behind the tenant's", l.moves, behind)
		}
	})
}

// Each of those that wait together is shown what it waits for and how long, and again once the clock moved.
func TestSharedTestClockShowsEachWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		base, busy := clock.Now(), make(chan struct{})
		third := clock.Join() // before the others begin: the clock stands still until it leaves
		var group sync.WaitGroup
		shown := map[string][]time.Duration{}
		var mu sync.Mutex
		for who, minutes := range map[string]time.Duration{"early": 4, "late": 10} {
			leave := clock.Join()
			group.Go(func() {
				defer leave()
				own := clock.Shown(func(why string, left time.Duration) {
					mu.Lock()
					defer mu.Unlock()
					if all := shown[who]; why == who && (len(all) == 0 || all[len(all)-1].Round(time.Minute) != left.Round(time.Minute)) {
						shown[who] = append(shown[who], left)
					}
				})
				if err := own.Wait(t.Context(), base.Add(minutes*time.Minute), who); err != nil {
					t.Error(err)
				}
				if who == "early" {
					<-busy
				}
			})
		}
		synctest.Wait() // both wait for the third
		third()
		synctest.Wait()
		close(busy)
		group.Wait()
		want := map[string][]time.Duration{"early": {4 * time.Minute}, "late": {10 * time.Minute, 6 * time.Minute}}
		if diff := cmp.Diff(want, shown); diff != "" {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
	})
}

func TestSharedTestClockIsNotHeldByAWaitThatWasCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{}
		clock := l.clock()
		mustSync(t, clock)
		defer clock.Join()()
		leaveB := clock.Join()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := clock.Wait(ctx, clock.Now().Add(time.Hour), "b")
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want context canceled", err)
		}
		leaveB()
		if err := clock.Wait(t.Context(), clock.Now().Add(time.Minute), "a"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1m0s"}, l.moves); diff != "" {
			t.Errorf("moves (-want +got):\n%s", diff)
		}
	})
}

// A wait that is broken off while the clock is being moved must not leave this clock behind the
// tenant's: what is undone afterwards goes by it.
func TestTestClockKnowsOfAMoveThatWasBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &listener{speed: speed{100 * time.Millisecond, 100 * time.Millisecond}}
		clock := l.clock()
		mustSync(t, clock)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		until := clock.Now().Add(5 * time.Minute)
		_ = clock.Wait(ctx, until, "the window") // whether it ended in time or not is not asked
		if behind := time.Now().Add(l.offset).Sub(clock.Now()); len(l.moves) != 1 || behind > time.Second {
			t.Errorf("after moves %v the clock is %s behind the tenant's", l.moves, behind)
		}
		if err := clock.Wait(ctx, clock.Now().Add(time.Minute), "more"); err == nil || len(l.moves) != 1 {
			t.Errorf("a wait that had ended moved the clock: %v, %v", l.moves, err)
		}
	})
}

func TestTestClockReportsAListenerThatDoesNotObey(t *testing.T) {
	for _, row := range []struct {
		name     string
		listener *listener
		want     string
	}{
		{"refuses", &listener{status: http.StatusNotFound, body: "no tenant t1"}, "404 Not Found: no tenant t1"},
		{"does not move", &listener{stuck: true}, "was moved by 1m0s"},
		{"answers no JSON", &listener{body: "<html>"}, "RFC 3339"},
		{"answers no time", &listener{body: `{"time":"12:00"}`}, `has no "now"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := row.listener.clock()
				err := clock.Wait(t.Context(), clock.Now().Add(time.Minute), "the window")
				if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "for the window") {
					t.Errorf("error is %v, want it to say %q and what was waited for", err, row.want)
				}
				if err != nil && strings.Contains(err.Error(), "tok") {
					t.Errorf("error shows the token: %v", err)
				}
			})
		})
	}
}

func TestTestClockOverHTTP(t *testing.T) {
	l := &listener{}
	server := httptest.NewServer(l)
	defer server.Close()
	clock := await.NewTestClock(server.URL, func() string { return "tok" }, "", server.Client())
	mustSync(t, clock)
	until := clock.Now().Add(time.Hour)
	if err := clock.Wait(t.Context(), until, "the window"); err != nil {
		t.Fatal(err)
	}
	if clock.Now().Before(until) {
		t.Errorf("the clock is at %s, want %s", clock.Now(), until)
	}
	if !strings.HasPrefix(l.calls[0], "GET /clock Bearer") {
		t.Errorf("first call is %q, want no tenant in it", l.calls[0])
	}
}

func TestAnAnswerOfTheListenerIsNotReadWithoutEnd(t *testing.T) {
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		piece := bytes.Repeat([]byte(" "), 1<<16)
		for {
			n, err := w.Write(piece)
			if sent += n; err != nil {
				return
			}
		}
	}))
	clock := await.NewTestClock(server.URL, func() string { return "tok" }, "", server.Client())
	if err := clock.Sync(t.Context()); err == nil {
		t.Error("an answer without end was taken for the time")
	}
	server.Close() // waits for the handler, which ends when nobody reads
}
