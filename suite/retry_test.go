package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// wobbles is a feature whose scenarios need no proof: the first breaks as often as it says, the last
// always.
const wobbles = `Feature: Wobbles
  Scenario: steady
    Given it breaks 0 times

  Scenario Outline: rows
    Given it breaks <n> times
    Examples:
      | n |
      | 1 |
      | 9 |
`

// runWobbles runs them with these options, one at a time unless they say otherwise.
func runWobbles(t *testing.T, options Options, text string) *Result {
	t.Helper()
	var mu sync.Mutex
	broke := map[string]int{}
	options.Paths = []string{featureFile(t, text)}
	options.Concurrency = max(1, options.Concurrency)
	options.sentences = func(sc *godog.ScenarioContext) {
		sc.Given(`^it breaks (\d+) times$`, func(_ context.Context, text string) error {
			mu.Lock()
			defer mu.Unlock()
			var times int
			if _, err := fmt.Sscan(text, &times); err != nil {
				return err
			}
			if broke[text]++; broke[text] <= times {
				return fmt.Errorf("it broke, time %d", broke[text])
			}
			return nil
		})
	}
	s := open(t, options)
	result, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return result
}

// endings are the attempts of a run, each as LINE/ATTEMPT outcome.
func endings(r *Result) []string {
	var all []string
	for _, s := range r.Scenarios {
		all = append(all, fmt.Sprintf("%d/%d %s", s.Line, s.Attempt, s.Outcome))
	}
	return all
}

func TestWhatBrokeIsRunAgain(t *testing.T) {
	dir := t.TempDir()
	var told reporter
	result := runWobbles(t, Options{EvidenceDir: dir, RunOptions: RunOptions{Retries: 2, Reporters: []Reporter{&told}}}, wobbles)
	want := []string{"2/1 passed", "9/1 failed", "10/1 failed", "9/2 passed", "10/2 failed", "10/3 failed"}
	if diff := cmp.Diff(want, endings(result)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if result.Passed != 2 || result.Failed != 1 || result.Flaky != 1 || result.Selected != 3 {
		t.Errorf("%d passed, %d of them flaky, %d failed of %d; want 2, 1, 1 of 3", result.Passed, result.Flaky, result.Failed, result.Selected)
	}
	if !slices.Equal(want, endings(&Result{Scenarios: told})) || told[1].Steps[0] != (StepResult{"Given ", "it breaks 1 times", 6, "failed", told[1].Steps[0].Seconds}) {
		t.Errorf("a reporter was told of %+v", told)
	}
	messages, err := os.ReadFile(filepath.Join(result.Evidence, messagesName))
	if err != nil || strings.Count(string(messages), `"attempt":1`) != 2 || strings.Count(string(messages), `"attempt":2`) != 1 {
		t.Errorf("the messages tell of %d second and %d third attempts, want 2 and 1; %v", strings.Count(string(messages), `"attempt":1`), strings.Count(string(messages), `"attempt":2`), err)
	}

	again, err := Plan(Options{EvidenceDir: dir, RunOptions: RunOptions{Rerun: true}})
	if err != nil || len(again) != 1 || again[0].Line != 10 {
		t.Errorf("left to run again: %v, want the row in line 10; %v", again, err)
	}
}

type reporter []ScenarioResult

// ScenarioEnded implements Reporter.
func (r *reporter) ScenarioEnded(s ScenarioResult) { *r = append(*r, s) }

func TestTheFirstFailureEndsTheRun(t *testing.T) {
	backwards := strings.Replace(wobbles, "0 times", "9 times", 1)
	for name, row := range map[string]struct {
		options RunOptions
		want    []string
	}{
		"at once":                             {RunOptions{FailFast: true}, []string{"2/1 failed", "9/1 not-run", "10/1 not-run"}},
		"unless it is tried again":            {RunOptions{FailFast: true, Retries: 1}, []string{"2/1 failed", "9/1 failed", "10/1 failed", "2/2 failed", "9/2 not-run", "10/2 not-run"}},
		"and not where nobody asked for that": {RunOptions{}, []string{"2/1 failed", "9/1 failed", "10/1 failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			result := runWobbles(t, Options{RunOptions: row.options}, backwards)
			if diff := cmp.Diff(row.want, endings(result)); diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}
		})
	}
}

// mustRunAsPlanned fails where the first attempts of a run of the wobbles are not in the order that Plan foretells.
// It returns the lines in that order.
func mustRunAsPlanned(t *testing.T, options Options, ran *Result) (got []int) {
	t.Helper()
	options.Paths = []string{featureFile(t, wobbles)}
	planned, err := Plan(options)
	if err != nil {
		t.Fatal(err)
	}
	var want []int
	for i, p := range planned {
		want, got = append(want, p.Line), append(got, ran.Scenarios[i].Line)
	}
	if !slices.Equal(want, got) {
		t.Errorf("seed %d: it ran the lines %v first, planned were %v", options.Seed, got, want)
	}
	return got
}

// What is planned is what godog does, also when it is shuffled.
func TestThePlanIsTheOrderOfTheRun(t *testing.T) {
	var orders []string
	for _, seed := range []int64{0, 1, 2, 3} {
		options := Options{RunOptions: RunOptions{Seed: seed}}
		orders = append(orders, fmt.Sprint(mustRunAsPlanned(t, options, runWobbles(t, options, wobbles))))
	}
	if slices.Sort(orders); len(slices.Compact(orders)) < 2 {
		t.Error("no seed changes the order")
	}
}

