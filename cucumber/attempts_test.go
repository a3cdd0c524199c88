package cucumber_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/cucumber"
)

const wobbly = `Feature: wobbly
  Background:
    Given a table

  Scenario: steady
    Then it stands

  Scenario Outline: rows
    When leg <n> is tried
    Then it stands
    Examples:
      | n |
      | 1 |
      | 2 |
`

// playWobbly runs a text of the feature, in which the named legs break.
func playWobbly(t *testing.T, content string, broken ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			sc.Given(`^a table$`, func(context.Context) error { return nil })
			sc.Then(`^it stands$`, func(ctx context.Context) context.Context {
				return godog.Attach(ctx, godog.Attachment{Body: []byte("seen"), FileName: "note", MediaType: "text/plain"})
			})
			sc.When(`^leg (\d+) is tried$`, func(_ context.Context, n string) error {
				if strings.Contains(strings.Join(broken, " "), n) {
					return errors.New("it broke")
				}
				return nil
			})
		},
		Options: &godog.Options{
			Format: cucumber.Name, Output: &out, NoColors: true, Strict: true,
			FeatureContents: []godog.Feature{{Name: "wobbly.feature", Contents: []byte(content)}},
		},
	}.Run()
	return out.Bytes()
}

// only is the feature with nothing but some rows left; every line is where it was.
func only(rows ...string) string {
	text := strings.Replace(wobbly, "  Scenario: steady\n    Then it stands\n", "\n\n", 1)
	for _, row := range []string{"1", "2"} {
		if !strings.Contains(strings.Join(rows, " "), row) {
			text = strings.Replace(text, "      | "+row+" |\n", "\n", 1)
		}
	}
	return text
}

func TestRepetitionsAreAttemptsAtOneTestCase(t *testing.T) {
	joined, err := cucumber.Join(playWobbly(t, wobbly, "1", "2"), playWobbly(t, only("1", "2"), "2"), playWobbly(t, only("2")))
	if err != nil {
		t.Fatal(err)
	}
	if err := cucumber.Whole(joined); err != nil {
		t.Error(err)
	}
	all := decoded(t, joined)
	type started struct {
		ID, TestCaseID string
		Attempt        int
	}
	attempts, cases := map[string][]int{}, map[string]string{}
	for _, s := range of[started](t, all, "testCaseStarted") {
		attempts[s.TestCaseID] = append(attempts[s.TestCaseID], s.Attempt)
		if _, twice := cases[s.ID]; twice {
			t.Errorf("two attempts bear the id %s", s.ID)
		}
		cases[s.ID] = s.TestCaseID
	}
	var got [][]int
	for _, c := range of[struct{ ID string }](t, all, "testCase") {
		got = append(got, attempts[c.ID])
	}
	if diff := cmp.Diff([][]int{{0}, {0, 1}, {0, 1, 2}}, got); diff != "" {
		t.Errorf("attempts of each test case (-want +got):\n%s", diff)
	}
	var again []bool
	for _, f := range of[struct {
		TestCaseStartedID string
		WillBeRetried     bool
	}](t, all, "testCaseFinished") {
		if cases[f.TestCaseStartedID] == "" {
			t.Errorf("an attempt ends that never began: %s", f.TestCaseStartedID)
		}
		again = append(again, f.WillBeRetried)
	}
	if diff := cmp.Diff([]bool{false, true, true, false, true, false}, again); diff != "" {
		t.Errorf("will be retried (-want +got):\n%s", diff)
	}
	if run := of[struct{ Success bool }](t, all, "testRunFinished"); len(run) != 1 || !run[0].Success {
		t.Errorf("the run ended as %+v, want one success: the last attempts passed", run)
	}
	stepsAreKnown(t, all, cases)
}

// stepsAreKnown fails where a step or an attachment belongs to no attempt, or to no step of the case.
func stepsAreKnown(t *testing.T, all []line, cases map[string]string) {
	t.Helper()
	known := map[string]bool{}
	for _, c := range of[struct {
		ID        string
		TestSteps []struct{ ID string }
	}](t, all, "testCase") {
		for _, step := range c.TestSteps {
			known[c.ID+" "+step.ID] = true
		}
	}
	for _, kind := range []string{"testStepStarted", "testStepFinished", "attachment"} {
		told := of[struct{ TestCaseStartedID, TestStepID string }](t, all, kind)
		for _, step := range told {
			if !known[cases[step.TestCaseStartedID]+" "+step.TestStepID] {
				t.Errorf("%s of an unknown step: %+v", kind, step)
			}
		}
		if len(told) < 3 {
			t.Errorf("only %d messages of the kind %s", len(told), kind)
		}
	}
}

func TestAJoinedRunFailsWithItsLastAttempts(t *testing.T) {
	joined, err := cucumber.Join(playWobbly(t, wobbly, "1", "2"), playWobbly(t, only("1", "2"), "2"))
	if err != nil {
		t.Fatal(err)
	}
	if run := of[struct{ Success bool }](t, decoded(t, joined), "testRunFinished"); len(run) != 1 || run[0].Success {
		t.Errorf("the run ended as %+v, want a failure: one row broke twice", run)
	}
}

func TestOnlyRepetitionsAreJoined(t *testing.T) {
	if _, err := cucumber.Join(playWobbly(t, only("1")), playWobbly(t, only("2"))); err == nil || !strings.Contains(err.Error(), "wobbly.feature:8:14") {
		t.Errorf("error = %v, want the lines of what was never run before", err)
	}
	one := playWobbly(t, wobbly)
	if joined, err := cucumber.Join(one); err != nil || !bytes.Equal(joined, one) {
		t.Errorf("a single run is changed: %v", err)
	}
	if _, err := cucumber.Join(one, []byte("3 scenarios\n")); err == nil {
		t.Error("what is no message is joined")
	}
}
