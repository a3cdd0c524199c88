package suite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/cucumber"
	"github.com/reprompt/reprompt/evidence"
)

// Whatever godog is given at once: order, attempts, evidence and messages are those of one run.
func TestARunInPartsIsOneRun(t *testing.T) {
	for _, seed := range []int64{0, 3} {
		for _, inPart := range []int{1, 2} {
			t.Run(fmt.Sprintf("%d at once, seed %d", inPart, seed), func(t *testing.T) {
				temporary := t.TempDir()
				t.Setenv("TMPDIR", temporary)
				options := Options{inPart: inPart, RunOptions: RunOptions{Seed: seed, Retries: 2}}
				ran := runWobbles(t, options, wobbles)
				mustRunAsPlanned(t, options, ran)
				all := endings(ran)
				slices.Sort(all)
				if diff := cmp.Diff([]string{"10/1 failed", "10/2 failed", "10/3 failed", "2/1 passed", "9/1 failed", "9/2 passed"}, all); diff != "" {
					t.Errorf("attempts (-want +got):\n%s", diff)
				}
				mustTellAttempts(t, ran.Evidence)
				mustVerify(t, ran.Evidence)
				if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
					t.Errorf("left behind: %v, %v", left, err)
				}
			})
		}
	}
}

// mustTellAttempts fails where the messages of the wobbles do not tell of each attempt at each scenario.
func mustTellAttempts(t *testing.T, dir string) {
	t.Helper()
	lines, err := os.ReadFile(filepath.Join(dir, messagesName))
	if err != nil {
		t.Fatal(err)
	}
	if err := cucumber.Whole(lines); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]int{`"attempt":0`: 3, `"attempt":1`: 2, `"attempt":2`: 1, `{"gherkinDocument"`: 1, `{"pickle"`: 3, `{"testCase"`: 3} {
		if got := bytes.Count(lines, []byte(text)); got != want {
			t.Errorf("the messages have %s %d times, want %d", text, got, want)
		}
	}
}

func mustVerify(t *testing.T, dir string) {
	t.Helper()
	v, err := evidence.Verify(dir, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range v.Problems {
		t.Errorf("the evidence does not verify: %s", problem)
	}
}

func TestFeaturesAreDividedInOrder(t *testing.T) {
	var features []feature
	for _, rows := range []int{2, 5, 1} {
		text := "Feature: F\n"
		for i := range rows {
			text += fmt.Sprintf("  Scenario: %d\n    Given it\n", i)
		}
		chosen, err := choose([]source{{name: fmt.Sprintf("%d.feature", rows), content: []byte(text)}}, filter{embedded: true})
		if err != nil {
			t.Fatal(err)
		}
		features = append(features, chosen.features...)
	}
	var got [][]string
	for _, p := range partsOf(features, 0, 3) {
		left, err := p.features()
		if err != nil {
			t.Fatal(err)
		}
		var in []string
		for _, f := range left {
			for _, pickle := range f.pickles {
				in = append(in, f.name+" "+pickle.Name)
			}
		}
		got = append(got, in)
	}
	want := [][]string{
		{"2.feature 0", "2.feature 1", "5.feature 0"},
		{"5.feature 1", "5.feature 2", "5.feature 3"},
		{"5.feature 4", "1.feature 0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}
