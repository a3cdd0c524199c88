package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// leapClock is a clock that is at once where it is waited for, and notes how long that would have
// taken.
type leapClock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
	whys  []string
}

func newLeapClock() *leapClock {
	return &leapClock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
}

func (c *leapClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *leapClock) Wait(ctx context.Context, until time.Time, why string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until.After(c.now) {
		c.waits, c.whys = append(c.waits, until.Sub(c.now)), append(c.whys, why)
		c.now = until
	}
	return ctx.Err()
}

// busyGraph lets one call through every span of a clock, and refuses the others.
type busyGraph struct {
	clock  *leapClock
	every  time.Duration
	last   time.Time
	passed []time.Time
	calls  int
}

func (b *busyGraph) RoundTrip(request *http.Request) (*http.Response, error) {
	b.calls++
	now := b.clock.Now()
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
	}
	if !b.last.IsZero() && now.Sub(b.last) < b.every {
		return answer(http.StatusTooManyRequests, `{"error":{"code":"TooManyRequests"}}`)
	}
	b.last, b.passed = now, append(b.passed, now)
	return answer(http.StatusOK, `{"value":[]}`)
}

func patientClient(t *testing.T, o graph.Options) *graph.Client {
	t.Helper()
	o.Token = func(context.Context, string) (secret.Text, error) { return secret.New("token"), nil }
	c, err := graph.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for name, row := range map[string]struct {
		header string
		want   time.Duration
	}{
		"seconds":             {"17", 17 * time.Second},
		"a fraction":          {"0.8", 800 * time.Millisecond},
		"a date":              {"Mon, 02 Mar 2026 08:00:45 GMT", 45 * time.Second},
		"a date that is past": {"Mon, 02 Mar 2026 07:00:00 GMT", 0},
		"at once":             {"0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, reply{status: 429, header: map[string]string{"Retry-After": row.header}, body: "{}"}, ok(`{"value":[]}`))
			clock := newLeapClock()
			began := clock.Now()
			if err := read(patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: clock})); err != nil {
				t.Fatal(err)
			}
			if got := clock.Now().Sub(began); got != row.want {
				t.Errorf("waited %s, want %s", got, row.want)
			}
		})
	}
}

func TestWithoutRetryAfterTheBackOffGrowsWithJitter(t *testing.T) {
	waits := func(seed uint64) []time.Duration {
		s := serve(t, reply{status: 429, body: "{}"})
		clock := newLeapClock()
		err := read(patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: clock, Seed: seed, Patience: 3 * time.Minute}))
		var refused *graph.Error
		if !errors.As(err, &refused) || refused.Status != 429 {
			t.Fatalf("error %v, want the last refusal", err)
		}
		return clock.waits
	}
	first := waits(7)
	total := time.Duration(0)
	for n, wait := range first {
		most := min(time.Second<<n, 30*time.Second)
		if wait < most/2 || wait > most {
			t.Errorf("wait %d is %s, want between %s and %s", n+1, wait, most/2, most)
		}
		total += wait
	}
	if total > 3*time.Minute || total < 2*time.Minute {
		t.Errorf("waited %s altogether, want all of three minutes that another try fits in", total)
	}
	if diff := cmp.Diff(first, waits(7)); diff != "" {
		t.Errorf("the same seed waits otherwise:\n%s", diff)
	}
	if cmp.Equal(first, waits(8)) {
		t.Error("another seed waits the same")
	}
}

func TestARetryAfterBeyondThePatienceIsNotWaitedFor(t *testing.T) {
	s := serve(t, reply{status: 429, header: map[string]string{"Retry-After": "301"}, body: "{}"})
	clock := newLeapClock()
	err := read(patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: clock}))
	var refused *graph.Error
	if !errors.As(err, &refused) || refused.Status != 429 || len(clock.waits) != 0 || len(s.calls) != 1 {
		t.Errorf("error %v after %d calls and waits %v; want the refusal at once", err, len(s.calls), clock.waits)
	}
}

func TestAWaitForGraphEndsWithItsContext(t *testing.T) {
	s := serve(t, reply{status: 429, body: "{}"})
	ctx, cancel := context.WithCancel(t.Context())
	clock := &cancelling{newLeapClock(), cancel}
	_, err := patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: clock}).Contexts(ctx)
	if !errors.Is(err, context.Canceled) || len(s.calls) != 1 {
		t.Errorf("error %v after %d calls, want canceled after 1", err, len(s.calls))
	}
}

// cancelling ends the context of whoever waits.
type cancelling struct {
	*leapClock
	cancel context.CancelFunc
}

func (c *cancelling) Wait(ctx context.Context, until time.Time, why string) error {
	c.cancel()
	return c.leapClock.Wait(ctx, until, why)
}

// With the pace no call is refused; without it, all the same none fails.
func TestConditionalAccessCallsAreKeptApart(t *testing.T) {
	for name, row := range map[string]struct {
		paced bool
		calls int // 0: more than 10
	}{"paced": {true, 10}, "refused and repeated": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			clock := newLeapClock()
			tenant := &busyGraph{clock: clock, every: time.Second}
			options := graph.Options{HTTP: &http.Client{Transport: tenant}, Clock: clock, Seed: 1}
			if row.paced {
				options.Pace = &graph.Pace{Clock: clock}
			}
			clients := []*graph.Client{patientClient(t, options), patientClient(t, options)}
			for n := range 10 {
				if err := read(clients[n%2]); err != nil {
					t.Fatal(err)
				}
			}
			if len(tenant.passed) != 10 || row.calls != 0 && tenant.calls != row.calls || row.calls == 0 && tenant.calls <= 10 {
				t.Errorf("%d of %d calls passed", len(tenant.passed), tenant.calls)
			}
			if row.paced && (len(clock.whys) != 9 || !strings.Contains(clock.whys[0], "Conditional Access")) {
				t.Errorf("waits %q, want nine that say what for", clock.whys)
			}
		})
	}
}

func TestOtherCallsArePacedByNobody(t *testing.T) {
	clock := newLeapClock()
	s := serve(t, ok(`{"value":[{"id":"t","displayName":"x"}]}`))
	c := patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: clock, Pace: &graph.Pace{Clock: clock}})
	for range 3 {
		if _, err := c.Organization(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(clock.waits) != 0 {
		t.Errorf("waited %v", clock.waits)
	}
}
