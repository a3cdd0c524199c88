package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/cucumber"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/verdict"
)

// Options are godog's options for the chosen scenarios: strict, with the features as they are
// after selection, and with a context that Run's caller can cancel. Callers may set TestingT, and
// add to Format behind a comma, with a place of its own (",pretty:/dev/stdout"): what is there and
// Output make cucumber.ndjson of the evidence. They leave Paths, Tags and FeatureContents alone,
// because godog's own selection takes what it does not understand for "nothing".
func (s *Suite) Options() *godog.Options {
	if s.round == nil {
		_, _ = s.begin(shuffled(s.selection.features, s.options.Seed), 1) // they were parsed before: without their lines at worst
	}
	options := &godog.Options{
		Format: cucumber.Name, Output: s.round.messages, NoColors: true,
		Strict: true, Concurrency: s.workers(s.round.features), Randomize: s.options.Seed,
		FeatureContents: textsOf(s.round.features),
	}
	if len(options.FeatureContents) == 0 {
		// Without content godog would look for features on disk by itself.
		options.FeatureContents = []godog.Feature{{Name: "nothing.feature", Contents: []byte("Feature: nothing\n")}}
	}
	return options
}

// InitializeTestSuite adds the guard against a run without scenarios. A godog hook can fail a run
// only by panicking.
func (s *Suite) InitializeTestSuite(tc *godog.TestSuiteContext) {
	tc.AfterSuite(func() {
		if err := s.guard(); err != nil {
			panic(err)
		}
	})
}

// guard is the error of a run in which no scenario was executed.
func (s *Suite) guard() error {
	if s.executed.Load() > 0 {
		return nil
	}
	if s.selection.needEmbedded > 0 {
		return requiredf("no scenario ran: all %d that were chosen need the embedded tenant; leave --tenant out", s.selection.needEmbedded)
	}
	return requiredf("no scenario ran: none of %d matches the paths, tags and names; they have %s; see reprompt run --help",
		s.selection.total, s.selection.tagList())
}

// running is what the hooks know about the scenario that runs.
type running struct {
	track *track
	began time.Time
	// base is the context of the scenario, which ends when the run is interrupted.
	base context.Context
	// steps are the sentences of the scenario, the values of its row of examples put in.
	steps []string
	// pickle is the scenario, attempt says which try at it this is, and skipped that it never begins.
	pickle  *godog.Scenario
	attempt int
	skipped bool
	// whole is the deadline of the scenario; nil while it has none.
	whole *scenarioDeadline
	// ended are the steps so far, and stepBegan is when the one that runs began.
	ended     []StepResult
	stepBegan time.Time
	// over ends the deadline of the step that runs.
	over func()
	// failed is the sentence that failed first, and why the step was broken off, if it was.
	failed  string
	overdue error
	// attached counts the pictures that were attached to steps, and told is true once the verdict was.
	attached int
	told     bool
	// span is of the scenario, stepSpan of the step that runs; nil where none is recorded.
	span, stepSpan *telemetry.Span
}

type runningKey struct{}

// InitializeScenario registers every sentence and the hooks that give a scenario its tenant and
// take it back. Call it first in a ScenarioInitializer of one's own. Hooks of one's own that end a
// scenario are for InitializeScenarioAround: behind this, the tenant is gone when they run.
func (s *Suite) InitializeScenario(sc *godog.ScenarioContext) { s.InitializeScenarioAround(sc) }

// InitializeScenarioAround is InitializeScenario with sentences and hooks of one's own, which inside adds.
// They run inside ours: behind the hooks that give the tenant, and before those that take it back.
func (s *Suite) InitializeScenarioAround(sc *godog.ScenarioContext, inside ...func(*godog.ScenarioContext)) {
	sc.Before(func(ctx context.Context, pickle *godog.Scenario) (context.Context, error) {
		now := &running{began: time.Now(), base: ctx, pickle: pickle, attempt: s.attempt(), skipped: s.stopped.Load()}
		for _, step := range pickle.Steps {
			now.steps = append(now.steps, step.Text)
		}
		if ctx.Err() == nil && !now.skipped {
			s.executed.Add(1)
			if !s.options.overlapping() { // else many wait who have nothing yet
				now.shown(s.progress)
			}
			ctx = s.beginSpan(ctx, now)
		}
		return context.WithValue(ctx, runningKey{}, now), nil
	})
	steps.Register(sc, tenants{s}, inside...)
	sc.StepContext().Before(func(ctx context.Context, step *godog.Step) (context.Context, error) {
		return s.beginStep(ctx, step), nil
	})
	sc.StepContext().After(func(ctx context.Context, step *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		s.noteStep(ctx, step, status)
		return s.endStep(ctx, step, err)
	})
	sc.After(func(ctx context.Context, pickle *godog.Scenario, failed error) (context.Context, error) {
		s.ended(ctx, pickle, failed)
		return ctx, nil
	})
}

