package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/suite"
	"github.com/reprompt/reprompt/verdict"
)

// caught is a mutant as it should come out.
func caught() suite.ScenarioResult {
	return suite.ScenarioResult{
		Name: "The policy is off", Feature: "policy_state.feature", Outcome: suite.Passed, Verdict: "not-enforced",
		Causes: []verdict.CauseCode{"POLICY_DISABLED"}, Tags: []string{"@matrix", tagMutant},
		Expected: suite.Expected{Verdict: "not-enforced", Cause: "POLICY_DISABLED"},
	}
}

// leftAlone is a right setup as it should come out.
func leftAlone() suite.ScenarioResult {
	return suite.ScenarioResult{
		Name: "Everyone", Feature: "right_setups.feature", Outcome: suite.Passed, Verdict: "enforced",
		Tags: []string{tagRight}, Expected: suite.Expected{Verdict: "enforced"},
	}
}

// untrusted is a broken server as it should come out.
func untrusted() suite.ScenarioResult {
	return suite.ScenarioResult{
		Name: "Wrong key", Feature: "broken_servers.feature", Outcome: suite.Passed, Verdict: "inconclusive",
		Reasons: []verdict.Code{"TOKEN_NOT_VERIFIED"}, Tags: []string{tagBroken, "@embedded"},
		Expected: suite.Expected{Verdict: "inconclusive", Reason: "TOKEN_NOT_VERIFIED"},
	}
}

func TestWhatCountsAsGood(t *testing.T) {
	for name, tt := range map[string]struct {
		base  func() suite.ScenarioResult
		spoil func(*suite.ScenarioResult)
		word  string
	}{
		"a mutant that was caught":                       {caught, nil, "caught"},
		"a mutant that was called enforced":              {caught, func(s *suite.ScenarioResult) { s.Verdict = "enforced" }, "SURVIVED"},
		"a mutant for another cause":                     {caught, func(s *suite.ScenarioResult) { s.Outcome, s.Error = suite.Failed, "the cause is another" }, "NOT AS EXPECTED"},
		"a mutant whose scenario names no cause":         {caught, func(s *suite.ScenarioResult) { s.Expected.Cause = "" }, "NOT AS EXPECTED"},
		"a mutant on which nothing was decided":          {caught, func(s *suite.ScenarioResult) { s.Verdict, s.Outcome = "", suite.NotRun }, "NO VERDICT"},
		"a right setup that was left alone":              {leftAlone, nil, "left alone"},
		"a right setup whose approval is demanded":       {awaiting, nil, "left alone"},
		"a right setup that was called not enforced":     {leftAlone, func(s *suite.ScenarioResult) { s.Verdict = "not-enforced" }, "ACCUSED"},
		"a right setup that was not decided":             {leftAlone, func(s *suite.ScenarioResult) { s.Verdict = "inconclusive" }, "ACCUSED"},
		"a right setup whose approval is not demanded":   {leftAlone, func(s *suite.ScenarioResult) { s.Causes = []verdict.CauseCode{"APPROVAL_REQUIRED"} }, "ACCUSED"},
		"a right setup with a cause beside the verdict":  {leftAlone, func(s *suite.ScenarioResult) { s.Causes = []verdict.CauseCode{"UNPROTECTED_PATH"} }, "ACCUSED"},
		"a broken server that was not trusted":           {untrusted, nil, "not trusted"},
		"a broken server that was trusted":               {untrusted, func(s *suite.ScenarioResult) { s.Verdict = "enforced" }, "TRUSTED"},
		"a broken server for another reason than wanted": {untrusted, func(s *suite.ScenarioResult) { s.Outcome = suite.Failed }, "NOT AS EXPECTED"},
	} {
		s := tt.base()
		if tt.spoil != nil {
			tt.spoil(&s)
		}
		rows, err := judge([]suite.ScenarioResult{s})
		if err != nil {
			t.Fatal(err)
		}
		if rows[0].word() != tt.word || rows[0].good != (tt.spoil == nil) || count(rows).good() != (tt.spoil == nil) {
			t.Errorf("%s: %q (good: %t), want %q", name, rows[0].word(), rows[0].good, tt.word)
		}
		if !rows[0].good && rows[0].why == "" {
			t.Errorf("%s: it is not said why", name)
		}
	}
}

// awaiting is a right setup whose scenario demands that the approval be told.
func awaiting() suite.ScenarioResult {
	s := leftAlone()
	s.Expected.Cause, s.Causes = verdict.ApprovalRequired, []verdict.CauseCode{verdict.ApprovalRequired}
	return s
}

func TestEachScenarioIsOfOneKindAndHasANameOfItsOwn(t *testing.T) {
	both := caught()
	both.Tags = append(both.Tags, tagRight)
	neither := caught()
	neither.Tags = []string{"@matrix"}
	for name, scenarios := range map[string][]suite.ScenarioResult{
		"two kinds": {both}, "no kind": {neither}, "one name twice": {caught(), leftAlone(), caught()},
	} {
		if rows, err := judge(scenarios); err == nil {
			t.Errorf("%s: no error, rows %+v", name, rows)
		}
	}
}

func TestTheGoldenListNamesExactlyWhatRan(t *testing.T) {
	rows, err := judge([]suite.ScenarioResult{untrusted(), leftAlone(), caught()})
	if err != nil {
		t.Fatal(err)
	}
	list := namesOf(rows)
	want := "mutant: policy_state.feature: The policy is off\nright setup: right_setups.feature: Everyone\nbroken server: broken_servers.feature: Wrong key\n"
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if strayed := stray(rows, list); len(strayed) > 0 {
		t.Errorf("strayed: %v", strayed)
	}
	if strayed := stray(rows[1:], list); len(strayed) != 1 || !strings.Contains(strayed[0], "did not run: mutant: ") {
		t.Errorf("a mutant is gone, and strayed is %v", strayed)
	}
	if strayed := stray(rows, namesOf(rows[:2])); len(strayed) != 1 || !strings.Contains(strayed[0], "does not name broken server: ") {
		t.Errorf("a broken server is new, and strayed is %v", strayed)
	}
}

// TestThePagesSayWhatTheGoldenListHolds: a figure in a text is as good as what holds it to the truth.
func TestThePagesSayWhatTheGoldenListHolds(t *testing.T) {
	f, err := goldenFigures(golden)
	if err != nil {
		t.Fatal(err)
	}
	if f[mutant].all < 30 || f[rightSetup].all < 10 {
		t.Errorf("the golden list holds %s: was it cut?", f.sentence())
	}
	for _, page := range []string{"../../README.md", "../../docs/mutants.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(string(text)), " "), f.sentence()) {
			t.Errorf("%s does not say %q: make mutants, then mend it", page, f.sentence())
		}
	}
	page, err := os.ReadFile("../../docs/mutants.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range named(golden) {
		parts := strings.SplitN(name, ": ", 3)
		if row := "[" + parts[2] + "](../features/" + parts[1] + ")"; !strings.Contains(string(page), row) {
			t.Errorf("docs/mutants.md has no row %s: go run ./cmd/mutants -write", row)
		}
	}
}

func TestEvidenceStaysOnlyWhereThereIsSomethingToLookInto(t *testing.T) {
	for _, good := range []bool{true, false} {
		t.Setenv("TMPDIR", t.TempDir())
		var used string
		got, err := keeping("", func(dir string) (bool, error) { used = dir; return good, nil })
		if err != nil || got != good {
			t.Fatalf("keeping = %t, %v", got, err)
		}
		if _, err := os.Stat(used); (err == nil) == good {
			t.Errorf("good: %t, and the folder: %v", good, err)
		}
	}
}
