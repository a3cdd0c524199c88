package trace

import (
	"context"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
)

// jumping is a clock that waits by jumping, as an embedded tenant's does.
type jumping struct{ ahead time.Duration }

func (c *jumping) Now() time.Time { return time.Now().Add(c.ahead) }

func (c *jumping) Wait(_ context.Context, until time.Time, _ string) error {
	c.ahead += max(0, until.Sub(c.Now()))
	return nil
}

// Times of the machine become the tenant's by what was known when they were, not by what is known at the end.
func TestTimesAreTheTenantsAlsoWhereItsClockJumps(t *testing.T) {
	clock := &jumping{}
	tracer := New(clock, nil)
	tracer.Step("before")
	before := time.Now()
	waited := tracer.Clock()
	if err := waited.Wait(t.Context(), waited.Now().Add(11*time.Minute), "the window"); err != nil {
		t.Fatal(err)
	}
	tracer.Step("after")
	after := time.Now()
	tracer.mu.Lock()
	defer tracer.mu.Unlock()
	between := tracer.tenantTimeLocked(after).Sub(tracer.tenantTimeLocked(before))
	if between < 11*time.Minute || between > 12*time.Minute {
		t.Errorf("between what happened before the jump and after it are %s", between)
	}
	if n, m := tracer.stepAtLocked(before), tracer.stepAtLocked(after); n != 1 || m != 2 {
		t.Errorf("they are in the steps %d and %d", n, m)
	}
	if s := tracer.steps[0]; s.Waited < 10*time.Minute || len(s.For) != 1 || s.For[0] != "the window" {
		t.Errorf("waited %s for %q", s.Waited, s.For)
	}
}

// ticking is a clock of which each reading is so much later than the one before.
type ticking struct {
	at   time.Time
	tick time.Duration
}

func (c *ticking) Now() time.Time {
	c.at = c.at.Add(c.tick)
	return c.at
}

func (c *ticking) Wait(_ context.Context, until time.Time, _ string) error {
	c.at = until
	return nil
}

// Both are told to the millisecond, and whoever reads them subtracts.
func TestAWaitIsNotLongerThanItsStep(t *testing.T) {
	for micros := range 1000 {
		clock := &ticking{time.Date(2026, 1, 1, 0, 0, 0, micros*1000, time.UTC), 10 * time.Microsecond}
		tracer := New(clock, nil)
		tracer.Step("wait")
		waited := tracer.Clock()
		if err := waited.Wait(t.Context(), waited.Now().Add(659930*time.Millisecond+500*time.Microsecond), "the window"); err != nil {
			t.Fatal(err)
		}
		tracer.Step("after")
		if s := tracer.steps[0]; s.Waited > s.Ended.Sub(s.At) || s.Waited < 10*time.Minute {
			t.Fatalf("waited %s in a step from %s to %s", s.Waited, s.At, s.Ended)
		}
	}
}

// A look is what came of the step before it, and what the next one begins with.
func TestLooksAreLaidAroundSteps(t *testing.T) {
	tracer := New(&jumping{}, nil)
	tracer.Step("sign in")
	tracer.mu.Lock()
	defer tracer.mu.Unlock()
	first, second, last := &evidence.Look{Address: "1"}, &evidence.Look{Address: "2"}, &evidence.Look{Address: "3"}
	tracer.lookedLocked("password", first)
	tracer.lookedLocked("code", second)
	tracer.lookedLocked("", last)
	tracer.lookedLocked("the portal", first)
	for i, want := range []struct {
		text          string
		before, after *evidence.Look
	}{{"sign in", nil, first}, {"password", first, second}, {"code", second, last}, {"the portal", first, nil}} {
		if s := tracer.steps[i]; s.Text != want.text || s.Before != want.before || s.After != want.after || s.Step != "sign in" {
			t.Errorf("step %d is %q, before %v, after %v", i+1, s.Text, s.Before, s.After)
		}
	}
}

func TestAddressesLoseWhatSignsIn(t *testing.T) {
	for text, want := range map[string]string{
		"GET https://a.example/p?code=1#x 404":      "GET https://a.example/p 404",
		`at "http://localhost/#id_token=ey" twice`:  `at "http://localhost/" twice`,
		"no address, but a question? and a hash #1": "no address, but a question? and a hash #1",
	} {
		if got := withoutQueries(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	for address, want := range map[string]string{"https://a.example/p?q#f": "https://a.example/p", "about:blank": "", "chrome-error://x/": ""} {
		if got := bare(address); got != want {
			t.Errorf("%q became %q", address, got)
		}
	}
}
