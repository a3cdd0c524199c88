package suite

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/evidence"
)

// One proof through the portal, followed: what it did is told in order, by the tenant's clock, with what
// was seen, and without what signs in.
func TestAProofIsFollowed(t *testing.T) {
	dir := t.TempDir()
	proofs, err := Prove(t.Context(), Options{EvidenceDir: dir, Trace: true}, ProveRequest{Roles: []string{"Application Administrator"}}, nil)
	if err != nil || len(proofs) != 1 || proofs[0].Verdict == nil || proofs[0].Verdict.Outcome != "enforced" {
		t.Fatalf("%+v, %v", proofs, err)
	}
	bundle := proofs[0].Evidence
	found, err := filepath.Glob(filepath.Join(bundle, "scenarios", "*", "trace.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	var trace evidence.Trace
	readJSON(t, found[0], &trace)
	if verified, err := evidence.Verify(bundle, evidence.VerifyOptions{}); err != nil || verified.Outcome != evidence.Verified {
		t.Errorf("%+v, %v", verified, err)
	}
	if trace.Omitted != 0 {
		t.Errorf("%d things were left out", trace.Omitted)
	}
	steps := stepsInOrder(t, trace)
	for _, want := range []string{"sign-in: password", "priming: one-time-code", "the portal: banner", "step-up: password", "step-up: one-time-code", "the portal: form"} {
		i := slices.IndexFunc(steps, func(s evidence.TraceStep) bool { return s.Text == want })
		if i < 0 {
			t.Errorf("there is no step %q", want)
			continue
		}
		for when, look := range map[string]*evidence.TraceLook{"before": steps[i].Before, "after": steps[i].After} {
			if look == nil || look.Picture == "" || look.Markup == "" || look.Address == "" {
				t.Errorf("%s: %s it was seen %+v", want, when, look)
			}
		}
	}
	callsAreTold(t, trace)
	if text, err := os.ReadFile(found[0]); err != nil || strings.Contains(string(text), "eyJ") {
		t.Errorf("the trace holds something like a token, %v", err)
	}
}

// stepsInOrder are the steps, of which each begins when the one before it ends; one of them waited for
// both re-use windows.
func stepsInOrder(t *testing.T, trace evidence.Trace) []evidence.TraceStep {
	t.Helper()
	waited := false
	for i, s := range trace.Steps {
		if s.N != i+1 || s.Ended.Before(s.At) || i > 0 && !s.At.Equal(trace.Steps[i-1].Ended) {
			t.Errorf("step %d is number %d, from %s to %s", i+1, s.N, s.At, s.Ended)
		}
		waited = waited || s.Text == "wait until both re-use windows are over" && s.Waited.Minutes() > 10 && s.Ended.Sub(s.At) >= s.Waited
	}
	if !waited {
		t.Error("no step waited for the re-use windows")
	}
	return trace.Steps
}

// callsAreTold looks for the calls that a reader looks for: the refusals, the challenge, and the activation
// whose token holds the context.
func callsAreTold(t *testing.T, trace evidence.Trace) {
	t.Helper()
	var refused, challenged, activated, received int
	for _, c := range trace.Calls {
		step := trace.Steps[c.Step-1]
		if c.At.Before(step.At) || c.At.After(step.Ended) {
			t.Errorf("call %d at %s is told in step %d, from %s to %s", c.N, c.At, c.Step, step.At, step.Ended)
		}
		switch {
		case c.Code == "RoleAssignmentRequestAcrsValidationFailed" && c.From == "client" && c.Carried != nil && len(c.Carried.ACRS) == 0:
			refused++
		case c.From == "page" && strings.HasSuffix(c.Path, "/authorize") && len(c.Contexts) == 1 && step.Step == "activate the role":
			challenged++
		case c.Status == 201 && c.Values["action"] == "selfActivate" && c.Carried != nil && len(c.Carried.ACRS) == 1 && step.Step == "activate the role":
			activated++
		case strings.HasSuffix(c.Path, "/token") && c.Received != nil:
			received++
		}
	}
	if refused != 2 || challenged != 1 || activated != 1 || received < 3 {
		t.Errorf("%d plain tokens refused, %d challenges, %d activations, %d tokens received", refused, challenged, activated, received)
	}
}

func TestNothingIsFollowedUnlessAskedFor(t *testing.T) {
	var f *following
	f.also(nil)
	f.keep(nil)
	if deps := f.in(activation.Deps{}); deps.Tracer != nil {
		t.Error("a proof is followed that nobody asked to follow")
	}
}
