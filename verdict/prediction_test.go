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
		"a plain token was taken":  {settledAt(1), foretold("enabled", "everyTime"), &no},
		"off, and a plain token":   {settledAt(0), &verdict.Prediction{Asked: true}, &yes},
		"a block, and blocked":     {brokenAt(verdict.PolicyBlocksSignIn), granting("OR", "block"), &yes},
		"a block, and asked":       {enforced(), granting("OR", "block"), &no},
		"a prompt, and blocked":    {brokenAt(verdict.PolicyBlocksSignIn), granting("OR", "mfa"), &no},
		"a device, and demanded":   {brokenAt(verdict.DeviceRequired), granting("AND", "mfa", "compliantDevice"), &yes},
		"a device that was there":  {enforced(), granting("AND", "mfa", "compliantDevice"), &yes},
		"a block before the ask":   {brokenAtSignIn(), granting("OR", "block"), nil},
	} {
		o := row.of
		o.Prediction = row.prediction
		if diff := cmp.Diff(row.want, o.CameTrue()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// granting foretells a policy, every time, with these grant controls.
func granting(operator string, grants ...string) *verdict.Prediction {
	p := foretold("enabled", "everyTime")
	p.Applies[0].GrantOperator, p.Applies[0].Grants = operator, grants
	return p
}

// brokenAt is a proof that broke when the context was asked for.
func brokenAt(code verdict.Code) verdict.Observation {
	o := brokenAtSignIn()
	o.Failure = &verdict.Failure{Code: code, Step: "prime the session", Text: "refused"}
	return o
}

func TestWhatWhatIfSaysIsNotCalledAPrompt(t *testing.T) {
	off := granting("OR", "block")
	off.Applies[0].State = "disabled"
	for name, row := range map[string]struct {
		prediction *verdict.Prediction
		want       string
		prompt     bool
	}{
		"block":                    {granting("OR", "block"), verdict.SignInBlocked, false},
		"block that is off":        {off, verdict.SignInGoesUnasked, false},
		"a device":                 {granting("OR", "compliantDevice"), verdict.SignInNeedsDevice, true},
		"a device of either kind":  {granting("OR", "compliantDevice", "domainJoinedDevice"), verdict.SignInNeedsDevice, true},
		"a device and two factors": {granting("AND", "mfa", "compliantDevice"), verdict.SignInNeedsDevice, true},
		"a device or two factors":  {granting("OR", "mfa", "compliantDevice"), verdict.SignInPrompts, true},
		"two factors":              {granting("OR", "mfa"), verdict.SignInPrompts, true},
		"nothing":                  {&verdict.Prediction{Asked: true}, verdict.SignInGoesUnasked, false},
		"no answer":                {nil, "", false},
	} {
		if got := row.prediction.Foretells(); got != row.want || row.prediction.Prompt() != row.prompt {
			t.Errorf("%s: foretells %q, a prompt %t", name, got, row.prediction.Prompt())
		}
	}
}
