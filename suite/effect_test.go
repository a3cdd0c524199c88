package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

// lateTenant answers silent requests by what was changed, each change as late as it says. Its clock is its own.
type lateTenant struct {
	now time.Time
	// became is what each context is answered from an instant on, in order; "" is the plain token.
	became map[string][]became
	// wanted is what is expected of the contexts of a change, at each reading of the configuration.
	wanted func(change fixtures.Change) []fixtures.Expectation
	told   []string

	signIns []time.Time
	looks   []time.Time // all of them, the plain ones too
	young   int         // looks while the session was within a window
	closed  int
	ends    time.Time // sessions that began before end here; zero: never
}

type became struct {
	at     time.Time
	answer fixtures.Answer
}

var effectsBegin = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func newLateTenant() *lateTenant {
	return &lateTenant{now: effectsBegin, became: map[string][]became{"": {{answer: fixtures.AnswerGranted}}}}
}

func (l *lateTenant) Now() time.Time { return l.now }

func (l *lateTenant) Wait(ctx context.Context, until time.Time, _ string) error {
	if until.After(l.now) {
		l.now = until
	}
	return ctx.Err()
}

// becomes has a context answered so from an instant on.
func (l *lateTenant) becomes(id string, answer fixtures.Answer, after time.Duration) {
	l.became[id] = append(l.became[id], became{l.now.Add(after), answer})
}

func (l *lateTenant) effects(within time.Duration) *effects {
	return &effects{
		clock: l, within: within, spacing: &spacing{},
		expected: func(_ context.Context, change fixtures.Change) ([]fixtures.Expectation, error) {
			return l.wanted(change), nil
		},
		open: func(context.Context) (looker, error) {
			l.signIns = append(l.signIns, l.now)
			return &lateSession{l, l.now}, nil
		},
		tell: func(kind, text string) { l.told = append(l.told, kind+": "+text) },
	}
}

// wants expects one answer of c1.
func wants(answer fixtures.Answer) func(fixtures.Change) []fixtures.Expectation {
	return func(fixtures.Change) []fixtures.Expectation {
		return []fixtures.Expectation{{Context: "c1", Answer: answer, Why: "the reason"}}
	}
}

type lateSession struct {
	of    *lateTenant
	began time.Time
}

func (s *lateSession) ask(_ context.Context, id string) (fixtures.Answer, string, error) {
	l := s.of
	l.looks = append(l.looks, l.now)
	if l.now.Sub(s.began) < probeAge {
		l.young++
	}
	if !l.ends.IsZero() && s.began.Before(l.ends) && !l.now.Before(l.ends) {
		return "", "", errors.New("the session has ended")
	}
	answer := fixtures.AnswerNone
	for _, b := range l.became[id] {
		if !b.at.After(l.now) {
			answer = b.answer
		}
	}
	return answer, "a token with " + id + " is " + string(answer), nil
}

func (s *lateSession) rest(ctx context.Context, until time.Time, why string) error {
	return s.of.Wait(ctx, until, why)
}

func (s *lateSession) close(context.Context) { s.of.closed++ }

// wellSpaced fails where a look was made too soon after the sign-in or after the look before.
func (l *lateTenant) wellSpaced(t *testing.T) {
	t.Helper()
	if l.young > 0 {
		t.Errorf("%d looks while the last authentication was within a window", l.young)
	}
	for i := 1; i < len(l.looks); i++ {
		if gap := l.looks[i].Sub(l.looks[i-1]); gap < 30*time.Second {
			t.Errorf("look %d came %s after the one before", i+1, gap)
		}
	}
}

