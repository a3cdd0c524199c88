package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

var update = flag.Bool("update", false, "rewrite golden files")

// compareGolden compares what was written with a file of testdata.
func compareGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// told is a proof as it is told.
func told(t *testing.T, change func(*verdict.Observation)) evidence.Proof {
	t.Helper()
	o := recorded(t)
	change(&o)
	v := verdict.Decide(o)
	yes := true
	return evidence.Proof{
		Way: o.Way, Require: o.Require, Role: o.Role, Admin: o.Admin, TenantID: o.TenantID, Target: evidence.Embedded,
		Observation: &o, Verdict: &v, Restored: &yes, Evidence: "evidence/20260314T092653Z-7f3a",
	}
}

func asItIs(*verdict.Observation) {}

// reportOnly makes the recorded proof one in which nobody was asked.
func reportOnly(o *verdict.Observation) {
	a := &o.Activations[0]
	a.StepUp.Pages, a.AuthTimeAfter = nil, a.AuthTimeBefore
	o.Probes[2].ID.AuthTime = a.AuthTimeBefore
	o.Configuration.Policies[0].State = "enabledForReportingButNotEnforced"
}

func inTheWindow(o *verdict.Observation) {
	reportOnly(o)
	o.Activations[0].AuthAge = 0
	o.Configuration = nil
}

// foretold adds what What-If said, and the log's row of the step-up.
func foretold(o *verdict.Observation) {
	o.Prediction = &verdict.Prediction{At: o.Started, Asked: true, Applies: []verdict.PredictedPolicy{{
		ID: "policy-1", Name: "Re-authenticate for roles", State: "enabled",
		Frequency: &verdict.Frequency{Enabled: true, Interval: "everyTime"},
	}}}
	a := o.Activations[0]
	o.Log = &verdict.Log{Asked: o.Finished, Entries: []verdict.LogEntry{{N: 1, StepUp: &verdict.LogRow{
		ID: "row-1", At: a.AuthTimeAfter, Interactive: true, SessionID: o.SignIn.ID.SessionID, ContextID: "c1",
		Detail: "required", EveryTime: true, RequestEvent: "interactiveUser",
	}}}}
}

func foretoldInVain(o *verdict.Observation) {
	foretold(o)
	reportOnly(o)
	o.Log = nil
}

func notPermitted(o *verdict.Observation) {
	o.Prediction = &verdict.Prediction{At: o.Started, Asked: true, Text: "not permitted: What-If needs Policy.Read.All"}
	o.Log = &verdict.Log{Asked: o.Finished, Text: "not permitted: reading the sign-in log needs AuditLog.Read.All"}
}

// plainAccepted cuts the recorded proof off where a plain token activated the role.
func plainAccepted(o *verdict.Observation) {
	o.Activations, o.Probes = nil, o.Probes[:2]
	r := &o.Replays[1]
	r.Answer, r.Status, r.Code, r.Context = verdict.AnswerAccepted, 201, "", ""
}

// plainForetold is a plain token that was accepted though What-If foretold a prompt.
func plainForetold(o *verdict.Observation) {
	foretold(o)
	plainAccepted(o)
}

// refusedForetold is a priming that broke as the grant that What-If named says.
func refusedForetold(o *verdict.Observation, code verdict.Code, grant string) {
	foretold(o)
	o.Prediction.Applies[0].Grants = []string{grant}
	o.Activations, o.Replays, o.Probes = nil, nil, nil
	o.Failure = &verdict.Failure{Code: code, Step: "prime the session", Text: "refused"}
}

func blockForetold(o *verdict.Observation) { refusedForetold(o, verdict.PolicyBlocksSignIn, "block") }

func deviceForetold(o *verdict.Observation) {
	refusedForetold(o, verdict.DeviceRequired, "compliantDevice")
}

