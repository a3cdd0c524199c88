package main

import (
	"context"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		os.Exit(child(context.Background(), os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// quick are the rows of the table that `go test` runs: one of each kind of fault, in another phase and way
// each. `make faults` runs all.
var quick = []string{
	"graph, sign-in: 503, once",
	"graph, priming: half a body from Graph, once",
	"graph, plain tokens: 503 to a plain token",
	"portal, step-up: tabs crashed",
	"graph, step-up: the tenant's clock 2 h ahead, tokens expire",
	"graph, activation: Chrome killed",
	"portal, activation: 504 to a request for the role that was acted on",
	"graph, deactivation: reset of giving the role back that was acted on",
	"portal, sign-in: the portal's name does not resolve in the browser",
	"graph, fixtures: reads go back in time",
	"graph, fixtures: policies take effect 2 min late",
	"graph, cleanup: 504 to a write that was acted on",
}

func TestSomeRowsOfTheTable(t *testing.T) {
	all := tableJobs()
	var jobs []job
	for _, name := range quick {
		i := slices.IndexFunc(all, func(j job) bool { return j.name() == name })
		if i < 0 {
			t.Fatalf("the table has no row %q", name)
		}
		jobs = append(jobs, all[i])
	}
	hold(t, jobs)
}

// testSeed is the seed of the random runs of `go test`, so that it does the same each time.
const testSeed = 7

func TestSomeRandomRuns(t *testing.T) {
	seed := uint64(testSeed)
	if os.Getenv(SeedVariable) != "" {
		var err error
		if seed, err = seedOf(0); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("the seed is %d; %s sets another", seed, SeedVariable)
	jobs, err := randomJobs(seed, 12)
	if err != nil {
		t.Fatal(err)
	}
	hold(t, jobs)
}

// hold runs the jobs and fails for each that did not come out as it should.
func hold(t *testing.T, jobs []job) {
	t.Helper()
	if err := canLook(); err != nil {
		t.Skip(err)
	}
	results, err := execute(t.Context(), 2, jobs, func(result) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Wrong) > 0 {
			t.Errorf("%s came to %s:\n\t%s", r.Job.name(), r.came(), strings.Join(r.Wrong, "\n\t"))
		}
		if len(r.Job.Random) == 0 && !r.Struck {
			t.Errorf("%s: the fault did not strike, so that nothing was shown", r.Job.name())
		}
	}
}

func TestARowIsHeldToWhatItMayComeTo(t *testing.T) {
	for name, tt := range map[string]struct {
		r       result
		proving bool
		wrong   string // empty: as it should be
	}{
		"the right verdict":              {result{Verdict: verdict.Enforced}, true, ""},
		"inconclusive with its cause":    {result{Verdict: verdict.Inconclusive, Code: "SERVICE_FAILED", Text: "HTTP 503"}, true, ""},
		"inconclusive, and nobody knows": {result{Verdict: verdict.Inconclusive, Code: "UNKNOWN", Text: "x"}, true, "without a cause"},
		"another verdict":                {result{Verdict: verdict.NotEnforced, Text: "x"}, true, "the verdict is not-enforced"},
		"a wrong setup that looks right": {result{Job: job{Want: verdict.NotEnforced}, Verdict: verdict.Enforced}, true, "the verdict is enforced"},
		"refused before the proof":       {result{Text: "look the role up: graph answered 503"}, false, ""},
		"refused, and does not say why":  {result{}, false, "does not say why"},
		"a proof that came to nothing":   {result{Text: "x"}, true, "came to no verdict"},
		"a proof that took for ever":     {result{Verdict: verdict.Enforced, Seconds: 51}, true, "may take 50 s"},
	} {
		tt.r.judge(&watch{proving: tt.proving}, nil)
		if got := strings.Join(tt.r.Wrong, "; "); (tt.wrong == "") != (got == "") || !strings.Contains(got, tt.wrong) {
			t.Errorf("%s: wrong %q, want %q", name, got, tt.wrong)
		}
	}
}

func TestASnapshotTellsWhatWasMadeChangedAndDeleted(t *testing.T) {
	before := snapshot{"users": {"a": `{"n":1}`, "b": `{"n":2}`}, "groups": {}}
	after := snapshot{"users": {"a": `{"n":3}`}, "groups": {"c": "{}"}}
	got := before.differences(after)
	want := []string{"groups: c is new: {}", `users: a was {"n":1} and is {"n":3}`, "users: b is gone"}
	if !slices.Equal(got, want) {
		t.Errorf("differences %q, want %q", got, want)
	}
	if same := before.differences(before); len(same) > 0 {
		t.Errorf("differences of the same: %q", same)
	}
}

// Every fault that the table names is tried in both ways where it can be, and each row has a name of its own.
func TestTheTableNamesEachRowOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, j := range tableJobs() {
		if seen[j.name()] {
			t.Errorf("two rows are called %q", j.name())
		}
		seen[j.name()] = true
		phaseOf(j.Phase)
	}
	if len(seen) < 250 {
		t.Errorf("the table has %d rows: was it cut?", len(seen))
	}
}

// A seed makes the same runs each time, another one others.
func TestASeedRepeatsItsRuns(t *testing.T) {
	names := func(seed uint64) []string {
		jobs, err := randomJobs(seed, 50)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, j := range jobs {
			all = append(all, j.name())
		}
		return all
	}
	if !slices.Equal(names(1), names(1)) || slices.Equal(names(1), names(2)) {
		t.Error("a seed does not decide its runs")
	}
}

// The page holds a row for each fault of the table, with as many runs as the table has, and none that went
// wrong: `go run ./cmd/faults -write` writes it.
func TestThePageHasARowForEachFault(t *testing.T) {
	text, err := os.ReadFile("../../" + page)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]int{}
	for _, j := range tableJobs() {
		runs[j.Fault.Name]++
	}
	for name, n := range runs {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(name) + ` \| [^|]+ \| (\d+) \|`).FindStringSubmatch(string(text))
		if row == nil || row[1] != strconv.Itoa(n) {
			t.Errorf("%s has no row of %d runs for %q: make faults, with -write", page, n, name)
		}
	}
	if strings.Contains(string(text), "not as it should be**") {
		t.Errorf("%s tells of rows that went wrong", page)
	}
}

// A phase is recognised in a proof, whose only role is not named, in one of several, and in a scenario.
func TestALineSaysWhatBegins(t *testing.T) {
	for line, want := range map[string]bool{
		"  0.9 s  sign in\n":                        true,
		"  0.9 s  sign in again\n":                  true,
		"  0.9 s  Intune Administrator: sign in\n":  true,
		" 10.9 s  a scenario:   sign in\n":          true,
		"  0.9 s  step up: sign-in once more\n":     false,
		"  0.9 s  a scenario: admins can sign in\n": false,
	} {
		if got := says(line, "sign in"); got != want {
			t.Errorf("says(%q): %v, want %v", line, got, want)
		}
	}
}
