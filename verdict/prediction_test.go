package verdict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// foretold is a prediction by one policy that would apply.
func foretold(state, interval string) *verdict.Prediction {
	return &verdict.Prediction{At: nine, Asked: true, Applies: []verdict.PredictedPolicy{{
		ID: "policy-1", Name: "Re-authenticate for roles", State: state, Grants: []string{"mfa"},
		Frequency: &verdict.Frequency{Enabled: true, Interval: interval},
	}}}
}

// predictions are all kinds of answers that What-If may give, and none.
func predictions() map[string]*verdict.Prediction {
	off := foretold("enabled", "everyTime")
	off.Applies[0].Frequency.Enabled = false
	without := foretold("enabled", "everyTime")
	without.Applies[0].Frequency = nil
	return map[string]*verdict.Prediction{
		"not asked": nil, "nothing to ask": {}, "not permitted": {Asked: true, Text: "not permitted"},
		"every time": foretold("enabled", "everyTime"), "in hours": foretold("enabled", "timeBased"),
		"report-only": foretold("enabledForReportingButNotEnforced", "everyTime"), "no policy": {Asked: true},
		"frequency off": off, "no frequency": without,
	}
}

// What-If reads the configuration and tries nothing: whatever it says, the verdict is the same.
func TestNoPredictionChangesTheVerdict(t *testing.T) {
	for what, of := range map[string]func() verdict.Observation{
		"enforced": enforced, "unasked": unasked, "graph": throughGraph, "twice": twice,
		"nothing": func() verdict.Observation { return verdict.Observation{} },
	} {
		want := verdict.Decide(of())
		for name, prediction := range predictions() {
			o := of()
			o.Prediction = prediction
			if diff := cmp.Diff(want, verdict.Decide(o)); diff != "" {
				t.Errorf("%s, foretold %s (-without +with):\n%s", what, name, diff)
			}
		}
	}
}

func TestOnlyAPolicyThatIsOnAndAsksEveryTimeForetellsAPrompt(t *testing.T) {
	for name, prediction := range predictions() {
		if got, want := prediction.Prompt(), name == "every time"; got != want {
			t.Errorf("%s: foretells a prompt: %t, want %t", name, got, want)
		}
	}
}

func TestAPredictionIsLaidBesideWhatHappened(t *testing.T) {
	yes, no := true, false
	for name, row := range map[string]struct {
		of         verdict.Observation
		prediction *verdict.Prediction
		want       *bool
	}{
		"foretold and asked":       {enforced(), foretold("enabled", "everyTime"), &yes},
		"foretold and not asked":   {unasked(), foretold("enabled", "everyTime"), &no},
		"not foretold, asked":      {enforced(), &verdict.Prediction{Asked: true}, &no},
		"not foretold, not asked":  {unasked(), foretold("enabledForReportingButNotEnforced", "everyTime"), &yes},
		"no answer":                {enforced(), &verdict.Prediction{Asked: true, Text: "not permitted"}, nil},
		"not asked":                {enforced(), nil, nil},
		"the screen swears nought": {verdict.Observation{}, foretold("enabled", "everyTime"), nil},
	} {
		o := row.of
		o.Prediction = row.prediction
		if diff := cmp.Diff(row.want, o.CameTrue()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