// brokenSignIn cuts the recorded proof off in its sign-in.
func brokenSignIn(o *verdict.Observation) {
	o.SignIn.ID, o.SignIn.Token, o.SignIn.Pages = nil, nil, nil
	o.Priming, o.Probes, o.Replays, o.Activations = verdict.Priming{}, nil, nil, nil
	o.Failure = &verdict.Failure{Code: verdict.HostRefused, Step: "sign in", Text: "no answer"}
}

func notBegun(t *testing.T) evidence.Proof {
	p := told(t, asItIs)
	return evidence.Proof{Way: p.Way, Require: p.Require, Role: verdict.Role{Name: "Application Administrater"}, Err: errors.New("no role is called so")}
}

func TestProveLine(t *testing.T) {
	for name, proof := range map[string]evidence.Proof{
		"enforced": told(t, asItIs), "report-only": told(t, reportOnly), "in-the-window": told(t, inTheWindow), "not-begun": notBegun(t),
		"foretold": told(t, foretold), "foretold-in-vain": told(t, foretoldInVain), "not-permitted": told(t, notPermitted),
		"plain-accepted": told(t, plainAccepted), "block-foretold": told(t, blockForetold), "plain-foretold": told(t, plainForetold), "broken-sign-in": told(t, brokenSignIn),
	} {
		line, err := evidence.ProveLine(proof)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Count(line, []byte("\n")) != 1 || !bytes.HasSuffix(line, []byte("\n")) {
			t.Errorf("%s: not one line", name)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, line, "", "  "); err != nil {
			t.Fatal(err)
		}
		compareGolden(t, "prove-"+name+".json", indented.Bytes())
	}
}

// proveFields are the documented fields, in their order.
var proveFields = strings.Fields(`schema rules verdict way role role_definition_id directory_scope_id context require admin
	tenant_id target reasons causes witnesses controls activations replays scope prediction prediction_note started finished restored evidence error`)

func TestProveLineHasEveryFieldAlwaysInOrder(t *testing.T) {
	for name, proof := range map[string]evidence.Proof{"whole": told(t, asItIs), "not begun": notBegun(t), "nothing": {}} {
		line, err := evidence.ProveLine(proof)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(proveFields, topFields(t, line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// topFields are the names of an object's own fields, in order.
func topFields(t *testing.T, object []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for decoder.More() {
		field, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, field.(string))
		var skipped json.RawMessage
		if err := decoder.Decode(&skipped); err != nil {
			t.Fatal(err)
		}
	}
	return fields
}

func TestSummary(t *testing.T) {
	unrestored := told(t, reportOnly)
	no := false
	unrestored.Restored, unrestored.Err = &no, errors.New("give the role back: HTTP 403")
	for name, proof := range map[string]evidence.Proof{
		"enforced": told(t, asItIs), "report-only": told(t, reportOnly), "in-the-window": told(t, inTheWindow),
		"not-begun": notBegun(t), "not-restored": unrestored,
		"foretold": told(t, foretold), "foretold-in-vain": told(t, foretoldInVain), "not-permitted": told(t, notPermitted),
		"plain-accepted": told(t, plainAccepted), "block-foretold": told(t, blockForetold), "plain-foretold": told(t, plainForetold), "broken-sign-in": told(t, brokenSignIn),
	} {
		var b bytes.Buffer
		if err := evidence.Summary(&b, proof, false); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b.Bytes(), []byte("\x1b")) {
			t.Errorf("%s: colour that nobody asked for", name)
		}
		compareGolden(t, "summary-"+name+".txt", b.Bytes())
	}
}

func TestSummaryInColourSaysTheSame(t *testing.T) {
	var coloured, uncoloured bytes.Buffer
	proof := told(t, reportOnly)
	if err := errors.Join(evidence.Summary(&coloured, proof, true), evidence.Summary(&uncoloured, proof, false)); err != nil {
		t.Fatal(err)
	}
	stripped := strings.NewReplacer("\x1b[1;31m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(coloured.String())
	if coloured.String() == stripped || stripped != uncoloured.String() {
		t.Errorf("in colour:\n%q\nwithout:\n%q", coloured.String(), uncoloured.String())
	}
}
