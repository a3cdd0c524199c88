package evidence_test

import (
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// junit is what the tests look at of JUnit XML.
type junit struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Time     string `xml:"time,attr"`
	Suites   []struct {
		Name    string `xml:"name,attr"`
		Skipped int    `xml:"skipped,attr"`
		Cases   []struct {
			Name    string     `xml:"name,attr"`
			Time    string     `xml:"time,attr"`
			Skipped *string    `xml:"skipped"`
			Failure *junitTold `xml:"failure"`
			Error   *junitTold `xml:"error"`
			Out     string     `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitTold struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// ends says how each case ended: "passed", "skipped", or "failure" or "error" with its type.
func ends(t *testing.T, content []byte) (junit, []string) {
	t.Helper()
	var j junit
	if err := xml.Unmarshal(content, &j); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, suite := range j.Suites {
		for _, c := range suite.Cases {
			switch {
			case c.Failure != nil:
				all = append(all, "failure "+c.Failure.Type)
			case c.Error != nil:
				all = append(all, "error "+c.Error.Type)
			case c.Skipped != nil:
				all = append(all, "skipped")
			default:
				all = append(all, "passed")
			}
		}
	}
	return j, all
}

func TestJUnitTellsFailedFromUndecided(t *testing.T) {
	j, got := ends(t, exported(t, asConfigured(), "junit.xml", asItIs, reportOnly, inTheWindow))
	if diff := cmp.Diff([]string{"passed", "failure not-enforced", "error inconclusive"}, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	if j.Tests != 3 || j.Failures != 1 || j.Errors != 1 || j.Time != "4.500" {
		t.Errorf("counts are %d, %d, %d and the time %s", j.Tests, j.Failures, j.Errors, j.Time)
	}
	failure := j.Suites[0].Cases[1].Failure
	for _, want := range []string{"ACTIVATED_WITHOUT_PROMPT", "POLICY_REPORT_ONLY", "mend: Switch the policy"} {
		if !strings.Contains(failure.Text, want) {
			t.Errorf("the failure says %q, want %s", failure.Text, want)
		}
	}
	if failure.Message == "" || !strings.Contains(j.Suites[0].Cases[0].Out, "[[PROPERTY|verdict=enforced]]\n") {
		t.Errorf("message %q, notes %q", failure.Message, j.Suites[0].Cases[0].Out)
	}
}

// A scenario says itself what it expects: an inconclusive verdict can be just that.
func TestAScenarioThatGotWhatItExpectedPassed(t *testing.T) {
	run := create(t)
	o := recorded(t)
	inTheWindow(&o)
	expected, broken, other := begin(t, run, "Expected"), begin(t, run, "Broken"), begin(t, run, "Another")
	without := begin(t, run, "Without a proof")
	err := errors.Join(expected.Finish(o, verdict.Decide(o)), broken.Finish(o, verdict.Decide(o)), without.Passed(), other.Finish(o, verdict.Decide(o)))
	broken.Failed("the verdict is inconclusive, expected enforced")
	_, scenarioErr := run.Scenario("Never began to end", "features/other.feature")
	if err := errors.Join(err, scenarioErr, run.Close(evidence.Result{Finished: started})); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(run.Dir(), "junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	j, got := ends(t, content)
	if diff := cmp.Diff([]string{"passed", "error inconclusive", "passed", "passed", "skipped"}, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	if len(j.Suites) != 2 || j.Suites[1].Skipped != 1 || j.Suites[0].Cases[1].Error.Message != "the verdict is inconclusive, expected enforced" {
		t.Errorf("suites are %+v", j.Suites)
	}
}

// Tries of one scenario in a joined bundle are cases of their own.
func TestAttemptsAreToldApart(t *testing.T) {
	var dirs []string
	for _, id := range []string{"7f3a", "80aa"} {
		i := info()
		i.ID, i.TenantID = id, recorded(t).TenantID
		run, err := evidence.Create(t.TempDir(), i)
		if err != nil {
			t.Fatal(err)
		}
		s := begin(t, run, "Asked again")
		o := recorded(t)
		if err := errors.Join(s.Finish(o, verdict.Decide(o)), run.Close(evidence.Result{Finished: started})); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, run.Dir())
	}
	merged, err := evidence.Merge(t.TempDir(), dirs, evidence.NewBundle{ID: "90bb", At: started})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(merged, "junit.xml"))
	if err != nil {
		t.Fatal(err)
	}
	j, _ := ends(t, content)
	if cases := j.Suites[0].Cases; len(cases) != 2 || cases[0].Name != "Asked again" || cases[1].Name != "Asked again (attempt 2)" {
		t.Errorf("cases are %+v", cases)
	}
}