func TestWhatMayBeRunAgain(t *testing.T) {
	for name, row := range map[string]struct {
		result ScenarioResult
		want   bool
	}{
		"it broke":                          {ScenarioResult{Outcome: Failed}, true},
		"it stayed inconclusive":            {ScenarioResult{Outcome: Failed, Verdict: verdict.Inconclusive}, true},
		"inconclusive, as demanded":         {ScenarioResult{Outcome: Passed, Verdict: verdict.Inconclusive}, false},
		"not enforced is final":             {ScenarioResult{Outcome: Failed, Verdict: verdict.NotEnforced}, false},
		"enforced is final, too":            {ScenarioResult{Outcome: Failed, Verdict: verdict.Enforced}, false},
		"the tenant is not as it was":       {ScenarioResult{Outcome: Failed, unrestored: true}, false},
		"the run was interrupted before it": {ScenarioResult{Outcome: NotRun}, false},
	} {
		if got := row.result.retryable(); got != row.want {
			t.Errorf("%s: run again: %v, want %v", name, got, row.want)
		}
	}
}

// On a tenant of a file the attempt before may have authenticated the admin.
func TestATenantOfAFileIsTriedAgainAfterTheWindows(t *testing.T) {
	tenant := lab(t, false)
	var began []time.Time
	s := open(t, Options{Tenant: tenant, Paths: []string{featureFile(t, "Feature: Own\n  Scenario: One\n    Given it breaks once\n")}, RunOptions: RunOptions{Retries: 1}, sentences: func(sc *godog.ScenarioContext) {
		sc.Given(`^it breaks once$`, func(ctx context.Context) error {
			own, _ := steps.TenantOf(ctx)
			began = append(began, own.(*scenarioTenant).clock.Now())
			if len(began) == 1 {
				return errors.New("it broke")
			}
			return nil
		})
	}})
	result, err := s.Run(t.Context())
	if err != nil || result.Flaky != 1 || len(began) != 2 {
		t.Fatalf("%+v, begun %v; %v", result, began, err)
	}
	// Each attempt measured the tenant's clock for itself, so that "apart" is exact to both round trips.
	// What probeAge is longer than the window is there for that.
	if apart := began[1].Sub(began[0]); apart <= verdict.PIMWindow {
		t.Errorf("the second attempt began %s after the first, want more than %s", apart, verdict.PIMWindow)
	}
}

// A wait of that kind counts from when the attempt before ended, of the same admin.
func TestTheWindowsCountFromTheEndOfTheAttemptBefore(t *testing.T) {
	ended := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		attempt, admin int
		want           time.Time // zero: no wait
	}{
		"the first attempt":         {1, 0, time.Time{}},
		"the second":                {2, 0, ended.Add(probeAge)},
		"the second, another admin": {2, 1, ended.Add(time.Hour + probeAge)},
	} {
		clock := &waitedFor{}
		s := &Suite{target: &target{}, round: &round{attempt: row.attempt}}
		s.shared.lastEnded = map[int]time.Time{}
		s.noteEnd(0, ended)
		s.noteEnd(1, ended.Add(time.Hour))
		if err := s.settleBefore(t.Context(), &world{clock: clock}, row.admin); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !clock.until.Equal(row.want) {
			t.Errorf("%s: waited until %s, want %s", name, clock.until, row.want)
		}
	}
}

// waitedFor is a clock that notes what it is asked to wait for.
type waitedFor struct {
	await.Clock
	until time.Time
}

func (c *waitedFor) Wait(_ context.Context, until time.Time, _ string) error {
	c.until = until
	return nil
}

// scenarioTenant is tenant, where a variable bears its name.
type scenarioTenant = tenant

func TestAScenarioHasABoundOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Suite{target: &target{options: Options{RunOptions: RunOptions{Timeout: time.Minute}}}}
		now := &running{base: t.Context()}
		first, done := stepContext(t.Context(), t.Context(), "Given …", time.Hour, nil)
		first = s.bound(first, now)
		clock := patientClock{}
		clock.Clock = testMachine{}
		if err := clock.Wait(first, time.Now().Add(11*time.Minute), "the windows"); err != nil {
			t.Fatalf("a wait for the tenant's clock counts: %v", err)
		}
		done()
		second, done := stepContext(first, t.Context(), "When …", time.Hour, nil)
		defer done()
		second = s.bound(second, now)
		began := time.Now()
		<-second.Done()
		passed := new(ScenarioDeadlineError)
		if took := time.Since(began); took != time.Minute || !errors.As(overdueIn(second), &passed) || !strings.Contains(passed.Error(), "1m0s") {
			t.Errorf("it ended after %s: %v", took, context.Cause(second))
		}
		third, done := stepContext(second, t.Context(), "Then …", time.Hour, nil)
		defer done()
		if third = s.bound(third, now); third.Err() == nil {
			t.Error("a step behind the bound has time")
		}
	})
}

// testMachine waits by the clock of the bubble.
type testMachine struct{}

func (testMachine) Now() time.Time { return time.Now() }

func (testMachine) Wait(ctx context.Context, until time.Time, _ string) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
