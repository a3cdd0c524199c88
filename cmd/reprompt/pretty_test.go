package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/suite"
)

// reportOnly is a scenario that failed because a policy logs only.
var reportOnly = suite.ScenarioResult{
	Name: "One", Feature: "own.feature", Line: 3, StepLine: 5, Outcome: suite.Failed, Verdict: "not-enforced", Summary: "a plain token activated the role",
	Step: "re-authentication is enforced", Error: "expected enforced", Cause: "The policy is in report-only mode.", Mend: "Switch it on.", Attempt: 1,
	Steps: []suite.StepResult{{Keyword: "Then ", Text: "re-authentication is enforced", Line: 5, Status: "failed"}},
}

// What is at fault stands below the step that failed, and in what GitHub shows at its line.
func TestFormatsNameTheCause(t *testing.T) {
	var steps strings.Builder
	(&pretty{w: &steps}).ScenarioEnded(reportOnly)
	if want := "    ✗ Then re-authentication is enforced\n        expected enforced\n        The policy is in report-only mode.\n        mend: Switch it on.\n"; !strings.Contains(steps.String(), want) {
		t.Errorf("pretty: %q lacks %q", steps.String(), want)
	}

	t.Chdir(t.TempDir())
	if err := os.WriteFile("own.feature", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	workspace, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	(&annotations{&told, workspace}).tell(&suite.Result{Scenarios: []suite.ScenarioResult{reportOnly}})
	if want := "::error file=own.feature,line=5,title=One::expected enforced%0AThe policy is in report-only mode.%0Amend: Switch it on.\n"; told.String() != want {
		t.Errorf("annotation: %q, want %q", told.String(), want)
	}
}
