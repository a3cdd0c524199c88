package evidence_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// try is one attempt at a scenario: which verdict it came to, if any, and why it failed, if it did.
type try struct {
	name    string
	attempt int
	decided bool // it came to a verdict: enforced
	failure string
}

// retried is a run of these attempts.
func retried(t *testing.T, dir, id string, at time.Time, tries []try) string {
	t.Helper()
	i := info()
	i.ID, i.Started, i.Kind, i.TenantID = id, at, evidence.KindRun, recorded(t).TenantID
	run, err := evidence.Create(dir, i)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range tries {
		s := begin(t, run, one.name)
		s.Steps([]string{"the test admin activates the role"})
		s.Try(one.attempt)
		if one.decided {
			o := recorded(t)
			if err := s.Finish(o, verdict.Decide(o)); err != nil {
				t.Fatal(err)
			}
		}
		if one.failure != "" {
			s.Failed(one.failure)
		}
		if err := s.Passed(); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(evidence.Result{Finished: at.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

// The attempts of a run are one result, of which the last counts; but nothing comes behind a verdict
// that was reached.
func TestAttemptsOfOneRun(t *testing.T) {
	broke := func(attempt int) try { return try{"asked again", attempt, false, "the browser went away"} }
	wrong := func(attempt int) try {
		return try{"asked again", attempt, true, "the verdict is enforced, expected not-enforced"}
	}
	right := func(attempt int) try { return try{"asked again", attempt, true, ""} }
	other := try{"another one", 1, true, ""}
	for name, row := range map[string]struct {
		tries []try
		want  string // result, flaky, and how the cases of junit.xml ended
		last  string // what is left to run again
	}{
		"passed at once":                    {[]try{right(1), other}, "PASSED 0 passed passed", ""},
		"broke and passed":                  {[]try{broke(1), other, right(2)}, "WARNED 1 skipped passed passed", ""},
		"broke twice and passed":            {[]try{broke(1), broke(2), right(3)}, "WARNED 1 skipped skipped passed", ""},
		"broke every time":                  {[]try{broke(1), broke(2)}, "FAILED 0 skipped error no-verdict", "asked again"},
		"broke, and came to another one":    {[]try{broke(1), wrong(2)}, "FAILED 0 skipped failure enforced", "asked again"},
		"a verdict is final":                {[]try{wrong(1), right(2)}, "FAILED 0 failure enforced passed", "asked again"},
		"two that look alike are two":       {[]try{broke(1), right(1)}, "FAILED 0 error no-verdict passed", "asked again"},
		"a try behind one that is not here": {[]try{broke(1), right(3)}, "FAILED 0 error no-verdict passed", "asked again"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			bundle := retried(t, dir, "7f3a", started, row.tries)
			s, err := evidence.Show(bundle, evidence.VerifyOptions{})
			if err != nil || len(s.Verification.Problems) > 0 {
				t.Fatalf("%v: %+v", err, s.Verification.Problems)
			}
			content, err := os.ReadFile(filepath.Join(bundle, "junit.xml"))
			if err != nil {
				t.Fatal(err)
			}
			_, cases := ends(t, content)
			if got := fmt.Sprintf("%s %d %s", s.Result, s.Flaky, strings.Join(cases, " ")); got != row.want {
				t.Errorf("it came to %q, want %q", got, row.want)
			}
			last, err := evidence.ReadLastRun(dir)
			var failed []string
			for _, f := range last.Failed {
				failed = append(failed, f.Name)
			}
			if err != nil || strings.Join(failed, ", ") != row.last {
				t.Errorf("left to run again: %q, want %q; %v", failed, row.last, err)
			}
		})
	}
}

func TestTheLastRunIsTheNewestOfScenarios(t *testing.T) {
	dir := t.TempDir()
	if _, err := evidence.ReadLastRun(dir); !errors.Is(err, evidence.ErrNoRun) {
		t.Errorf("error = %v, want that there is none", err)
	}
	retried(t, dir, "bbbb", started, []try{{"old", 1, false, "broke"}})
	newest := retried(t, dir, "aaaa", started.Add(time.Hour), []try{{"new", 1, false, "broke"}, {"good", 1, true, ""}})
	i := proveInfo(t)
	i.ID, i.Started = "cccc", started.Add(2*time.Hour)
	run, err := evidence.Create(dir, i)
	if err != nil {
		t.Fatal(err)
	}
	prove(t, run, "Application Administrator", recorded(t))
	if err := run.Close(evidence.Result{Finished: started}); err != nil {
		t.Fatal(err)
	}
	last, err := evidence.ReadLastRun(dir)
	want := []evidence.FailedScenario{{
		Feature: "features/role_activation.feature", Name: "new",
		Key: evidence.Key("features/role_activation.feature", "new", []string{"the test admin activates the role"}),
	}}
	if diff := cmp.Diff(want, last.Failed); err != nil || last.Dir != newest || diff != "" {
		t.Errorf("the last run is %s, want %s: %v (-want +got):\n%s", last.Dir, newest, err, diff)
	}
	if err := os.WriteFile(filepath.Join(newest, "run.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := evidence.ReadLastRun(dir); err == nil || !strings.Contains(err.Error(), newest) {
		t.Errorf("error = %v, want one that names %s", err, newest)
	}
}

// A scenario that was tried again is one, and the attempt behind which another came is not called a failure.
func TestTheReportTellsScenariosFromAttempts(t *testing.T) {
	bundle := retried(t, t.TempDir(), "7f3a", started, []try{{"asked again", 1, false, "the browser went away"}, {"asked again", 2, true, ""}})
	content, err := os.ReadFile(filepath.Join(bundle, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	report := string(content)
	for want, times := range map[string]int{
		"1 scenario, 2 attempts</h2>": 1, "<title>1 scenario, 2 attempts · ": 1, "1 as demanded</span>": 1,
		">tried again</span>": 1, ">failed</span>": 0, "not as demanded</span>": 0,
	} {
		if got := strings.Count(report, want); got != times {
			t.Errorf("%q stands %d times in the report, want %d", want, got, times)
		}
	}
}
