package suite

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Outcomes of a scenario.
const (
	Passed = "passed"  // every sentence was so
	Failed = "failed"  // one was not, or the scenario broke
	NotRun = "not-run" // the run was interrupted before it
)

// ScenarioResult is how one scenario ended.
type ScenarioResult struct {
	Name    string          `json:"name"`
	Feature string          `json:"feature"`
	Outcome string          `json:"outcome"` // passed, failed or not-run
	Verdict verdict.Outcome `json:"verdict"` // empty when it came to none
	// Summary is what happened in one sentence: the verdict's decisive reason.
	Summary string `json:"summary"`
	// Reasons and Causes are the codes of the verdict, the decisive ones first. Where the tenant did not obey
	// a change in time there is no verdict, and Reasons says TENANT_NOT_READY.
	Reasons []verdict.Code      `json:"reasons"`
	Causes  []verdict.CauseCode `json:"causes"`
	// Cause is the decisive cause in one sentence, with the object that is at fault, and Mend what to do
	// about it. Both are empty where the configuration is as it should be, or was not read.
	Cause string `json:"cause"`
	Mend  string `json:"mend"`
	// Expected is what the scenario demanded of the verdict, as far as it was heard.
	Expected Expected `json:"expected"`
	Tags     []string `json:"tags"` // of the scenario, its feature and its examples, with the @
	Step     string   `json:"step"` // the step that failed; empty otherwise
	Error    string   `json:"error"`
	Seconds  float64  `json:"seconds"`   // machine time
	Line     int      `json:"line"`      // of the scenario in its feature, or of its row of examples
	StepLine int      `json:"step_line"` // of the step that failed; 0 otherwise
	// Attempt counts the tries, from 1, and Attempts is how many there may be.
	Attempt  int `json:"attempt"`
	Attempts int `json:"attempts"`
	// Steps are told to reporters. A Result has them of the scenarios that did not pass.
	Steps []StepResult `json:"-"`

	unrestored bool // what it made could not be undone
}

// judged takes over what a verdict says in codes.
func (r *ScenarioResult) judged(v verdict.Verdict) {
	r.Verdict = v.Outcome
	if len(v.Reasons) > 0 {
		r.Summary = v.Reasons[0].Text
	}
	for _, reason := range v.Reasons {
		r.Reasons = append(r.Reasons, reason.Code)
	}
	for _, cause := range v.Causes {
		r.Causes = append(r.Causes, cause.Code)
	}
	if len(v.Causes) > 0 {
		r.Cause, r.Mend = v.Causes[0].Text, v.Causes[0].Mend
	}
}

// unproved takes over why a scenario that came to no verdict could not, where a code says it.
func (r *ScenarioResult) unproved(err error) {
	if late := new(NotInForceError); r.Verdict == "" && errors.As(err, &late) {
		r.Reasons = append(r.Reasons, late.Code)
	}
}

// Expected is what a scenario demanded of its verdict. Empty fields are what no sentence demanded,
// or what stood behind a sentence that failed.
type Expected struct {
	Verdict verdict.Outcome   `json:"verdict"`
	Reason  verdict.Code      `json:"reason"`
	Cause   verdict.CauseCode `json:"cause"`
}

// Result is how a run ended.
type Result struct {
	Schema   string `json:"schema"`    // reprompt/run/v1
	Target   string `json:"target"`    // embedded, tenant or tenant-behind-private-ca, by what was seen
	TenantID string `json:"tenant_id"` // empty when each scenario had a tenant of its own
	Total    int    `json:"total"`     // scenarios in the features that were named
	Selected int    `json:"selected"`
	Passed   int    `json:"passed"`
	Failed   int    `json:"failed"`
	// NeedEmbedded counts the scenarios that were left out because they need the embedded tenant.
	NeedEmbedded int     `json:"need_embedded"`
	Seconds      float64 `json:"seconds"`
	// Flaky counts the scenarios that passed only when they were tried again.
	Flaky int `json:"flaky"`
	// Seed is by what they were shuffled; 0 where they were not.
	Seed     int64  `json:"seed"`
	Evidence string `json:"evidence"` // the run's folder
	Report   string `json:"report"`   // its report.html
	// Scenarios are all attempts, in the order in which they ended. The counts are of the last ones.
	Scenarios []ScenarioResult `json:"scenarios"`

	program string // how it was called, for what is to be typed next
}

// RunSchema is the schema of a Result as JSON.
const RunSchema = "reprompt/run/v1"

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tally collects results of scenarios that run side by side, in the order in which they end.
type tally struct {
	mu  sync.Mutex
	all []ScenarioResult
}

func (t *tally) add(r ScenarioResult, reporters []Reporter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, reporter := range reporters {
		reporter.ScenarioEnded(r)
	}
	if r.Outcome == Passed {
		r.Steps = nil // a run of thousands has no use for them
	}
	t.all = append(t.all, r)
}

func (t *tally) list() []ScenarioResult {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]ScenarioResult{}, t.all...)
}

// into counts the results.
func (t *tally) into(r *Result, began, ended time.Time) {
	r.Scenarios = t.list()
	for _, s := range latest(r.Scenarios) {
		switch s.Outcome {
		case Passed:
			r.Passed++
			if s.Attempt > 1 {
				r.Flaky++
			}
		case Failed:
			r.Failed++
		}
	}
	r.Seconds = ended.Sub(began).Seconds()
}
