package suite

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/verdict"
)

const activations = `Feature: Activations
  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario Outline: Activation <n>
    When the test admin activates the role through Graph
    Then re-authentication is enforced

    Examples:
      | n |
`

// ran is a run of rows on a tenant, with what was foretold and what came, by the tenant's clock.
type ran struct {
	result     *Result
	plan, took float64 // minutes
	contexts   int
	text       string
	proved     map[string][]verdict.Observation // by admin, in the order of their beginning
}

// ranRows runs as many activations over the test admins of a tenant.
func ranRows(t testing.TB, tenant *config.Tenant, rows int, options Options) (s *Suite, r ran) {
	t.Helper()
	text := activations
	for n := range rows {
		text += fmt.Sprintf("      | %d |\n", n+1)
	}
	var progress said
	options.Tenant, options.Progress, options.Paths = tenant, &progress, []string{featureFile(t, text)}
	s = open(t, options)
	var err error
	if r.result, err = s.Run(t.Context()); err != nil || r.result.Passed != rows {
		t.Fatalf("%+v, %v\n%s", r.result, err, progress.String())
	}
	r.text, r.proved = progress.String(), map[string][]verdict.Observation{}
	r.plan, r.took = minutes(t, r.text, `clock, in `), minutes(t, r.text, `took `)
	running, err := s.running(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.contexts = running.MostSessions()
	for _, file := range observationsIn(t, r.result.Evidence) {
		var o verdict.Observation
		readJSON(t, file, &o)
		r.proved[o.Admin.UPN] = append(r.proved[o.Admin.UPN], o)
	}
	for _, proofs := range r.proved {
		slices.SortFunc(proofs, func(a, b verdict.Observation) int { return a.Started.Compare(b.Started) })
	}
	return s, r
}

// Six activations over three admins and two browser contexts: two windows and PIM's five minutes, as is said before
// they begin. No admin is idle, none signs in while an earlier proof of it still may, and the five minutes for which
// PIM keeps a role pass beside the next window.
func TestRowsOverlapOverTheirTestAdmins(t *testing.T) {
	tenant, _ := severalAdmins(t, 3)
	s, r := ranRows(t, tenant, 6, Options{Concurrency: 2})
	if r.took > 1.05*r.plan || r.took < 0.95*r.plan || r.took < 27 || r.took > 30 {
		t.Errorf("it took %.1f minutes of the tenant's clock, the plan said %.1f; want about 27\n%s", r.took, r.plan, r.text)
	}
	if r.contexts > 2 {
		t.Errorf("%d browser contexts were open at a time, want at most 2", r.contexts)
	}
	for upn, proofs := range r.proved {
		if len(proofs) != 2 {
			t.Errorf("%s proved %d, want 2", upn, len(proofs))
			continue
		}
		stepped := proofs[0].Activations[0].StepUp.Finished
		if proofs[1].Started.Before(stepped) || !proofs[1].Started.Before(proofs[0].Finished) {
			t.Errorf("%s began its second proof at %s: not between its step-up at %s and the end of the first, %s", upn, proofs[1].Started, stepped, proofs[0].Finished)
		}
	}
	plan := "plan: 6 scenarios over 3 test admins, at most 2 one after the other; 6 prove a role"
	for _, want := range []string{plan, "2 browser contexts at a time", "waiting for both re-use windows", " left", "at most 2 contexts"} {
		if !strings.Contains(r.text, want) {
			t.Errorf("nothing is said like %q:\n%s", want, r.text)
		}
	}
	if strings.Index(r.text, plan) > strings.Index(r.text, "started") || strings.Contains(r.text, "waiting for test admin") {
		t.Errorf("the plan is not the first, or each row that has not begun says so:\n%s", r.text)
	}
	nothingLeft(t, s)
}

// With one worker one scenario comes after the other.
func TestOneWorkerRunsOneScenarioAfterTheOther(t *testing.T) {
	tenant, _ := severalAdmins(t, 2)
	s, r := ranRows(t, tenant, 3, Options{Concurrency: 1})
	if r.took > 1.05*r.plan || r.took < 0.95*r.plan || r.took < 3*16 {
		t.Errorf("it took %.1f minutes of the tenant's clock, the plan said %.1f; want about %d\n%s", r.took, r.plan, 3*16, r.text)
	}
	var last time.Time
	for _, o := range slices.SortedFunc(slices.Values(slices.Concat(slices.Collect(maps.Values(r.proved))...)), func(a, b verdict.Observation) int { return a.Started.Compare(b.Started) }) {
		if o.Started.Before(last) {
			t.Errorf("a proof began at %s, before the one before it had ended at %s", o.Started, last)
		}
		last = o.Finished
	}
	nothingLeft(t, s)
}

const besideTheProof = `Feature: More than one session
  Background:
    Given a published authentication context
    And a Conditional Access policy on the context that asks for sign-in every time
    And the test admin is eligible for a privileged role
    And the role setting requires the context on activation

  Scenario: Somebody else
    Given somebody else activates a second role with the test admin's account meanwhile
    When the test admin activates the role through Graph
    Then the verdict is inconclusive because of "ADMIN_IN_USE"

  Scenario: An approver
    Given the role setting requires the approval of an approver made for this scenario
    When the test admin activates the role through Graph, and the approver agrees
    Then re-authentication is enforced

  Scenario: Nobody
    When the test admin activates the role through Graph
    Then re-authentication is enforced
`

// A scenario that uses the browser beside its proof has two places there, and keeps its admin: no more contexts are
// open than may be, and what it sees is its own.
func TestWhoUsesTwoSessionsHasTwoPlaces(t *testing.T) {
	tenant, _ := severalAdmins(t, 2)
	s := open(t, Options{Tenant: tenant, Concurrency: 2, Paths: []string{featureFile(t, besideTheProof)}})
	result, err := s.Run(t.Context())
	if err != nil || result.Passed != 3 {
		t.Fatalf("%+v, %v", result, err)
	}
	running, err := s.running(t.Context())
	if err != nil || running.MostSessions() != 2 {
		t.Errorf("%d browser contexts were open at a time, want 2; %v", running.MostSessions(), err)
	}
	nothingLeft(t, s)
}

// BenchmarkManyRows runs rows of examples over test admins, on an embedded tenant that a file names, through Graph:
// docs/performance.md, "Many roles". It is long: REPROMPT_ROLES has to be set.
func BenchmarkManyRows(b *testing.B) {
	if os.Getenv("REPROMPT_ROLES") == "" {
		b.Skip("set REPROMPT_ROLES=1, or run make bench-roles")
	}
	for _, row := range []struct{ rows, admins, contexts int }{{12, 3, 1}, {12, 3, 2}, {12, 3, 3}, {40, 1, 2}, {40, 4, 2}, {40, 8, 2}} {
		b.Run(fmt.Sprintf("rows=%d/admins=%d/contexts=%d", row.rows, row.admins, row.contexts), func(b *testing.B) {
			for b.Loop() {
				tenant, _ := severalAdmins(b, row.admins)
				s, r := ranRows(b, tenant, row.rows, Options{Concurrency: row.contexts})
				if r.took > 1.05*r.plan || r.took < 0.95*r.plan || r.contexts > row.contexts {
					b.Errorf("it took %.1f minutes, the plan said %.1f; %d contexts were open", r.took, r.plan, r.contexts)
				}
				nothingLeft(b, s)
				b.ReportMetric(r.plan, "plan-min")
				b.ReportMetric(r.took, "tenant-min")
				b.ReportMetric(float64(r.contexts), "contexts")
			}
		})
	}
}

// Where changes take their time, each scenario looks for them in a session of its own, which is parked between two
// looks: no more contexts are open than may be, and whoever waits for the browser has nothing that a looker waits for.
func TestLooksTakeTheirTurnsAtTheBrowser(t *testing.T) {
	tenant, _ := severalAdmins(t, 3)
	tenant.Waits.Propagation = 15 * time.Minute
	s := open(t, Options{Tenant: tenant, Concurrency: 2, Paths: []string{featureFile(t, activations+"      | 1 |\n      | 2 |\n      | 3 |\n")}})
	result, err := s.Run(t.Context())
	if err != nil || result.Passed != 3 {
		t.Fatalf("%+v, %v", result, err)
	}
	running, err := s.running(t.Context())
	if err != nil || running.MostSessions() > 2 {
		t.Errorf("%d browser contexts were open at a time, want at most 2; %v", running.MostSessions(), err)
	}
	looked := 0
	for _, file := range eventsIn(t, result.Evidence) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		looked += strings.Count(string(data), "seen ")
	}
	if looked == 0 {
		t.Error("no effect was looked for")
	}
	nothingLeft(t, s)
}

func eventsIn(t *testing.T, bundle string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(bundle, "scenarios", "*", "events.ndjson"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events, %v", err)
	}
	return files
}