// Each kind of change, in each direction that it can have, on a tenant that obeys at once and on late ones.
func TestEachEffectIsSeenInTheDirectionOfItsChange(t *testing.T) {
	for _, row := range []struct {
		name         string
		change       fixtures.Change
		before, want fixtures.Answer
	}{
		{"a context is published", fixtures.Change{Operation: "context", ID: "c1"}, fixtures.AnswerWithout, fixtures.AnswerGranted},
		{"a context is unpublished", fixtures.Change{Operation: "context", ID: "c1"}, fixtures.AnswerGranted, fixtures.AnswerWithout},
		{"a policy that acts is made", fixtures.Change{Operation: "policy", ID: "p"}, fixtures.AnswerGranted, fixtures.AnswerRefused},
		{"a policy that acts is deleted", fixtures.Change{Operation: "policy", ID: "p"}, fixtures.AnswerRefused, fixtures.AnswerGranted},
		{"the admin comes into an excluded group", fixtures.Change{Operation: "group-member", ID: "g"}, fixtures.AnswerRefused, fixtures.AnswerGranted},
		{"the admin comes into an included group", fixtures.Change{Operation: "group-member", ID: "g"}, fixtures.AnswerGranted, fixtures.AnswerRefused},
		{"the admin gets a role that a policy covers", fixtures.Change{Operation: "assignment", ID: "r"}, fixtures.AnswerGranted, fixtures.AnswerRefused},
	} {
		for _, lag := range []time.Duration{0, 11*time.Minute + 40*time.Second, 25 * time.Minute} {
			t.Run(fmt.Sprintf("%s, %s late", row.name, lag), func(t *testing.T) {
				l := newLateTenant()
				l.wanted = wants(row.want)
				l.becomes("c1", row.before, -time.Hour)
				l.becomes("c1", row.want, lag)
				if err := l.effects(30*time.Minute).observe(t.Context(), row.change); err != nil {
					t.Fatal(err)
				}
				l.wellSpaced(t)
				took := l.now.Sub(effectsBegin)
				if least := max(lag, probeAge); took < least || took > least+2*probeEvery {
					t.Errorf("seen after %s, want %s and at most two looks", took, least)
				}
				want := fmt.Sprintf("effect-seen: effect of %s %s seen %s after Graph showed it", row.change.Operation, row.change.ID, took)
				if len(l.told) != 1 || !strings.HasPrefix(l.told[0], want) || !strings.HasSuffix(l.told[0], ": a token with c1 is "+string(row.want)+", for the reason") {
					t.Errorf("told %q, want %q", l.told, want)
				}
				if first := strings.Contains(l.told[0], "at the first look"); first != (lag < probeAge) {
					t.Errorf("told %q: may it have been so before?", l.told[0])
				}
			})
		}
	}
}

// A change that the tenant never obeys: no verdict, and the object is named. Neither another answer nor the
// opposite one counts as the effect.
func TestAnEffectThatNeverComesIsTheTenantsNotBeingReady(t *testing.T) {
	answers := []fixtures.Answer{fixtures.AnswerRefused, fixtures.AnswerGranted, fixtures.AnswerWithout}
	for _, want := range answers {
		for _, stays := range answers {
			if want == stays {
				continue
			}
			t.Run(fmt.Sprintf("%s instead of %s", stays, want), func(t *testing.T) {
				l := newLateTenant()
				l.wanted = wants(want)
				l.becomes("c1", stays, -time.Hour)
				err := l.effects(20*time.Minute).observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p-1"})
				late, timeout := new(NotInForceError), new(await.TimeoutError)
				if !errors.As(err, &late) || !errors.As(err, &timeout) || late.Code != verdict.TenantNotReady || late.Object != "policy p-1" {
					t.Fatalf("error %v", err)
				}
				if text := err.Error(); !strings.HasPrefix(text, "TENANT_NOT_READY: waited 20m0s for policy p-1 to take effect (waits.propagation;") ||
					!strings.HasSuffix(text, "last seen: a token with c1 is "+string(stays)) {
					t.Errorf("error %q", text)
				}
				if len(l.told) != 1 || !strings.HasPrefix(l.told[0], "effect-not-seen: effect of policy p-1 not seen: TENANT_NOT_READY") {
					t.Errorf("told %q", l.told)
				}
				if took := l.now.Sub(effectsBegin); took < 20*time.Minute || took > 20*time.Minute+probeEvery {
					t.Errorf("given up after %s", took)
				}
				l.wellSpaced(t)
			})
		}
	}
}

// One session serves the changes of a scenario, which share its wait for the windows; each is observed, in
// the half-made setup as it is then, and has a deadline of its own.
func TestChangesShareTheWaitForTheWindows(t *testing.T) {
	l := newLateTenant()
	l.wanted = func(change fixtures.Change) []fixtures.Expectation {
		return []fixtures.Expectation{{Context: "c1", Answer: map[string]fixtures.Answer{"context": fixtures.AnswerGranted, "policy": fixtures.AnswerRefused}[change.Operation]}}
	}
	e := l.effects(15 * time.Minute)
	l.becomes("c1", fixtures.AnswerWithout, -time.Hour)
	l.becomes("c1", fixtures.AnswerGranted, 12*time.Minute)
	if err := e.observe(t.Context(), fixtures.Change{Operation: "context", ID: "c1"}); err != nil {
		t.Fatal(err)
	}
	made := l.now
	l.becomes("c1", fixtures.AnswerRefused, 10*time.Minute)
	if err := e.observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p"}); err != nil {
		t.Fatal(err)
	}
	l.wellSpaced(t)
	if took := l.now.Sub(made); took < 10*time.Minute || took > 10*time.Minute+probeEvery {
		t.Errorf("the second change was seen after %s, want ten minutes", took)
	}
	if len(l.signIns) != 1 || len(l.told) != 2 || !strings.HasPrefix(l.told[1], "effect-seen: effect of policy p seen 10m") {
		t.Errorf("%d sign-ins, told %q", len(l.signIns), l.told)
	}
	e.end(t.Context())
	e.end(t.Context())
	if l.closed != 1 {
		t.Errorf("the session was closed %d times", l.closed)
	}
}

