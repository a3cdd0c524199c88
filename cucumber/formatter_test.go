package cucumber_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/cucumber"
)

const feature = `@all
Feature: sums
  Background:
    Given a calculator

  Scenario: right
    When it adds 2 and 40
    Then it shows 42

  Scenario: wrong
    When it adds 2 and 2
    Then it shows 5
    And it shows 4

  Scenario Outline: rows
    When it adds <a> and 1
    Then it shows <b>
    Examples:
      | a | b |
      | 1 | 2 |
      | 2 | 3 |

  Scenario: unknown
    When 🙂 it divides 1 by 0
`

type sumKey struct{}

func sentences(sc *godog.ScenarioContext) {
	sc.Given(`^a calculator$`, func(ctx context.Context) context.Context {
		return godog.Attach(ctx, cucumber.Link("pictures/calculator.png", "image/png"))
	})
	sc.When(`^it adds (\d+) and (\d+)$`, func(ctx context.Context, a, b int) context.Context {
		return context.WithValue(ctx, sumKey{}, a+b)
	})
	sc.Then(`^it shows (\d+)$`, func(ctx context.Context, want int) (context.Context, error) {
		ctx = godog.Attach(ctx, godog.Attachment{Body: []byte("a <note>"), FileName: "note", MediaType: "text/plain"})
		if got := ctx.Value(sumKey{}); got != want {
			return ctx, fmt.Errorf("it shows %v, expected %d", got, want)
		}
		return ctx, nil
	})
}

// messages runs the feature and decodes the lines.
func messages(t *testing.T, concurrency int, content string) []map[string]json.RawMessage {
	t.Helper()
	var out bytes.Buffer
	godog.TestSuite{ScenarioInitializer: sentences, Options: &godog.Options{
		Format: cucumber.Name, Output: &out, NoColors: true, Strict: true, Concurrency: concurrency,
		FeatureContents: []godog.Feature{{Name: "sums.feature", Contents: []byte(content)}},
	}}.Run()
	return decoded(t, out.Bytes())
}

// line is one message by its kind.
type line = map[string]json.RawMessage

// decoded are the lines of a run.
func decoded(t *testing.T, lines []byte) []line {
	t.Helper()
	var all []line
	for _, text := range strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n") {
		var message line
		if err := json.Unmarshal([]byte(text), &message); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if len(message) != 1 {
			t.Errorf("a line with %d messages: %s", len(message), text)
		}
		all = append(all, message)
	}
	return all
}

// of decodes the messages of one kind.
func of[T any](t *testing.T, all []map[string]json.RawMessage, kind string) []T {
	t.Helper()
	var found []T
	for _, message := range all {
		if content, ok := message[kind]; ok {
			var value T
			if err := json.Unmarshal(content, &value); err != nil {
				t.Fatal(err)
			}
			found = append(found, value)
		}
	}
	return found
}

type finished struct {
	StepID string `json:"testStepId"`
	Result struct {
		Status, Message string
		Duration        struct{ Seconds, Nanos int64 }
	} `json:"testStepResult"`
}

type attached struct {
	Body, URL, MediaType, FileName, ContentEncoding string
}

func TestEveryStepOfEveryScenarioIsTold(t *testing.T) {
	for _, concurrency := range []int{1, 3} {
		all := messages(t, concurrency, feature)
		var got []string
		for _, step := range of[finished](t, all, "testStepFinished") {
			got = append(got, step.Result.Status)
		}
		want := strings.Fields("PASSED PASSED PASSED " + "PASSED PASSED FAILED SKIPPED " + "PASSED PASSED PASSED " + "PASSED PASSED PASSED " + "PASSED UNDEFINED")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d at a time (-want +got):\n%s", concurrency, diff)
		}
		if run := of[struct{ Success bool }](t, all, "testRunFinished"); len(run) != 1 || run[0].Success {
			t.Errorf("the run ended as %+v", run)
		}
	}
}

func TestARunInWhichAllPassedSucceeded(t *testing.T) {
	right, _, _ := strings.Cut(feature, "  Scenario: wrong")
	run := of[struct{ Success bool }](t, messages(t, 1, right), "testRunFinished")
	if len(run) != 1 || !run[0].Success {
		t.Errorf("the run ended as %+v", run)
	}
}

func TestAFailureSaysWhy(t *testing.T) {
	for _, step := range of[finished](t, messages(t, 1, feature), "testStepFinished") {
		if step.Result.Status == "FAILED" && step.Result.Message != "it shows 4, expected 5" {
			t.Errorf("the message is %q", step.Result.Message)
		}
	}
}

func TestAttachmentsAreLinkedOrHeld(t *testing.T) {
	all := of[attached](t, messages(t, 1, feature), "attachment")
	if len(all) != 9 {
		t.Fatalf("%d attachments", len(all))
	}
	want := []attached{
		{URL: "pictures/calculator.png", MediaType: "image/png", FileName: "calculator.png", ContentEncoding: "IDENTITY"},
		{Body: "a <note>", MediaType: "text/plain", FileName: "note", ContentEncoding: "IDENTITY"},
	}
	if diff := cmp.Diff(want, all[:2]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestArgumentsAreFoundInTheText(t *testing.T) {
	type step struct {
		Definitions []string `json:"stepDefinitionIds"`
		Arguments   []struct {
			StepMatchArguments []struct {
				Group struct {
					Start int
					Value string
				}
			}
		} `json:"stepMatchArgumentsLists"`
	}
	cases := of[struct{ TestSteps []step }](t, messages(t, 1, feature), "testCase")
	adds := cases[0].TestSteps[1]
	if len(adds.Definitions) != 1 || len(adds.Arguments[0].StepMatchArguments) != 2 {
		t.Fatalf("the step is %+v", adds)
	}
	if second := adds.Arguments[0].StepMatchArguments[1].Group; second.Start != len("it adds 2 and ") || second.Value != "40" {
		t.Errorf("the second argument is %+v", second)
	}
	if unknown := cases[4].TestSteps[1]; len(unknown.Definitions) != 0 {
		t.Errorf("an unknown sentence has the definition %v", unknown.Definitions)
	}
}

func TestAStepDefinitionIsToldOnceAndWithoutThisMachinesPaths(t *testing.T) {
	type definition struct {
		Pattern         struct{ Source, Type string }
		SourceReference struct{ URI string }
	}
	all := of[definition](t, messages(t, 1, feature), "stepDefinition")
	if len(all) != 3 {
		t.Fatalf("%d definitions", len(all))
	}
	for _, d := range all {
		if d.SourceReference.URI != "github.com/reprompt/reprompt/cucumber_test/formatter_test.go" || d.Pattern.Type != "REGULAR_EXPRESSION" {
			t.Errorf("a definition is %+v", d)
		}
	}
}

func TestWordsCanBeWithheld(t *testing.T) {
	line := []byte(`{"testStepFinished":{"testStepResult":{"message":"the secret is out","n":12345678901234567}}}` + "\n" + `{"meta":{}}` + "\n")
	got, err := cucumber.Rewrite(line, func(text string) string { return strings.ReplaceAll(text, "secret", "…") })
	want := `{"testStepFinished":{"testStepResult":{"message":"the … is out","n":12345678901234567}}}` + "\n" + `{"meta":{}}` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := cucumber.Rewrite([]byte("1 scenarios (1 passed)\n"), strings.ToUpper); err == nil {
		t.Error("what is no message is taken for one")
	}
	if !errors.Is(cucumber.Whole([]byte(`{"meta":{}}`+"\n")), cucumber.ErrCutOff) {
		t.Error("messages without an end are taken for whole")
	}
}
