package steps_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/steps"
	"github.com/reprompt/reprompt/verdict"
)

// actor is a tenant whose proofs are made up.
type actor struct {
	seen     verdict.Observation
	proveErr error
	undoErr  error

	given   int // how often it was given back
	failed  error
	request activation.Request
}

func (a *actor) Take(context.Context, string, string) (steps.Tenant, error) { return a, nil }
func (*actor) Fixtures() *fixtures.Fixtures                                 { return nil }
func (*actor) AddPasskey(fixtures.Passkey)                                  {}
func (*actor) MakeAdmin(context.Context, bool) error                        { return nil }
func (*actor) MakeApprover(context.Context) (string, error)                 { return "", nil }
func (*actor) LetApprover(bool) error                                       { return nil }
func (*actor) AddNeighbour(fixtures.Account)                                {}
func (*actor) Lab() steps.Lab                                               { return nil }

func (*actor) PrivilegedRole(context.Context) (verdict.Role, error) {
	return verdict.Role{Name: "Application Administrator", DefinitionID: "role", DirectoryScopeID: "/"}, nil
}

func (a *actor) Prove(_ context.Context, request activation.Request) (verdict.Observation, error) {
	a.request = request
	return a.seen, a.proveErr
}

func (a *actor) GiveBack(_ context.Context, _ *steps.Proof, failed error) error {
	a.given++
	a.failed = failed
	return a.undoErr
}

// play runs one scenario and returns the error of its first failing step, or of a hook.
func play(t *testing.T, a *actor, sentences ...string) error {
	t.Helper()
	var failed error
	text := "Feature: f\n  Scenario: s\n"
	for _, sentence := range sentences {
		text += "    " + sentence + "\n"
	}
	status := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			steps.Register(sc, a)
			sc.Given(`^a role$`, func(ctx context.Context) error {
				_, ok := steps.TenantOf(ctx)
				if !ok {
					return errors.New("no tenant")
				}
				return steps.UseRole(ctx, verdict.Role{Name: "r", DefinitionID: "role", DirectoryScopeID: "/"})
			})
			sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
				failed = err
				return ctx, nil
			})
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true,
			FeatureContents: []godog.Feature{{Name: "f.feature", Contents: []byte(text)}},
		},
	}.Run()
	if (status != 0) != (failed != nil) {
		t.Fatalf("godog ended with status %d and the hooks saw %v", status, failed)
	}
	return failed
}

func TestAVerdictThatNobodyAssertsFailsTheScenario(t *testing.T) {
	a := &actor{}
	err := play(t, a, "Given a role", "When the test admin activates the role in the portal")
	if err == nil || !strings.Contains(err.Error(), "asserts none") {
		t.Errorf("error = %v, want one that says that no outcome was asserted", err)
	}
	if a.failed == nil {
		t.Error("the evidence was not told that the scenario failed")
	}
}

func TestAnUndecidedProofIsNeitherOutcome(t *testing.T) {
	for _, sentence := range []string{"Then re-authentication is enforced", "Then re-authentication is not enforced"} {
		err := play(t, &actor{}, "Given a role", "When the test admin activates the role in the portal", sentence)
		if err == nil || !strings.Contains(err.Error(), "the verdict is inconclusive") {
			t.Errorf("%s: error = %v, want one that says inconclusive", sentence, err)
		}
	}
}

func TestAFailedFlowIsNamed(t *testing.T) {
	a := &actor{seen: verdict.Observation{Failure: &verdict.Failure{
		Code: verdict.PageNotRecognised, Step: "sign in", Text: "the page \"ConvergedNew\" is not known",
	}}}
	err := play(t, a, "Given a role", "When the test admin activates the role through Graph", "Then re-authentication is enforced")
	if err == nil || !strings.Contains(err.Error(), "PAGE_NOT_RECOGNISED") || !strings.Contains(err.Error(), "ConvergedNew") {
		t.Errorf("error = %v, want the code and what happened", err)
	}
}

func TestTheTenantIsGivenBackHoweverTheScenarioEnds(t *testing.T) {
	for name, a := range map[string]*actor{
		"a proof that broke":         {proveErr: errors.New("the browser is gone")},
		"an undo that failed":        {undoErr: errors.New("policy p stays")},
		"an outcome as it should be": {seen: verdict.Observation{}},
	} {
		err := play(t, a, "Given a role", "When the test admin activates the role right after signing in",
			"Then the verdict is inconclusive because of \"UNKNOWN\"")
		if a.given != 1 {
			t.Errorf("%s: given back %d times", name, a.given)
		}
		if a.undoErr != nil && (err == nil || !strings.Contains(err.Error(), a.undoErr.Error())) {
			t.Errorf("%s: the scenario's error is %v", name, err)
		}
		if !a.request.WithinWindow {
			t.Errorf("%s: the proof was not asked to stay inside the window", name)
		}
	}
}

