package evidence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// attempt is a run of two scenarios, of which the second may fail, and of one role that is proved.
func attempt(t testing.TB, id string, at time.Time, secondFails bool, change func(*verdict.Observation)) string {
	t.Helper()
	i := proveInfo(t)
	i.ID, i.Started, i.Kind = id, at, evidence.KindRun
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Feature("features/windows.feature", []byte("Feature: windows\n")); err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"inside the window", "outside the window"} {
		s, err := run.Scenario(name, "features/windows.feature")
		if err != nil {
			t.Fatal(err)
		}
		s.Steps([]string{"the test admin activates the role"})
		o := note(t, s, recorded(t))
		if err := s.Finish(o, verdict.Decide(o)); err != nil {
			t.Fatal(err)
		}
		if n == 1 && secondFails {
			s.Failed("the verdict is enforced, expected inconclusive")
		}
	}
	o := recorded(t)
	if change != nil {
		change(&o)
	}
	prove(t, run, "Application Administrator", o)
	if err := run.Close(evidence.Result{Finished: at.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

func newBundle(id string) evidence.NewBundle {
	return evidence.NewBundle{ID: id, Command: "reprompt evidence merge", At: started.Add(time.Hour)}
}

// merged is the first try, which failed, and the second.
func merged(t testing.TB) (dir string, parts []string) {
	t.Helper()
	parts = []string{attempt(t, "second", started.Add(10*time.Minute), false, nil), attempt(t, "first", started, true, nil)}
	dir, err := evidence.Merge(t.TempDir(), parts, newBundle("both"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, parts
}

func TestAMergedBundleKeepsEveryTryAndSaysWhatIsFlaky(t *testing.T) {
	dir, _ := merged(t)
	s, err := evidence.Show(dir, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Verification.Problems {
		t.Errorf("problem: %s", p)
	}
	type row struct {
		Name    string
		Attempt int
		Outcome string
		Flaky   bool
	}
	var got []row
	for _, p := range s.Proofs {
		got = append(got, row{p.Name, p.Attempt, p.Outcome, p.Flaky})
	}
	want := []row{
		{"inside the window", 1, "passed", false},
		{"outside the window", 1, "failed", true},
		{"Application Administrator", 1, "passed", false},
		{"inside the window", 2, "passed", false},
		{"outside the window", 2, "passed", true},
		{"Application Administrator", 2, "passed", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	if s.Flaky != 1 || s.Result != "WARNED" {
		t.Errorf("%d are flaky, the result is %s; want 1 and WARNED", s.Flaky, s.Result)
	}
	if n := len(s.Verification.Bundles); n != 3 {
		t.Errorf("verification names %d signers, want those of the bundle and of both inside", n)
	}
	if n := len(s.Verification.Scenarios); n != 6 {
		t.Errorf("%d proofs were decided again, want those of both bundles inside", n)
	}
}

// proofAt is a bundle of one proof, as `reprompt prove` leaves it; broken, it failed after its verdict.
func proofAt(t testing.TB, id string, at time.Time, broken bool, changes ...func(*verdict.Observation)) string {
	t.Helper()
	i := proveInfo(t)
	i.ID, i.Started = id, at
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	o := recorded(t)
	for _, change := range changes {
		change(&o)
	}
	s := prove(t, run, "Application Administrator", o)
	if broken {
		s.Failed("the role could not be given back")
	}
	if err := run.Close(evidence.Result{Finished: at.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

// throughGraph makes it a proof the other way; the recorded one went through the portal.
func throughGraph(o *verdict.Observation) { o.Way = verdict.WayGraph }

func TestOnlyTheSameProofUnderTheSameConfigurationIsARetry(t *testing.T) {
	for name, row := range map[string]struct {
		first, second func(*verdict.Observation)
		broken        bool // the first
		flaky         bool
	}{
		"the same, broken the first time": {asItIs, asItIs, true, true},
		"another way and configuration":   {func(o *verdict.Observation) { reportOnly(o); throughGraph(o) }, asItIs, false, false},
		"another configuration":           {reportOnly, asItIs, false, false},
		"another way":                     {throughGraph, asItIs, true, false},
		"another scope":                   {func(o *verdict.Observation) { o.Role.DirectoryScopeID = "/administrativeUnits/1" }, asItIs, true, false},
		"another admin":                   {func(o *verdict.Observation) { o.Admin.ObjectID = "another" }, asItIs, true, false},
		"another role of that name":       {func(o *verdict.Observation) { o.Role.DefinitionID = "another" }, asItIs, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			parts := []string{proofAt(t, "first", started, row.broken, row.first), proofAt(t, "second", started.Add(time.Hour), false, row.second)}
			dir, err := evidence.Merge(t.TempDir(), parts, newBundle("both"))
			if err != nil {
				t.Fatal(err)
			}
			s, err := evidence.Show(dir, evidence.VerifyOptions{})
			if err != nil || len(s.Verification.Problems) > 0 {
				t.Fatalf("it does not verify: %v %v", err, s.Verification.Problems)
			}
			want := map[bool]string{true: "WARNED 1 2", false: "FAILED 0 1"}[row.flaky]
			if got := fmt.Sprintf("%s %d %d", s.Result, s.Flaky, s.Proofs[1].Attempt); got != want {
				t.Errorf("result, flaky ones and try are %s, want %s", got, want)
			}
			var printed strings.Builder
			if err := s.Write(&printed, false); err != nil || strings.Contains(printed.String(), "FLAKY") != row.flaky {
				t.Errorf("it says (%v)\n%s", err, printed.String())
			}
		})
	}
}

func TestDiffLaysOnlyTheSameProofInOneRow(t *testing.T) {
	dirs := []string{
		proofAt(t, "first", started, false, func(o *verdict.Observation) { reportOnly(o); throughGraph(o) }),
		proofAt(t, "second", started.Add(time.Hour), false),
		proofAt(t, "third", started.Add(2*time.Hour), false, func(o *verdict.Observation) { o.Admin.ObjectID = "another" }),
	}
	d, err := evidence.Diff(dirs, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := d.Write(&printed); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/diff-ways.txt", printed.String())
	if len(d.Rows) != 3 || d.Rows[0].Way != verdict.WayGraph || d.Rows[1].Way != verdict.WayPortal {
		t.Errorf("rows are %+v", d.Rows)
	}
}

func TestDiffTakesABundleOnlyOnce(t *testing.T) {
	dir := copied(t)
	_, err := evidence.Diff([]string{dir, filepath.Join(released, newest)}, evidence.VerifyOptions{})
	if err == nil || !strings.Contains(err.Error(), "are the same bundle: name each once") {
		t.Errorf("a bundle and its copy: %v", err)
	}
}

// A merged run may hold one proof under two configurations; the failure of either is kept.
func TestDiffKeepsTheFailureThatAMergedRunHolds(t *testing.T) {
	both, err := evidence.Merge(t.TempDir(), []string{proofAt(t, "off", started.Add(time.Hour), false, reportOnly), proofAt(t, "on", started.Add(2*time.Hour), false)}, newBundle("both"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := evidence.Diff([]string{proofAt(t, "before", started, false), both}, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Rows[0].Cells[1]; got != "failed (not-enforced); passed (enforced)" || !d.Worse() {
		t.Errorf("the cell is %q; worse: %v", got, d.Worse())
	}
}

// The record cannot be made to say that it is of another way.
func TestWhatWasProvedFollowsFromTheObservation(t *testing.T) {
	dir := proofAt(t, "first", started, false)
	if err := replaceIn(filepath.Join(dir, "run.json"), `"way": "portal"`, `"way": "graph"`); err != nil {
		t.Fatal(err)
	}
	v := verified(t, dir, evidence.VerifyOptions{})
	if !slices.ContainsFunc(v.Problems, func(p evidence.Problem) bool {
		return p.Code == evidence.RecordDiffers && strings.Contains(p.Text, "another role, scope, admin or way")
	}) {
		t.Errorf("what is named is %v", v.Problems)
	}
}

func TestMergeLeavesTheBundlesAsTheyWere(t *testing.T) {
	dir, parts := merged(t)
	for i, part := range []string{"parts/02-second", "parts/01-first"} {
		for _, name := range filesOf(t, parts[i]) {
			old, err := os.ReadFile(filepath.Join(parts[i], name))
			if err != nil {
				t.Fatal(err)
			}
			now, err := os.ReadFile(filepath.Join(dir, part, name))
			if err != nil || string(old) != string(now) {
				t.Errorf("%s/%s is not as it was (%v)", part, name, err)
			}
		}
	}
}

func TestWhatIsChangedInsideAMergedBundleIsFound(t *testing.T) {
	dir, _ := merged(t)
	if err := replaceIn(filepath.Join(dir, "parts/01-first/run.json"), `"failed"`, `"finished"`); err != nil {
		t.Fatal(err)
	}
	v := verified(t, dir, evidence.VerifyOptions{})
	var codes []string
	for _, p := range v.Problems {
		codes = append(codes, p.Code+" "+p.Path)
	}
	all := strings.Join(codes, "\n")
	for _, want := range []string{"FILE_CHANGED parts/01-first/run.json", "STATEMENT_DIFFERS parts/01-first/statement.dsse.json", "RECORD_DIFFERS run.json"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not name %s, but\n%s", want, all)
		}
	}
}

func TestBundlesThatDoNotBelongTogetherAreNotMerged(t *testing.T) {
	one := attempt(t, "one", started, false, nil)
	stranger := proveInfo(t)
	stranger.ID, stranger.TenantID = "stranger", ""
	other := proved(t, stranger)
	damaged := attempt(t, "damaged", started, false, nil)
	if err := replaceIn(filepath.Join(damaged, "run.json"), "0123abc", "0123abd"); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		dirs []string
		says string
	}{
		"one alone":      {[]string{one}, "name two or more"},
		"the same twice": {[]string{one, one}, "are the same bundle"},
		"another tenant": {[]string{one, other}, "is of another tenant"},
		"a damaged one":  {[]string{one, damaged}, "does not verify, and is not taken: FILE_CHANGED run.json"},
	} {
		into := t.TempDir()
		_, err := evidence.Merge(into, row.dirs, newBundle("none"))
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %q", name, err, row.says)
		}
		if left, _ := os.ReadDir(into); len(left) > 0 {
			t.Errorf("%s: %s was left behind", name, left[0].Name())
		}
	}
}

// late is what the sign-in log says once its rows have come.
func late(o verdict.Observation) (evidence.LateLog, error) {
	a := o.Activations[0]
	return evidence.LateLog{Elsewhere: o.Elsewhere, Log: &verdict.Log{Asked: o.Finished.Add(20 * time.Minute), Entries: []verdict.LogEntry{{N: a.N, StepUp: &verdict.LogRow{
		ID: "row", At: a.TokenAt, Interactive: true, SessionID: o.SignIn.ID.SessionID, ContextID: o.Setting.ContextID, Detail: "required", EveryTime: true,
	}}}}}, nil
}

func TestALogThatIsAttachedDecidesAgainAndKeepsTheOldBundleWhole(t *testing.T) {
	i := proveInfo(t)
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	o := recorded(t)
	o.Log = nil
	prove(t, run, "Application Administrator", o)
	if err := run.Close(evidence.Result{Finished: started.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	dir, err := evidence.AttachLog(t.TempDir(), run.Dir(), late, newBundle("with-log"))
	if err != nil {
		t.Fatal(err)
	}
	v := verified(t, dir, evidence.VerifyOptions{})
	for _, p := range v.Problems {
		t.Errorf("problem: %s", p)
	}
	old := readJSON[verdict.Verdict](t, filepath.Join(run.Dir(), "scenarios/01-application-administrator/verdict.json"))
	now := readJSON[verdict.Verdict](t, filepath.Join(dir, "scenarios/01-application-administrator/verdict.json"))
	if old.Witnesses.Log != verdict.NotObserved || now.Witnesses.Log != verdict.LogRequired || now.Outcome != old.Outcome {
		t.Errorf("the log says %s, before it %s; the outcome is %s, before it %s", now.Witnesses.Log, old.Witnesses.Log, now.Outcome, old.Outcome)
	}
	// Twice is possible, and the newest is a bundle like any other.
	again, err := evidence.AttachLog(t.TempDir(), dir, late, newBundle("once-more"))
	if err != nil {
		t.Fatal(err)
	}
	if v := verified(t, again, evidence.VerifyOptions{}); len(v.Problems) > 0 || len(v.Bundles) != 3 {
		t.Errorf("attached twice it comes to %s with %d signers: %v", v.Outcome, len(v.Bundles), v.Problems)
	}
}

func TestAnAttachedLogMayChangeNothingElse(t *testing.T) {
	for name, change := range map[string]func(o *verdict.Observation, late *evidence.LateLog){
		"the activation": func(o *verdict.Observation, _ *evidence.LateLog) {
			o.Activations[0].AuthAge++ // shares the slice with what is written
		},
		"what PIM told": func(_ *verdict.Observation, late *evidence.LateLog) {
			late.Elsewhere = &verdict.Elsewhere{SignIns: []verdict.OtherUse{}, Activations: []verdict.OtherUse{{ID: "another"}}}
		},
		"that it looked": func(_ *verdict.Observation, late *evidence.LateLog) { late.Elsewhere = nil },
	} {
		i := proveInfo(t)
		run, err := evidence.Create(t.TempDir(), i)
		if err != nil {
			t.Fatal(err)
		}
		prove(t, run, "Application Administrator", unfinishedLook(t))
		if err := run.Close(evidence.Result{Finished: started.Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		dir, err := evidence.AttachLog(t.TempDir(), run.Dir(), func(o verdict.Observation) (evidence.LateLog, error) {
			read, err := late(o)
			change(&o, &read)
			return read, err
		}, newBundle("with-log"))
		if err != nil {
			t.Fatal(err)
		}
		v := verified(t, dir, evidence.VerifyOptions{})
		if v.Outcome != evidence.NotVerified || v.Problems[0].Code != evidence.RecordDiffers || !strings.Contains(v.Problems[0].Text, "in more than the sign-in log") {
			t.Errorf("%s: it comes to %s: %v", name, v.Outcome, v.Problems)
		}
	}
}

// unfinishedLook is a proof whose sign-in log had not come far enough to tell who else was there.
func unfinishedLook(t *testing.T) verdict.Observation {
	o := recorded(t)
	o.Log, o.Elsewhere = nil, &verdict.Elsewhere{Asked: o.Finished, SignIns: []verdict.OtherUse{}, Activations: []verdict.OtherUse{}}
	return o
}

// A log that came late settles whether somebody else used the account: either way the new bundle
// verifies.
func TestALateLogSaysWhetherSomebodyElseUsedTheAccount(t *testing.T) {
	requested := recorded(t).Activations[0].Requested
	for name, row := range map[string]struct {
		used    []verdict.OtherUse
		held    bool
		outcome verdict.Outcome
	}{
		"nobody":          {[]verdict.OtherUse{}, true, verdict.Enforced},
		"long before":     {[]verdict.OtherUse{{At: requested.Add(-time.Hour), ID: "row"}}, true, verdict.Enforced},
		"a minute before": {[]verdict.OtherUse{{At: requested.Add(-time.Minute), ID: "row"}}, false, verdict.Inconclusive},
	} {
		i := proveInfo(t)
		run, err := evidence.Create(t.TempDir(), i)
		if err != nil {
			t.Fatal(err)
		}
		prove(t, run, "Application Administrator", unfinishedLook(t))
		if err := run.Close(evidence.Result{Finished: started.Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
		dir, err := evidence.AttachLog(t.TempDir(), run.Dir(), func(o verdict.Observation) (evidence.LateLog, error) {
			read, err := late(o)
			read.Elsewhere = &verdict.Elsewhere{Asked: read.Log.Asked, SignIns: row.used, Activations: o.Elsewhere.Activations, Complete: true}
			return read, err
		}, newBundle("with-log"))
		if err != nil {
			t.Fatal(err)
		}
		if v := verified(t, dir, evidence.VerifyOptions{}); len(v.Problems) > 0 {
			t.Errorf("%s: it comes to %s: %v", name, v.Outcome, v.Problems)
		}
		const file = "scenarios/01-application-administrator/verdict.json"
		old, now := readJSON[verdict.Verdict](t, filepath.Join(run.Dir(), file)), readJSON[verdict.Verdict](t, filepath.Join(dir, file))
		inUse := func(c verdict.Control) bool { return c.Name == "admin-not-in-use" }
		before, after := old.Controls[slices.IndexFunc(old.Controls, inUse)], now.Controls[slices.IndexFunc(now.Controls, inUse)]
		if !strings.Contains(before.Text, "could not be checked") || after.Held != row.held || strings.Contains(after.Text, "could not be checked") {
			t.Errorf("%s: before %+v, then %+v", name, before, after)
		}
		if old.Outcome != verdict.Enforced || now.Outcome != row.outcome {
			t.Errorf("%s: %s became %s, want %s", name, old.Outcome, now.Outcome, row.outcome)
		}
	}
}

func TestDiffSaysWhatNewlyFailsIsMendedAndDrifted(t *testing.T) {
	plain := func(o *verdict.Observation) {
		o.Configuration.Policies[0].State = "disabled"
		o.Activations[0].StepUp.Pages = nil
		o.Activations[0].AuthTimeAfter = o.Activations[0].AuthTimeBefore
		for i := range o.Probes {
			if o.Probes[i].Phase == "after" {
				o.Probes[i].ID.AuthTime = o.Activations[0].AuthTimeBefore
			}
		}
		o.Activations[0].StepUp.ID = nil
	}
	first := attempt(t, "first", started, true, nil)
	second := attempt(t, "second", started.Add(time.Hour), false, plain)
	third := proveInfo(t)
	third.ID, third.Started = "third", started.Add(2*time.Hour)
	d, err := evidence.Diff([]string{proved(t, third), first, second}, evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := d.Write(&printed); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/diff.txt", printed.String())
	if d.Worse() {
		t.Error("nothing newly fails in the last run, and it counts as worse")
	}
	if d, err = evidence.Diff([]string{first, second}, evidence.VerifyOptions{}); err != nil || !d.Worse() {
		t.Errorf("a role newly fails in the last run, and it does not count as worse (%v)", err)
	}
}
