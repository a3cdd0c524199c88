package evidence_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// asConfigured is a run of proofs of a tenant as it is configured, which is not the embedded one.
func asConfigured() evidence.RunInfo {
	i := info()
	i.Kind, i.TestClock, i.Controls = evidence.KindProve, false, evidence.DefaultControls()
	i.Now = ticking()
	return i
}

// ticking is a clock that goes on by a second and a half whenever it is looked at.
func ticking() func() time.Time {
	now := started
	return func() time.Time {
		now = now.Add(1500 * time.Millisecond)
		return now
	}
}

// exported closes a run in which each change of the recorded proof is one proof, and returns one of the
// files that are made of it.
func exported(t *testing.T, i evidence.RunInfo, file string, changes ...func(*verdict.Observation)) []byte {
	t.Helper()
	run, err := evidence.Create(t.TempDir(), i)
	if err != nil {
		t.Fatal(err)
	}
	for n, change := range changes {
		feature := ""
		if i.Kind == evidence.KindRun {
			feature = "features/role_activation.feature"
		}
		s, err := run.Scenario("Role "+string(rune('A'+n)), feature)
		if err != nil {
			t.Fatal(err)
		}
		o := recorded(t)
		change(&o)
		s.Event("step", "sign in", o.Started)
		s.Screenshot("password", "The password page", dot(t, 4, 4))
		if err := s.Finish(o, verdict.Decide(o)); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(evidence.Result{Finished: started.Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(run.Dir(), file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// oscal is what the tests look at of assessment results.
type oscal struct {
	Results struct {
		Results []struct {
			Observations []struct {
				UUID        string
				Description string
				Evidence    []struct{ Href, Description string } `json:"relevant-evidence"`
			}
			Findings []struct {
				UUID, Title string
				Target      struct {
					ID     string `json:"target-id"`
					Status struct{ State, Reason, Remarks string }
				}
				Links   []struct{ Href, Rel string }
				Related []struct {
					UUID string `json:"observation-uuid"`
				} `json:"related-observations"`
			}
		}
	} `json:"assessment-results"`
}

// states are "state/reason" of each finding by the id of its target.
func states(t *testing.T, content []byte) map[string]string {
	t.Helper()
	var document oscal
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range document.Results.Results[0].Findings {
		all[f.Target.ID] = f.Target.Status.State + "/" + f.Target.Status.Reason
		if len(f.Related) == 0 || len(f.Links) < 2 || f.Links[0].Rel != "reference" || f.Links[1].Rel != "evidence" {
			t.Errorf("%s has no observation, no source or no evidence: %+v", f.Title, f)
		}
		if f.Target.Status.Reason == "other" && !strings.HasPrefix(f.Target.Status.Remarks, "Not decided. ") {
			t.Errorf("%s is undecided and says %q", f.Title, f.Target.Status.Remarks)
		}
	}
	return all
}

func TestAFindingIsTheWorstOfTheProofs(t *testing.T) {
	arranged, embedded := asConfigured(), asConfigured()
	arranged.Kind, embedded.TestClock = evidence.KindRun, true
	for name, row := range map[string]struct {
		info    evidence.RunInfo
		changes []func(*verdict.Observation)
		want    string // of IA-11
	}{
		"enforced":                     {asConfigured(), []func(*verdict.Observation){asItIs}, "satisfied/pass"},
		"one of two not enforced":      {asConfigured(), []func(*verdict.Observation){asItIs, reportOnly}, "not-satisfied/fail"},
		"one of two inconclusive":      {asConfigured(), []func(*verdict.Observation){inTheWindow, asItIs}, "not-satisfied/other"},
		"one inconclusive, one failed": {asConfigured(), []func(*verdict.Observation){reportOnly, inTheWindow}, "not-satisfied/fail"},
		"somebody is not covered":      {asConfigured(), []func(*verdict.Observation){anotherAdminIsNotCovered}, "not-satisfied/other"},
		"arranged by scenarios":        {arranged, []func(*verdict.Observation){asItIs}, "not-satisfied/other"},
		"on the embedded tenant":       {embedded, []func(*verdict.Observation){asItIs}, "not-satisfied/other"},
		"not enforced, embedded":       {embedded, []func(*verdict.Observation){reportOnly}, "not-satisfied/other"},
	} {
		t.Run(name, func(t *testing.T) {
			all := states(t, exported(t, row.info, "oscal-assessment-results.json", row.changes...))
			if all["ia-11_obj"] != row.want || len(all) != len(evidence.DefaultControls()) {
				t.Errorf("IA-11 is %s of %d findings, want %s", all["ia-11_obj"], len(all), row.want)
			}
		})
	}
}

// The tenant's clock, by which an observation is, may be hours away from the machine's.
func TestEveryTimeIsByTheMachinesClock(t *testing.T) {
	content := exported(t, asConfigured(), "oscal-assessment-results.json", asItIs, reportOnly)
	var document struct {
		Results struct {
			Results []struct {
				Start, End   time.Time
				Remarks      string
				Observations []struct{ Collected time.Time }
			}
		} `json:"assessment-results"`
	}
	if err := json.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	r := document.Results.Results[0]
	if len(r.Observations) != 2 || !strings.Contains(r.Remarks, "by the clock of the machine that ran") {
		t.Errorf("%d observations, remarks %q", len(r.Observations), r.Remarks)
	}
	for _, o := range r.Observations {
		if o.Collected.Before(r.Start) || o.Collected.After(r.End) {
			t.Errorf("collected at %s, the run went from %s to %s", o.Collected, r.Start, r.End)
		}
	}
}

func TestAProofWithoutEvidenceSatisfiesNothing(t *testing.T) {
	run, err := evidence.Create(t.TempDir(), asConfigured())
	if err != nil {
		t.Fatal(err)
	}
	s, err := run.Scenario("Role A", "")
	if err != nil {
		t.Fatal(err)
	}
	o := recorded(t)
	err = s.Finish(o, verdict.Decide(o))
	s.Failed("the role could not be given back")
	if err = errors.Join(err, run.Close(evidence.Result{Finished: started})); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(run.Dir(), "oscal-assessment-results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got := states(t, content)["ia-11_obj"]; got != "not-satisfied/other" {
		t.Errorf("IA-11 is %s", got)
	}
}

func TestTheSameRunHasTheSameIDs(t *testing.T) {
	first := exported(t, asConfigured(), "oscal-assessment-results.json", asItIs, reportOnly)
	again := exported(t, asConfigured(), "oscal-assessment-results.json", asItIs, reportOnly)
	digests := regexp.MustCompile(`[0-9a-f]{64}`) // those of run.json differ by the key that was made for the run
	if diff := cmp.Diff(digests.ReplaceAllString(string(first), ""), digests.ReplaceAllString(string(again), "")); diff != "" {
		t.Errorf("two runs that are alike differ:\n%s", diff)
	}
	other := asConfigured()
	other.ID = "80aa"
	ids := regexp.MustCompile(`"uuid": "([0-9a-f-]{36})"`)
	seen := map[string]bool{}
	for _, id := range ids.FindAllSubmatch(first, -1) {
		if seen[string(id[1])] || id[1][14] != '5' {
			t.Errorf("the id %s is taken twice or not of version 5", id[1])
		}
		seen[string(id[1])] = true
	}
	for _, id := range ids.FindAllSubmatch(exported(t, other, "oscal-assessment-results.json", asItIs), -1) {
		if seen[string(id[1])] {
			t.Errorf("another run has the id %s, too", id[1])
		}
	}
}

func TestEveryReferenceLeadsSomewhere(t *testing.T) {
	content := string(exported(t, asConfigured(), "oscal-assessment-results.json", asItIs, reportOnly))
	references := regexp.MustCompile(`"(?:href": "#|[a-z]+-uuid": ")([0-9a-f-]{36})"`).FindAllStringSubmatch(content, -1)
	if len(references) < 20 {
		t.Fatalf("only %d references", len(references))
	}
	for _, r := range references {
		if !strings.Contains(content, `"uuid": "`+r[1]+`"`) {
			t.Errorf("%s leads nowhere", r[0])
		}
	}
}