func TestSentencesInTheWrongOrderSayWhatIsMissing(t *testing.T) {
	for sentence, want := range map[string]string{
		"When the test admin activates the role in the portal":                                     "the scenario names none",
		"Given a Conditional Access policy on the context that is disabled":                        "there is no context yet",
		"Given the role setting requires the context on activation":                                "there is no context yet",
		"Given the context is unpublished afterwards":                                              "there is no context yet",
		"Given a Conditional Access policy on the second context that asks for sign-in every time": "there is no second context yet",
		"Given the role is active for the test admin already":                                      "there is no role yet",
		"Given a tenant that is broken: \"wrong_key\"":                                             "only the embedded tenant",
		"Then no cause is named":                                                                   "there is no verdict yet",
		"Then the verdict speaks for everyone who may activate the role":                           "there is no verdict yet",
		"Then the stepped-up token was refused later":                                              "there is no verdict yet",
		"Then re-authentication is enforced":                                                       "there is no verdict yet",
		"Then the cause is \"POLICY_MISSING\"":                                                     "there is no verdict yet",
		"Then every control held":                                                                  "there is no verdict yet",
		"Given the test admin activates a second role, protected like the first, right before":     "there is no context yet",
		"Given the test admin has activated the role in another session already":                   "there is no role yet",
		"Then the admin was picked among several accounts":                                         "there is no verdict yet",
		"Then the activation ended by itself":                                                      "there is no verdict yet",
		"Then the admin was prompted for each of 2 activations":                                    "there is no verdict yet",
		"Then the verdict is inconclusive because of \"WITHIN_REUSE_WINDOW\"":                      "there is no verdict yet",
		"Given a Conditional Access policy on the context that asks for sign-in every 2 hours":     "there is no context yet",
	} {
		err := play(t, &actor{}, sentence)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want one that says %q", sentence, err, want)
		}
	}
}

func TestAPassNeedsWhatTheSentenceSays(t *testing.T) {
	nothing := verdict.Observation{}
	activated := verdict.Observation{Activations: []verdict.Activation{{N: 1, Outcome: "active", Deactivated: true}}}
	accused := verdict.Observation{
		Eligible:      true,
		Setting:       verdict.Setting{PolicyID: "p", ContextEnabled: true, ContextID: "c1"},
		Configuration: &verdict.Configuration{Contexts: []verdict.Context{{ID: "c1"}}},
	}
	for sentence, tt := range map[string]struct {
		seen verdict.Observation
		want string
	}{
		"Then no cause is named": {accused, "CONTEXT_NOT_PUBLISHED"},
		"Then the causes are \"CONTEXT_NOT_PUBLISHED\" before \"POLICY_DISABLED\"": {accused, "expected POLICY_DISABLED behind"},
		"Then the verdict also notes \"STEP_UP_SINGLE_FACTOR\"":                    {nothing, "expected STEP_UP_SINGLE_FACTOR too"},
		"Then the verdict speaks for everyone who may activate the role":           {nothing, "the scope is not known"},
		"Then the verdict is narrowed by \"only on the platforms linux\"":          {accused, "narrowed by nothing"},
		"Then 1 of 2 who may activate the role is not covered":                     {accused, "expected 1 of 2"},
		"Then the stepped-up token was refused later":                              {nothing, "was not tried"},
		"Then the tokens from before the step-up passed validation":                {nothing, "was not tried"},
		"Then the sign-in log says that the step-up was required":                  {nothing, "the log witness says not-observed"},
		"Then the admin was not prompted for activation 1":                         {nothing, "there is no activation 1"},
		"Then the admin was prompted for activation 1":                             {activated, "the screen says not-observed of activation 1, expected prompted"},
		"Then the admin was picked among several accounts":                         {activated, "no account picker was shown"},
		"Then the activation ended by itself":                                      {activated, "the activation ended by itself: false"},
		"Then the request that waited for approval was withdrawn":                  {activated, "its request was withdrawn: false"},
		"Then PIM demanded the context 2 times":                                    {activated, "PIM demanded the context 0 times"},
		"Then PIM refused 1 time to take the role back, and took it in the end":    {activated, "PIM refused 0 times, and the role was given back: true"},
		"Then the verdict is not enforced because of \"ACTIVATED_WITHOUT_PROMPT\"": {nothing, "the verdict is inconclusive"},
		"Then the verdict is inconclusive because of \"WITHIN_REUSE_WINDOW\"":      {nothing, "expected WITHIN_REUSE_WINDOW"},
	} {
		err := play(t, &actor{seen: tt.seen}, "Given a role", "When the test admin activates the role through Graph", sentence)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one that says %q", sentence, err, tt.want)
		}
	}
}

func TestOneScenarioHasOneProof(t *testing.T) {
	err := play(t, &actor{}, "Given a role", "When the test admin activates the role in the portal",
		"When the test admin activates the role through Graph")
	if err == nil || !strings.Contains(err.Error(), "one scenario has one outcome") {
		t.Errorf("error = %v", err)
	}
}
