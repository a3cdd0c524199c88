package suite

import (
	"context"
	"errors"
	"time"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/verdict"
)

// guardSpans says in the span of the command what its evidence says of it, and has every span of it pass
// the guard of the evidence from now on.
func (t *target) guardSpans() (over func()) {
	t.root.Set(
		telemetry.String("reprompt.run.id", t.runID), telemetry.String("reprompt.tenant.id", t.place.tenantID), telemetry.Bool("reprompt.embedded", t.server != nil),
	)
	return t.root.Tracer().Withhold(t.run.Withhold)
}

// suiteStatus is test.suite.run.status of the semantic conventions.
func suiteStatus(failed bool, err error) telemetry.Attr {
	status := "success"
	switch {
	case errors.As(err, new(*InterruptedError)):
		status = "aborted"
	case errors.As(err, new(*TimeoutError)):
		status = "timed_out"
	case err != nil || failed:
		status = "failure"
	}
	return telemetry.String("test.suite.run.status", status)
}

// tellRun says in the span of a run what came of it, the first time that it is called.
func (s *Suite) tellRun(err error) {
	s.toldRun.Do(func() {
		var counts Result
		s.tally.into(&counts, s.began, time.Now())
		s.root.Set(
			suiteStatus(counts.Failed > 0, err), telemetry.Int("reprompt.scenarios.passed", counts.Passed), telemetry.Int("reprompt.scenarios.failed", counts.Failed),
		)
		s.root.Fail(telemetry.TypeOf(err))
	})
}

// beginSpan begins the span of a scenario.
func (s *Suite) beginSpan(ctx context.Context, now *running) context.Context {
	ctx, now.span = telemetry.Start(s.root.Around(ctx), "scenario "+now.pickle.Name,
		telemetry.String("test.case.name", now.pickle.Name), telemetry.String("reprompt.feature", now.pickle.Uri), telemetry.Int("reprompt.attempt", now.attempt))
	return ctx
}

// tellScenario ends the span of a scenario. A scenario that was interrupted neither passed nor failed.
func (r *running) tellScenario(result ScenarioResult) {
	r.span.Set(
		telemetry.Int("reprompt.line", result.Line), telemetry.String("reprompt.outcome", string(result.Outcome)), telemetry.String("reprompt.verdict", string(result.Verdict)),
		telemetry.Strings("reprompt.reasons", result.Reasons), telemetry.Strings("reprompt.causes", result.Causes),
	)
	switch result.Outcome {
	case Passed:
		r.span.Set(telemetry.String("test.case.result.status", "pass"))
	case Failed:
		r.span.Set(telemetry.String("test.case.result.status", "fail"))
		r.span.Fail(string(Failed))
	}
	r.span.End()
}

// beginStepSpan begins the span of a step, whatever span the step before left in the context.
func (r *running) beginStepSpan(ctx context.Context, step *godog.Step) context.Context {
	ctx, r.stepSpan = telemetry.Start(r.span.In(ctx), "step "+step.Text)
	return ctx
}

// tellStep says in the span of a step how it ended.
func (r *running) tellStep(result StepResult) {
	r.stepSpan.Set(telemetry.String("reprompt.step.keyword", result.Keyword), telemetry.Int("reprompt.line", result.Line), telemetry.String("reprompt.step.status", result.Status))
}

func (r *running) endStepSpan(err error) {
	r.stepSpan.EndWith(err)
	r.stepSpan = nil
}

// tellProof ends the span of a proof of one role. What stayed inconclusive neither passed nor failed.
func tellProof(span *telemetry.Span, proof *evidence.Proof, way verdict.Way, err error) {
	span.Set(
		telemetry.String("test.case.name", proof.Role.Name), telemetry.String("reprompt.role.id", proof.Role.DefinitionID),
		telemetry.String("reprompt.tenant.id", proof.TenantID), telemetry.String("reprompt.way", string(way)),
	)
	if v := proof.Verdict; v != nil {
		var said ScenarioResult
		said.judged(*v)
		span.Set(telemetry.String("reprompt.verdict", string(v.Outcome)), telemetry.Strings("reprompt.reasons", said.Reasons), telemetry.Strings("reprompt.causes", said.Causes))
		switch v.Outcome {
		case verdict.Enforced:
			span.Set(telemetry.String("test.case.result.status", "pass"))
		case verdict.NotEnforced:
			span.Set(telemetry.String("test.case.result.status", "fail"))
		}
	}
	span.EndWith(err)
}

// tellProofs ends the span of a command that proves.
func tellProofs(root *telemetry.Span, proofs []evidence.Proof, err error) {
	failed := false
	for _, proof := range proofs {
		failed = failed || proof.Verdict == nil || proof.Verdict.Outcome != verdict.Enforced
	}
	root.Set(suiteStatus(failed, err))
	root.EndWith(err)
}
