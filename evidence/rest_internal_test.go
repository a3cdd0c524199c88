package evidence

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// played is a run of three scenarios: one that was proved, one that failed, one that still runs.
func played(t *testing.T) (*Run, []*Scenario) {
	t.Helper()
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	run, err := Create(t.TempDir(), RunInfo{ID: "7f3a", Started: at, Now: func() time.Time { at = at.Add(1500 * time.Millisecond); return at }})
	if err != nil {
		t.Fatal(err)
	}
	var all []*Scenario
	for _, name := range []string{"proved", "failed", "running"} {
		s, err := run.Scenario(name, "some.feature")
		if err != nil {
			t.Fatal(err)
		}
		s.Steps([]string{"Given " + name})
		s.Event("step", "it began", at)
		s.Screenshot("page", "the page", onePixel)
		all = append(all, s)
	}
	o := verdict.Observation{Role: verdict.Role{Name: "Reader", DefinitionID: "r", DirectoryScopeID: "/"}, Way: verdict.WayGraph}
	if err := all[0].Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	all[1].Failed("it broke")
	return run, all
}

var onePixel = append(bytes.Clone(pngSignature), "\x00\x00\x00\x00IEND\xaeB`\x82"...)

func lines(t *testing.T, run *Run) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(run.Dir(), runName))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// A scenario that rests stands in run.json, in the report and wherever else as one that does not.
func TestARestingScenarioIsKeptAllTheSame(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	run, scenarios := played(t)
	whole, err := run.wholeLocked(stateRunning, Result{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := encodeIndented(whole)
	if err != nil {
		t.Fatal(err)
	}
	awake := derived(t, run.contentsLocked(whole))
	for _, s := range scenarios {
		if err := s.Rest(); err != nil || s.recording != nil {
			t.Fatalf("%v is kept in memory, %v", s.recording, err)
		}
	}
	if err := run.writeRecordLocked(stateRunning, Result{}, run.store.guard.check); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), lines(t, run)); diff != "" {
		t.Errorf("run.json (-want +got):\n%s", diff)
	}
	again, err := run.wholeLocked(stateRunning, Result{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(awake, derived(t, run.contentsLocked(again))); diff != "" {
		t.Errorf("what is made is another where scenarios rest (-awake +resting):\n%s", diff)
	}
}

// derived is what each writer makes of contents.
func derived(t *testing.T, c contents) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, w := range writers {
		var b bytes.Buffer
		p := &pieces{guard: c.files.guard, out: &b}
		if err := errors.Join(w.write(c, p), p.end()); err != nil {
			t.Fatal(err)
		}
		all[w.name] = b.String()
	}
	if len(c.unread) > 0 {
		t.Errorf("not read: %v", c.unread)
	}
	return all
}

func TestARestingScenarioTakesNotes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	run, scenarios := played(t)
	for _, s := range scenarios {
		if err := s.Rest(); err != nil {
			t.Fatal(err)
		}
	}
	last := scenarios[2]
	last.Event("step", "it goes on", time.Unix(0, 0))
	if got, want := last.Screenshot("page", "another", onePixel), "scenarios/03-running/02-page.png"; got != want {
		t.Errorf("the second picture is %q, want %q", got, want)
	}
	if err := last.Passed(); err != nil {
		t.Fatal(err)
	}
	if err := run.Close(Result{Finished: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	v, err := Verify(run.Dir(), VerifyOptions{})
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("the bundle does not verify: %v, %v", v.Problems, err)
	}
	record, err := readRun(run.Dir())
	if err != nil || record.Scenarios[2].Events != 4 || record.Scenarios[2].State != stateFinished {
		t.Errorf("the third scenario is %+v, want four events and that it finished; %v", record.Scenarios, err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
