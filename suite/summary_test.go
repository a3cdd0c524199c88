package suite

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// reportOnly is a scenario that failed because a policy logs only.
func reportOnly() ScenarioResult {
	r := ScenarioResult{Name: "Reader is protected", Feature: "own.feature", Line: 7, StepLine: 9, Outcome: Failed, Step: "re-authentication is enforced", Error: "the verdict is not-enforced, expected enforced"}
	r.judged(verdict.Verdict{
		Outcome: verdict.NotEnforced,
		Reasons: []verdict.Reason{{Code: verdict.PlainTokenAccepted, Text: "a plain token activated the role"}},
		Causes: []verdict.Cause{
			{Code: verdict.PolicyReportOnly, Object: "/p/1", Text: `The policy "p" is in report-only mode.`, Mend: "Switch it on."},
			{Code: verdict.PolicyUserNotCovered, Object: "/p/1", Text: "It does not cover the admin.", Mend: "Include the admin."},
		},
	})
	return r
}

// A person who reads that a scenario failed wants to know what is at fault and what to do, and not only what
// was seen.
func TestAFailureNamesItsCauseAndWhatToDo(t *testing.T) {
	result := &Result{Selected: 1, Failed: 1, Seconds: 2, Target: "embedded", Scenarios: []ScenarioResult{reportOnly()}, program: "bin/reprompt"}
	var text strings.Builder
	result.WriteSummary(&text)
	want := `failed: Reader is protected (own.feature:9)
  at:    re-authentication is enforced
  why:   the verdict is not-enforced, expected enforced
  cause: The policy "p" is in report-only mode.
  mend:  Switch it on.
  see:   bin/reprompt explain PLAIN_TOKEN_ACCEPTED POLICY_REPORT_ONLY
1 scenario: 0 passed, 1 failed, 2.0 s
this ran on the embedded tenant: it says nothing about yours; see bin/reprompt prove --help
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestAFailureWithoutACauseSaysNone(t *testing.T) {
	broke := ScenarioResult{Name: "Reader is protected", Feature: "own.feature", Outcome: Failed, Error: "the browser went away"}
	var text strings.Builder
	(&Result{Selected: 1, Failed: 1, Scenarios: []ScenarioResult{broke}}).WriteSummary(&text)
	if want := "failed: Reader is protected (own.feature)\n  why:   the browser went away\n1 scenario: 0 passed, 1 failed, 0.0 s\n"; text.String() != want {
		t.Errorf("%q, want %q", text.String(), want)
	}
}
