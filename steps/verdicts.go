package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/verdict"
)

func registerVerdicts(sc *godog.ScenarioContext) {
	sc.Then(`^re-authentication is enforced$`, isEnforced)
	sc.Then(`^re-authentication is not enforced$`, isNotEnforced)
	sc.Then(`^the verdict is inconclusive because of "([A-Z_0-9]+)"$`, isInconclusive)
	sc.Then(`^the cause is "([A-Z_0-9]+)"$`, causeIs)
}

// isEnforced passes when the admin was asked to sign in again, by every witness that was heard,
// and every control held.
//
// Example: Then re-authentication is enforced
func isEnforced(ctx context.Context) error { return of(ctx).assert(verdict.Enforced) }

// isNotEnforced passes when the role became active without a new sign-in, or a token from before
// it was accepted. An undecided proof does not pass.
//
// Example: Then re-authentication is not enforced
func isNotEnforced(ctx context.Context) error { return of(ctx).assert(verdict.NotEnforced) }

// isInconclusive passes when nothing was decided, and for that reason first of all.
//
// Example: Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"
func isInconclusive(ctx context.Context, code string) error {
	s := of(ctx)
	if err := s.assert(verdict.Inconclusive); err != nil {
		return err
	}
	reasons := s.proof.Verdict.Reasons
	if len(reasons) == 0 || string(reasons[0].Code) != code {
		return fmt.Errorf("inconclusive because of %s, expected %s", reasonsOf(s.proof.Verdict), code)
	}
	return nil
}

// causeIs passes when the decisive fault of the configuration is the one named.
//
// Example: Then the cause is "POLICY_REPORT_ONLY"
func causeIs(ctx context.Context, code string) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	causes := proof.Verdict.Causes
	if len(causes) == 0 {
		return fmt.Errorf("no cause was found, expected %s", code)
	}
	if string(causes[0].Code) != code {
		return fmt.Errorf("the cause is %s (%s), expected %s", causes[0].Code, causes[0].Text, code)
	}
	return nil
}

// assert compares the outcome and counts as the scenario's assertion either way.
func (s *scenario) assert(want verdict.Outcome) error {
	proof, err := s.outcome()
	if err != nil {
		return err
	}
	s.asserted = true
	if proof.Verdict.Outcome == want {
		return nil
	}
	text := fmt.Sprintf("the verdict is %s, expected %s: %s", proof.Verdict.Outcome, want, reasonsOf(proof.Verdict))
	if failure := proof.Observation.Failure; failure != nil && !slices.ContainsFunc(proof.Verdict.Reasons, textOf(failure.Text)) {
		text += "; " + failure.Step + ": " + failure.Text
	}
	return fmt.Errorf("%s", text)
}

func textOf(text string) func(verdict.Reason) bool {
	return func(r verdict.Reason) bool { return strings.Contains(r.Text, text) }
}

func reasonsOf(v verdict.Verdict) string {
	if len(v.Reasons) == 0 {
		return "no reason given"
	}
	texts := make([]string, len(v.Reasons))
	for i, reason := range v.Reasons {
		texts[i] = string(reason.Code) + " (" + reason.Text + ")"
	}
	return strings.Join(texts, ", ")
}
