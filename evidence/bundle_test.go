package evidence_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// note records a proof as package activation does: steps, challenges, and each page before its
// picture. It returns the observation with the pictures in it.
func note(t testing.TB, s *evidence.Scenario, o verdict.Observation) verdict.Observation {
	t.Helper()
	shots := byte(0)
	pass := func(what string, pages []verdict.PageVisit) {
		for i, p := range pages {
			s.Event("page", what+": "+p.Page, p.At)
			shots++
			pages[i].Screenshot = s.Screenshot(what+"-"+p.Page, fmt.Sprintf("%s: the page %q", what, p.Page), dot(t, 8+int(shots), 8))
		}
	}
	s.Event("step", "sign in", o.Started)
	pass("sign-in", o.SignIn.Pages)
	s.Event("step", "prime the session", o.Priming.Authentication.Started)
	pass("priming", o.Priming.Authentication.Pages)
	for _, a := range o.Activations {
		s.Event("step", "activate the role", a.Requested)
		if a.Challenge != nil {
			s.Event("challenge", "PIM demands a context", a.Challenge.At)
		}
		pass("step-up", a.StepUp.Pages)
		s.Event("activation", "the activation was answered", a.At)
	}
	s.Event("step", "give the role back", o.Finished)
	return o
}

// proved is a bundle of one proof that is enforced, closed.
func proved(t testing.TB, info evidence.RunInfo) string {
	t.Helper()
	run, err := evidence.Create(t.TempDir(), info)
	if err != nil {
		t.Fatal(err)
	}
	prove(t, run, "Application Administrator", recorded(t))
	restored := true
	if err := run.Close(evidence.Result{Finished: started.Add(4 * time.Second), Restored: &restored}); err != nil {
		t.Fatal(err)
	}
	return run.Dir()
}

// prove records one proof in a run.
func prove(t testing.TB, run *evidence.Run, role string, o verdict.Observation) *evidence.Scenario {
	t.Helper()
	s, err := run.Scenario(role, "")
	if err != nil {
		t.Fatal(err)
	}
	o = note(t, s, o)
	if o.Configuration != nil {
		if err := s.ConfigurationAfter(o.Finished, o.Setting, *o.Configuration); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	return s
}

// proveInfo is a run of `reprompt prove` on the tenant of the recorded observation.
func proveInfo(t testing.TB) evidence.RunInfo {
	t.Helper()
	i := info()
	i.Kind, i.TenantID = evidence.KindProve, recorded(t).TenantID
	return i
}

func verified(t testing.TB, dir string, options evidence.VerifyOptions) *evidence.Verification {
	t.Helper()
	v, err := evidence.Verify(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestABundleVerifiesWithNothingButItself(t *testing.T) {
	v := verified(t, proved(t, proveInfo(t)), evidence.VerifyOptions{})
	if v.Outcome != evidence.Verified || len(v.Problems) > 0 {
		t.Fatalf("it comes to %s: %v", v.Outcome, v.Problems)
	}
	if len(v.Bundles) != 1 || v.Bundles[0].Signer.Trusted || !v.Bundles[0].Signer.Ephemeral {
		t.Errorf("it is signed by %+v", v.Bundles)
	}
	if len(v.Scenarios) != 1 || v.Scenarios[0].Decided != verdict.Enforced {
		t.Errorf("it holds %+v", v.Scenarios)
	}
	var codes []string
	for _, r := range v.Remarks {
		codes = append(codes, r.Code)
	}
	if got := fmt.Sprint(codes); got != "[SIGNER_UNKNOWN EMBEDDED_TENANT]" {
		t.Errorf("remarks are %s", got)
	}
}

// golden compares a text with a file, which -update rewrites.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
