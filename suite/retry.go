package suite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/cucumber"
)

// round is what godog is given at once, in one attempt: the features that were chosen, or a part of them, or
// what is tried again.
type round struct {
	features []feature
	at       positions
	attempt  int // from 1
	messages *transcript
	ranks    map[string]int // by standing, the place in the order in which godog begins
}

// begin makes another round the one that runs. It does so even with an error: then nothing is known of where
// the scenarios stand.
func (s *Suite) begin(features []feature, attempt int) (*round, error) {
	at, err := positionsOf(features)
	s.round = &round{features, at, attempt, &transcript{}, ranksOf(features, s.options.Seed)}
	s.rounds = append(s.rounds, s.round)
	return s.round, err
}

// play runs the chosen scenarios, and again what broke, as often as Retries says. It returns whether
// godog found fault with something that no scenario tells of.
func (s *Suite) play(ctx context.Context) (failed bool, err error) {
	features := shuffled(s.selection.features, s.options.Seed)
	for attempt := 1; len(features) > 0; attempt++ {
		if attempt > 1 {
			s.progress.note("trying again what broke, attempt %d of %d", attempt, s.options.Retries+1)
		}
		broke, err := s.playParts(ctx, features, attempt)
		if err != nil {
			return false, err
		}
		failed = failed || broke
		if features, err = s.again(ctx, attempt); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// again are the features with nothing left in them but what is tried again after an attempt.
func (s *Suite) again(ctx context.Context, attempt int) ([]feature, error) {
	if ctx.Err() != nil || s.stopped.Load() || s.restoring() != nil {
		return nil, nil
	}
	lines := map[string][]int{}
	for _, r := range s.tally.list() {
		if r.Attempt == attempt && s.willRetry(r) {
			lines[r.Feature] = append(lines[r.Feature], r.Line)
		}
	}
	return only(s.selection.features, lines)
}

// joinedMessages are the messages of every round, as attempts at the test cases of the first; nil where one of
// them does not reach its end, or none began.
func (s *Suite) joinedMessages() ([]byte, error) {
	if len(s.rounds) == 0 {
		return nil, nil
	}
	parts := 1 // of the first attempt
	for parts < len(s.rounds) && s.rounds[parts].attempt == 1 {
		parts++
	}
	first, err := s.chained(s.rounds[:parts])
	if err != nil || first == nil {
		return nil, err
	}
	runs := [][]byte{first}
	for _, r := range s.rounds[parts:] {
		lines, err := r.whole()
		if err != nil || lines == nil {
			return nil, err
		}
		runs = append(runs, lines)
	}
	return cucumber.Join(runs...)
}

// settleBefore waits, before a scenario is tried again on a tenant of a file, until both re-use windows
// since the last scenario of the same test admin are over: that one may have authenticated the admin. An
// embedded tenant is a fresh one.
func (s *Suite) settleBefore(ctx context.Context, w *world, admin int) error {
	if s.server != nil || s.round == nil || s.round.attempt < 2 {
		return nil
	}
	s.shared.mu.Lock()
	last := s.shared.lastEnded[admin]
	s.shared.mu.Unlock()
	return w.clock.Wait(ctx, last.Add(probeAge), "both re-use windows since the attempt before to pass")
}

// noteEnd remembers when a scenario of a test admin ended, by the tenant's clock.
func (s *Suite) noteEnd(admin int, at time.Time) {
	if s.server != nil {
		return
	}
	s.shared.mu.Lock()
	defer s.shared.mu.Unlock()
	s.shared.lastEnded[admin] = at
}

// Last are the last attempts of the scenarios: those that count.
func (r *Result) Last() []ScenarioResult { return latest(r.Scenarios) }

// latest are the last attempts of the scenarios, in the order in which these ended.
func latest(all []ScenarioResult) []ScenarioResult {
	var last []ScenarioResult
	for i, r := range all {
		again := func(other ScenarioResult) bool {
			return other.Feature == r.Feature && other.Line == r.Line && other.Attempt > r.Attempt
		}
		if r.Line == 0 || !slices.ContainsFunc(all[i:], again) {
			last = append(last, r)
		}
	}
	return last
}

// ScenarioDeadlineError is a scenario that did not come to its end in time.
type ScenarioDeadlineError struct {
	Within time.Duration // machine time, without what was spent waiting for the tenant's clock
	Doing  string        // empty when it said nothing
}

// Timeout says that it is one, to whoever does not know the type.
func (e *ScenarioDeadlineError) Timeout() bool { return true }

// Error says what was being waited for, and where the bound is set.
func (e *ScenarioDeadlineError) Error() string {
	doing := e.Doing
	if doing == "" {
		doing = "the first answer of its step"
	}
	return fmt.Sprintf("the scenario passed its bound of %s; it was waiting for: %s (--timeout sets the bound)", e.Within, doing)
}

// initialize is InitializeScenario and, in tests, sentences of theirs.
func (s *Suite) initialize(sc *godog.ScenarioContext) {
	if s.options.sentences != nil {
		s.InitializeScenarioAround(sc, s.options.sentences)
		return
	}
	s.InitializeScenario(sc)
}
