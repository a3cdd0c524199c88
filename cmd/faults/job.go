package main

import (
	"fmt"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// job is one disturbed run: a proof of the sample tenant, or a scenario on a tenant of its own.
type job struct {
	Way   verdict.Way
	Phase string
	Fault fault
	// Scenario is the name of one to run; empty proves the role of the sample tenant.
	Scenario string
	// Feature is the file that the scenario stands in; empty where the name is enough.
	Feature string
	// Want is the verdict without faults; empty means enforced.
	Want verdict.Outcome
	// Random are the faults of a random run, by number of the progress line at which each begins; the
	// phase and the fault above are empty then.
	Random []struck
	Seed   uint64 // of a random run, for its name
	Number int
}

// struck is a fault of a random run.
type struck struct {
	Line  int // it begins with this line of the progress
	Fault fault
}

func (j job) name() string {
	if len(j.Random) == 0 {
		return fmt.Sprintf("%s, %s: %s", j.Way, j.Phase, j.Fault.Name)
	}
	var faults []string
	for _, s := range j.Random {
		faults = append(faults, fmt.Sprintf("%s at line %d", s.Fault.Name, s.Line))
	}
	return fmt.Sprintf("run %d of seed %d, %q under %s", j.Number, j.Seed, j.Scenario, strings.Join(faults, "; "))
}

func (j job) want() verdict.Outcome {
	if j.Want == "" {
		return verdict.Enforced
	}
	return j.Want
}

// result is what came of a job.
type result struct {
	Job     job
	Verdict verdict.Outcome // empty where it came to none
	Code    string          // of the decisive reason
	Text    string          // of the decisive reason, or of the error
	Struck  bool            // whether every fault began, and the first of those of the control listener struck
	Seconds float64
	Lines   int  // lines of progress
	Left    bool // the run itself could not restore the tenant and said so; cleanup did
	Wrong   []string
	Failed  string // the job could not be run at all
}

// came is the outcome in a few words.
func (r result) came() string {
	text := string(r.Verdict)
	if r.Verdict == "" {
		text = "no verdict"
	}
	if r.Verdict != r.Job.want() || r.Verdict == "" {
		text += " " + r.Code
	}
	if r.Left {
		text += ", restored by cleanup"
	}
	if !r.Struck {
		text += " (not struck)"
	}
	return text
}
