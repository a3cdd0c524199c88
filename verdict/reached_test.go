package verdict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// standing sorts the controls of a proof by how they stand.
func standing(o verdict.Observation) (held, failed, unreached []string) {
	for _, c := range verdict.Decide(o).Controls {
		switch {
		case c.Held:
			held = append(held, c.Name)
		case c.Reached():
			failed = append(failed, c.Name)
		default:
			unreached = append(unreached, c.Name)
		}
	}
	return held, failed, unreached
}

// settledAt cuts a proof off at the try of a plain token that was accepted.
func settledAt(i int) verdict.Observation {
	o := enforced()
	o.Activations, o.Probes = nil, o.Probes[:2]
	o.Replays = o.Replays[:i+1]
	accept(&o, i, "real")
	return o
}

// brokenAtSignIn is a proof whose sign-in never came to its end.
func brokenAtSignIn() verdict.Observation {
	o := enforced()
	o.SignIn.ID, o.SignIn.Token, o.SignIn.Pages = nil, nil, nil
	o.Priming, o.Probes, o.Replays, o.Activations = verdict.Priming{}, nil, nil, nil
	o.Failure = &verdict.Failure{Code: verdict.HostRefused, Step: "sign in", Text: "no answer"}
	return o
}

func TestWhatAProofStoppedShortOfIsNotReached(t *testing.T) {
	behind := []string{"outside-reuse-windows", "younger-than-an-hour", "steps-in-order", "step-up-not-forced", "session-kept"}
	for name, row := range map[string]struct {
		o                 verdict.Observation
		failed, unreached []string
	}{
		"whole":                    {o: enforced()},
		"the first token accepted": {settledAt(0), []string{"first-plain-token-refused"}, append(behind, "client-answers-challenges", "fresh-plain-token-refused")},
		"the fresh token accepted": {settledAt(1), []string{"fresh-plain-token-refused"}, behind},
		"the sign-in broke": {brokenAtSignIn(), []string{"proof-completed"}, []string{
			"id-token-verified", "session-alive", "session-primed", "outside-reuse-windows", "younger-than-an-hour", "probes-agree", "steps-in-order",
			"step-up-not-forced", "session-kept", "client-answers-challenges", "first-plain-token-refused", "fresh-plain-token-refused",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, failed, unreached := standing(row.o)
			if diff := cmp.Diff([][]string{row.failed, row.unreached}, [][]string{failed, unreached}); diff != "" {
				t.Errorf("failed and not reached (-want +got):\n%s", diff)
			}
		})
	}
}

// Without a reason to stop, a gap is a gap: an observation from which something was lost does not
// get away with "not reached".
func TestAGapIsNotCalledNotReached(t *testing.T) {
	o := enforced()
	o.Activations = nil
	if _, failed, unreached := standing(o); len(unreached) > 0 || len(failed) == 0 {
		t.Errorf("not reached: %v; failed: %v", unreached, failed)
	}
}

// A sign-in that broke says nothing about tokens: there is one reason, not a second made of the first.
func TestABrokenSignInIsNoForgedToken(t *testing.T) {
	if v := verdict.Decide(brokenAtSignIn()); len(v.Reasons) != 1 || v.Reasons[0].Code != verdict.HostRefused {
		t.Errorf("reasons %v", v.Reasons)
	}
}

// The acceptance is one reason, and the controls add none to it.
func TestAnAcceptedPlainTokenIsTheOnlyReason(t *testing.T) {
	for i := range 2 {
		o := settledAt(i)
		o.Configuration = nil // which is right, and would be said to disagree
		if v := verdict.Decide(o); len(v.Reasons) != 1 || v.Reasons[0].Code != verdict.PlainTokenAccepted {
			t.Errorf("token %d: reasons %v", i, v.Reasons)
		}
	}
}
