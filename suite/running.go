package suite

import (
	"context"
	"time"
)

// RunOptions say how the chosen scenarios are run. The zero value runs each once, in the order in which
// they stand.
type RunOptions struct {
	// Retries is how often a scenario is run again that broke or stayed inconclusive. A verdict that was
	// reached is final, demanded or not.
	Retries int
	// Timeout bounds one attempt at a scenario, in machine time and without what is spent waiting for the
	// tenant's clock; 0 means no bound but that of each step.
	Timeout time.Duration
	// StepTimeout bounds one step likewise; 0 means what the tenant file says, else two minutes.
	StepTimeout time.Duration
	// Seed shuffles features, and scenarios within each; 0 leaves them in order. See NewSeed.
	Seed int64
	// FailFast begins no further scenario once one failed that is not tried again.
	FailFast bool
	// Rerun runs only what failed in the newest run below EvidenceDir.
	Rerun bool
	// SlowMotion is waited before each thing that is done in the browser.
	SlowMotion time.Duration
	// PauseOnFailure is called when a scenario failed, before anything is undone and while its pages are
	// open; nil pauses never. It returns when the run may go on, at the latest when ctx ends.
	PauseOnFailure func(ctx context.Context, failed ScenarioResult)
	// Calm leaves the steps out of what Progress is told: a log is read afterwards.
	Calm bool
	// Quiet leaves the scenarios out, too: a reporter tells of them.
	Quiet bool
	// Reporters are told of each attempt at a scenario that ended, one after the other.
	Reporters []Reporter
}

// Reporter is told how scenarios end.
type Reporter interface {
	// ScenarioEnded is called once for each attempt, in the order in which they end.
	ScenarioEnded(ScenarioResult)
}

// StepResult is how one step of a scenario ended.
type StepResult struct {
	Keyword string // "Given ", as it is written, with the space behind it where there is one
	Text    string
	Line    int    // in the feature file
	Status  string // passed, failed, skipped, undefined, pending, ambiguous
	Seconds float64
}

// shown is where it is told what the scenario does, from the first time on.
func (r *running) shown(p *progress) *track {
	if r == nil {
		return nil
	}
	if r.track == nil {
		r.track = p.start(r.pickle.Name)
	}
	return r.track
}

// willRetry reports whether the attempt is followed by another.
func (s *Suite) willRetry(r ScenarioResult) bool {
	return !r.final() && !s.stopped.Load()
}

// retryable reports whether the attempt may be repeated: what broke before it came to a verdict, and what
// stayed inconclusive. A flow that ended in a verdict nobody expected is a finding, and a finding is not
// asked a second time.
func (r ScenarioResult) retryable() bool {
	return r.Outcome == Failed && !r.unrestored && (r.Verdict == "" || r.Verdict == "inconclusive")
}

// final reports whether no further attempt follows.
func (r ScenarioResult) final() bool { return r.Attempt >= r.Attempts || !r.retryable() }
