package suite

import (
	"context"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// undoError says that what a scenario made could not be undone.
type undoError struct{ err error }

func (e *undoError) Error() string { return "undo what the scenario made: " + e.err.Error() }
func (e *undoError) Unwrap() error { return e.err }

// attempt is which try at the scenarios the round that runs is.
func (s *Suite) attempt() int {
	if s.round == nil {
		return 1
	}
	return s.round.attempt
}

// noteStep keeps how a step ended, for whoever reports it.
func (s *Suite) noteStep(ctx context.Context, step *godog.Step, status godog.StepResultStatus) {
	now := runningIn(ctx)
	if now == nil {
		return
	}
	line, keyword := s.round.at.step(step)
	result := StepResult{Keyword: keyword, Text: step.Text, Line: line, Status: status.String()}
	if !now.stepBegan.IsZero() {
		result.Seconds = time.Since(now.stepBegan).Seconds()
		now.stepBegan = time.Time{}
	}
	now.ended = append(now.ended, result)
	now.tellStep(result)
}

// finished tells of an attempt that ended: to the tally, to whoever watches, and to whoever reports.
func (s *Suite) finished(now *running, result *ScenarioResult) {
	if now.whole != nil {
		now.whole.stop()
	}
	s.addSteps(now, result)
	if result.Outcome == Failed && s.options.FailFast && !s.willRetry(*result) {
		s.stopped.Store(true)
	}
	now.tellScenario(*result)
	s.tally.add(*result, s.options.Reporters)
	now.track.ended(*result, s.willRetry(*result))
}

// addSteps names every step. godog ends a scenario before it comes to the steps behind the one that
// failed: those are skipped.
func (s *Suite) addSteps(now *running, result *ScenarioResult) {
	result.Steps = now.ended
	for _, step := range now.pickle.Steps[min(len(now.ended), len(now.pickle.Steps)):] {
		line, keyword := s.round.at.step(step)
		result.Steps = append(result.Steps, StepResult{Keyword: keyword, Text: step.Text, Line: line, Status: "skipped"})
	}
	for _, step := range result.Steps {
		if result.Step != "" && step.Text == result.Step && step.Status != "passed" && step.Status != "skipped" {
			result.StepLine = step.Line
			break
		}
	}
}

// pauses reports whether a person may look at what failed.
func (s *Suite) pauses(ctx context.Context, failed error) bool {
	now := runningIn(ctx)
	return s.options.PauseOnFailure != nil && failed != nil && now != nil && now.base.Err() == nil
}

// pauseIn lets a person look at a scenario that failed, before anything is undone.
func (s *Suite) pauseIn(ctx context.Context, proof *steps.Proof, failed error) {
	now := runningIn(ctx)
	result := ScenarioResult{
		Name: now.pickle.Name, Feature: now.pickle.Uri, Outcome: Failed, Line: s.round.at.of(now.pickle.AstNodeIds), Step: now.failed, Error: readable(failed),
		Reasons: []verdict.Code{}, Causes: []verdict.CauseCode{}, Attempt: now.attempt,
	}
	if proof != nil {
		result.judged(proof.Verdict)
	}
	now.track.does("paused")
	s.options.PauseOnFailure(now.base, result)
}