// Two scenarios on one tenant together look at it no more often than one.
func TestLooksAtOneTenantAreSpacedOverAllScenarios(t *testing.T) {
	l := newLateTenant()
	l.wanted = wants(fixtures.AnswerGranted)
	l.becomes("c1", fixtures.AnswerGranted, 0)
	one, other := l.effects(30*time.Minute), l.effects(30*time.Minute)
	other.spacing = one.spacing
	for n := range 6 {
		e := []*effects{one, other}[n%2]
		if err := e.observe(t.Context(), fixtures.Change{Operation: "context", ID: "c1"}); err != nil {
			t.Fatal(err)
		}
	}
	l.wellSpaced(t)
	if len(l.looks) != 8 { // each session asks for a plain token first
		t.Errorf("%d looks", len(l.looks))
	}
}

// What no answer shows is said, and nobody signs in for it.
func TestWhatNoAnswerShowsIsReadBackOnly(t *testing.T) {
	for name, row := range map[string]struct {
		wanted []fixtures.Expectation
		told   string
	}{
		"a role setting":                   {nil, "effect: role-setting r: Graph shows it; no silent request shows whether the tenant obeys it"},
		"a policy that may act or may not": {wants(fixtures.AnswerNone)(fixtures.Change{}), "effect: role-setting r: Graph shows it; not looked for: the reason"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLateTenant()
			l.wanted = func(fixtures.Change) []fixtures.Expectation { return row.wanted }
			if err := l.effects(time.Minute).observe(t.Context(), fixtures.Change{Operation: "role-setting", ID: "r"}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(l.told, []string{row.told}) || len(l.signIns)+len(l.looks) > 0 {
				t.Errorf("told %q, %d sign-ins", l.told, len(l.signIns))
			}
		})
	}
}

// Where a plain token is refused, too, a refusal shows nothing: the change does not count as seen.
func TestARefusalOfEveryTokenIsNoEffect(t *testing.T) {
	l := newLateTenant()
	l.wanted = wants(fixtures.AnswerRefused)
	l.becomes("", fixtures.AnswerRefused, -time.Hour)
	l.becomes("c1", fixtures.AnswerRefused, -time.Hour)
	if err := l.effects(time.Hour).observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p"}); err != nil {
		t.Fatal(err)
	}
	if len(l.told) != 1 || !strings.HasPrefix(l.told[0], "effect: policy p: Graph shows it; not looked for: ") || len(l.looks) != 1 {
		t.Errorf("told %q after %d looks", l.told, len(l.looks))
	}
}

// A session that ends is replaced once, and the new one grows old, too, before anybody looks.
func TestASessionThatEndedIsReplaced(t *testing.T) {
	l := newLateTenant()
	l.wanted = wants(fixtures.AnswerRefused)
	l.becomes("c1", fixtures.AnswerGranted, -time.Hour)
	l.becomes("c1", fixtures.AnswerRefused, 13*time.Minute)
	l.ends = effectsBegin.Add(12 * time.Minute)
	if err := l.effects(time.Hour).observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p"}); err != nil {
		t.Fatal(err)
	}
	l.wellSpaced(t)
	if len(l.signIns) != 2 || l.closed != 1 || l.now.Sub(l.signIns[1]) < probeAge {
		t.Errorf("%d sign-ins, %d closed", len(l.signIns), l.closed)
	}
	l.ends = effectsBegin.Add(240 * time.Hour)
	l.now = l.ends
	e := l.effects(time.Hour)
	e.open = func(context.Context) (looker, error) { return &lateSession{l, effectsBegin}, nil }
	if err := e.observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p"}); err == nil || e.look != nil {
		t.Errorf("sessions that end at once: error %v", err)
	}
}

// What is expected is read anew before each further look.
func TestTheExpectationFollowsTheConfiguration(t *testing.T) {
	l := newLateTenant()
	l.becomes("c1", fixtures.AnswerGranted, -time.Hour)
	reads := 0
	l.wanted = func(change fixtures.Change) []fixtures.Expectation {
		reads++
		if reads < 3 {
			return wants(fixtures.AnswerRefused)(change)
		}
		return wants(fixtures.AnswerGranted)(change)
	}
	if err := l.effects(time.Hour).observe(t.Context(), fixtures.Change{Operation: "policy", ID: "p"}); err != nil {
		t.Fatal(err)
	}
	if reads != 3 || len(l.told) != 1 || !strings.Contains(l.told[0], "a token with c1 is granted") {
		t.Errorf("%d reads, told %q", reads, l.told)
	}
}
