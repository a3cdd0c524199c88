package cucumber_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/cucumber"
)

// timeless are messages without what differs between two runs of the same scenarios.
func timeless(text []byte) string {
	times := regexp.MustCompile(`"(timestamp|duration)":\{[^}]*\}`)
	return times.ReplaceAllString(string(text), `"$1":{}`)
}

// definitionsFirst are the same messages with those of step definitions first, as one run tells them.
func definitionsFirst(text string) []string {
	var first, rest []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, `{"stepDefinition"`) {
			first = append(first, line)
		} else {
			rest = append(rest, line)
		}
	}
	return append(first, rest...)
}

func chained(t *testing.T, content string, runs ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	chain, err := cucumber.NewChain(&out, []godog.Feature{{Name: "wobbly.feature", Contents: []byte(content)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if err := chain.Add(run); err != nil {
			t.Fatal(err)
		}
	}
	if err := chain.End(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withoutRows is the feature with nothing but its first scenario left.
func withoutRows() string {
	before, _, _ := strings.Cut(wobbly, "  Scenario Outline")
	return before
}

func TestARunInPartsTellsWhatOneRunDoes(t *testing.T) {
	whole := playWobbly(t, wobbly, "2")
	parts := chained(t, wobbly, playWobbly(t, withoutRows()), playWobbly(t, only("1")), playWobbly(t, only("2"), "2"))
	if err := cucumber.Whole(parts); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(definitionsFirst(normal(t, whole)), definitionsFirst(normal(t, parts))); diff != "" {
		t.Errorf("messages (-one run +in parts):\n%s", diff)
	}
	if run := of[struct{ Success bool }](t, decoded(t, parts), "testRunFinished"); len(run) != 1 || run[0].Success {
		t.Errorf("the run ended as %+v, want one failure", run)
	}
}

// normal are the messages without times, the members of each in one order.
func normal(t *testing.T, text []byte) string {
	t.Helper()
	same, err := cucumber.Rewrite(text, func(s string) string { return s })
	if err != nil {
		t.Fatal(err)
	}
	return timeless(same)
}

func TestWhatIsNotOfTheFeaturesIsNotChained(t *testing.T) {
	var out bytes.Buffer
	chain, err := cucumber.NewChain(&out, []godog.Feature{{Name: "wobbly.feature", Contents: []byte(only("1"))}})
	if err != nil {
		t.Fatal(err)
	}
	if err := chain.Add(playWobbly(t, only("2"))); err == nil || !strings.Contains(err.Error(), "wobbly.feature:8:14") {
		t.Errorf("error = %v, want the lines of what is not in the features", err)
	}
	if err := chain.End(); err == nil {
		t.Error("a run without an end is whole")
	}
	if _, err := cucumber.NewChain(&out, []godog.Feature{{Name: "broken", Contents: []byte("no feature")}}); err == nil {
		t.Error("what is no feature is one")
	}
}
