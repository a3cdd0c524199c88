package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/defenseunicorns/go-oscal/src/types/oscal-1-1-3"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

var started = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// results are the assessment results of a run with two proofs, one of which came to no verdict.
func results(t *testing.T, controls evidence.ControlMap) []byte {
	t.Helper()
	run, err := evidence.Create(t.TempDir(), evidence.RunInfo{
		ID: "7f3a", Command: "reprompt prove", Kind: evidence.KindProve, Controls: controls, Started: started,
		TenantID: "7e4a9700-0000-4000-8000-000000000002", Build: evidence.Build{Version: "v0.1.0", Go: "go1.26"},
	})
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join("..", "..", "verdict", "testdata", "observation.json"))
	if err != nil {
		t.Fatal(err)
	}
	var o verdict.Observation
	if err := json.Unmarshal(content, &o); err != nil {
		t.Fatal(err)
	}
	proof, err := run.Scenario("Application Administrator", "")
	if err != nil {
		t.Fatal(err)
	}
	proof.Event("step", "sign in", o.Started)
	broken, err := run.Scenario("Another role", "")
	if err != nil {
		t.Fatal(err)
	}
	broken.Failed("the page was not recognised\non two lines")
	if err := errors.Join(proof.Finish(o, verdict.Decide(o)), run.Close(evidence.Result{Finished: started.Add(time.Hour)})); err != nil {
		t.Fatal(err)
	}
	content, err = os.ReadFile(filepath.Join(run.Dir(), "oscal-assessment-results.json"))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAssessmentResultsAreValidAgainstNISTsSchema(t *testing.T) {
	for name, controls := range map[string]evidence.ControlMap{"mapped": evidence.DefaultControls(), "no control": nil} {
		validator, err := validation.NewValidator(results(t, controls))
		if err != nil {
			t.Fatal(err)
		}
		if validator.GetSchemaVersion() != "1.1.3" {
			t.Errorf("the file states OSCAL %s", validator.GetSchemaVersion())
		}
		if err := validator.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema allows what the types do not name; the types refuse it.
func TestAssessmentResultsHoldNothingThatOSCALDoesNotName(t *testing.T) {
	decoder := json.NewDecoder(bytes.NewReader(results(t, evidence.DefaultControls())))
	decoder.DisallowUnknownFields()
	var document oscalTypes_1_1_3.OscalModels
	if err := decoder.Decode(&document); err != nil {
		t.Fatal(err)
	}
	result := document.AssessmentResults.Results[0]
	if result.Findings == nil || len(*result.Findings) != len(evidence.DefaultControls()) || len(*result.Observations) != 2 {
		t.Errorf("findings and observations are missing: %+v", result)
	}
}

// A schema that lets everything through proves nothing.
func TestTheValidatorRefusesWhatIsWrong(t *testing.T) {
	wrong := bytes.Replace(results(t, evidence.DefaultControls()), []byte(`"TEST"`), []byte(`17`), 1)
	validator, err := validation.NewValidator(wrong)
	if err != nil {
		t.Fatal(err)
	}
	if validator.Validate() == nil {
		t.Error("a number is taken for a method")
	}
}