// beginStep gives a step its deadline. godog calls it for the sentences behind a failed one, too,
// which it then skips.
func (s *Suite) beginStep(ctx context.Context, step *godog.Step) context.Context {
	now := runningIn(ctx)
	if now == nil || now.failed != "" || now.skipped {
		return ctx
	}
	now.stepBegan = time.Now()
	now.track.at(step.Text)
	ctx, now.over = stepContext(ctx, now.base, step.Text, s.stepWithin(), now.track)
	return s.bound(now.beginStepSpan(ctx, step), now)
}

// endStep takes the deadline away again: the context goes on to the next step, and to the hooks
// that undo. A step that was broken off says by what.
func (s *Suite) endStep(ctx context.Context, step *godog.Step, err error) (context.Context, error) {
	now := runningIn(ctx)
	if now == nil {
		return ctx, nil
	}
	if now.over != nil {
		now.over()
		now.over = nil
	}
	if err != nil && now.failed == "" {
		now.failed = step.Text
		now.overdue = overdueIn(ctx)
	}
	now.endStepSpan(err)
	return now.attach(now.span.In(context.WithoutCancel(ctx))), now.overdue
}

// stepWithin is the deadline of a step, in machine time.
func (s *Suite) stepWithin() time.Duration {
	if s.options.StepTimeout > 0 {
		return s.options.StepTimeout
	}
	if s.options.Tenant != nil && s.options.Tenant.Waits.Step > 0 {
		return s.options.Tenant.Waits.Step
	}
	return embeddedStep
}

// embeddedStep is generous: a proof on an embedded tenant takes seconds.
const embeddedStep = 2 * time.Minute

// ended notes how a scenario ended. It runs after the tenant was given back, so that failed holds
// what went wrong there too.
func (s *Suite) ended(ctx context.Context, pickle *godog.Scenario, failed error) {
	now := runningIn(ctx)
	if now == nil {
		return
	}
	result := ScenarioResult{
		Name: pickle.Name, Feature: pickle.Uri, Outcome: Passed, Line: s.round.at.of(pickle.AstNodeIds), Attempt: now.attempt, Attempts: s.options.Retries + 1,
		Seconds: time.Since(now.began).Seconds(), Reasons: []verdict.Code{}, Causes: []verdict.CauseCode{}, Tags: tagsOf(pickle),
	}
	if proof, ok := steps.ProofOf(ctx); ok {
		result.judged(proof.Verdict)
	}
	expected := steps.ExpectedOf(ctx)
	result.Expected = Expected{Verdict: expected.Outcome, Reason: expected.Reason, Cause: expected.Cause}
	switch {
	case failed != nil && now.base.Err() != nil:
		result.Outcome, result.Error = NotRun, "interrupted"
	case now.skipped:
		result.Outcome, result.Error = NotRun, "another scenario failed before it (--fail-fast)"
	case failed != nil:
		result.Outcome, result.Error, result.Step = Failed, readable(failed), now.failed
		result.unrestored = errors.As(failed, new(*undoError))
		result.unproved(failed)
	}
	s.finished(now, &result)
}

func runningIn(ctx context.Context) *running {
	now, _ := ctx.Value(runningKey{}).(*running)
	return now
}

// readable is the error without what godog wraps around it, and with help for a sentence that
// nobody knows.
func readable(err error) string {
	text := err.Error()
	if errors.Is(err, godog.ErrUndefined) {
		unknown := strings.TrimPrefix(text, godog.ErrUndefined.Error()+": ")
		text = noSuchSentence(unknown)
	}
	for _, prefix := range []string{"after scenario hook failed: ", "before step hook failed: ", "before scenario hook failed: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

func noSuchSentence(unknown string) string {
	return fmt.Sprintf("there is no such sentence: %q%s (reprompt steps lists them)", unknown, likeSentence(unknown))
}

// likeSentence suggests the sentence that is most like one that nobody knows.
func likeSentence(unknown string) string {
	sentences, err := steps.Catalogue()
	if err != nil {
		return ""
	}
	var examples []string
	for _, s := range sentences {
		_, example, _ := strings.Cut(s.Example, " ")
		examples = append(examples, example)
	}
	like := nearest(unknown, examples)
	if like == "" { // of several that begin so, the plainest
		for _, example := range examples {
			if strings.HasPrefix(example, unknown+" ") && (like == "" || len(example) < len(like)) {
				like = example
			}
		}
	}
	if like != "" {
		return fmt.Sprintf("; did you mean %q?", like)
	}
	return ""
}
