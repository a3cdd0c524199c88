package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

func registerVerdicts(sc sentences) {
	sc.Then(`^re-authentication is enforced$`, isEnforced)
	sc.Then(`^re-authentication is not enforced$`, isNotEnforced)
	sc.Then(`^the verdict is (inconclusive|not enforced) because of "([A-Z_0-9]+)"$`, isBecauseOf)
	sc.Then(`^the verdict also notes "([A-Z_0-9]+)"$`, alsoNotes)
	sc.Then(`^the cause is "([A-Z_0-9]+)"$`, causeIs)
	sc.Then(`^the causes are "([A-Z_0-9]+)" before "([A-Z_0-9]+)"$`, causesAre)
	sc.Then(`^no cause is named$`, noCause)
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

// isBecauseOf passes when the outcome is that one, and for that reason first of all.
//
// Example: Then the verdict is inconclusive because of "WITHIN_REUSE_WINDOW"
func isBecauseOf(ctx context.Context, outcome, code string) error {
	s := of(ctx)
	s.expected.Reason = verdict.Code(code)
	want := map[string]verdict.Outcome{"inconclusive": verdict.Inconclusive, "not enforced": verdict.NotEnforced}[outcome]
	if err := s.assert(want); err != nil {
		return err
	}
	reasons := s.proof.Verdict.Reasons
	if len(reasons) == 0 || string(reasons[0].Code) != code {
		return fmt.Errorf("%s because of %s, expected %s", outcome, reasonsOf(s.proof.Verdict), code)
	}
	return nil
}

// alsoNotes passes when that is among the reasons, decisive or beside the verdict.
//
// Example: Then the verdict also notes "STEP_UP_SINGLE_FACTOR"
func alsoNotes(ctx context.Context, code string) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(proof.Verdict.Reasons, func(r verdict.Reason) bool { return string(r.Code) == code }) {
		return fmt.Errorf("the verdict notes %s, expected %s too", reasonsOf(proof.Verdict), code)
	}
	return nil
}

// causeIs passes when the decisive fault of the configuration is the one named.
//
// Example: Then the cause is "POLICY_REPORT_ONLY"
func causeIs(ctx context.Context, code string) error {
	of(ctx).expected.Cause = verdict.CauseCode(code)
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

// causesAre passes when the first fault is the decisive one and the second is named behind it.
//
// Example: Then the causes are "POLICY_DISABLED" before "SIGN_IN_FREQUENCY_MISSING"
func causesAre(ctx context.Context, decisive, other string) error {
	if err := causeIs(ctx, decisive); err != nil {
		return err
	}
	causes := of(ctx).proof.Verdict.Causes
	if !slices.ContainsFunc(causes[1:], func(c verdict.Cause) bool { return string(c.Code) == other }) {
		return fmt.Errorf("the causes are %s, expected %s behind %s", codesOf(causes), other, decisive)
	}
	return nil
}

// noCause passes when no fault of the configuration is named: a tenant that is right is not
// accused.
//
// Example: Then no cause is named
func noCause(ctx context.Context) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	if causes := proof.Verdict.Causes; len(causes) > 0 {
		return fmt.Errorf("%s is named (%s), expected no cause", codesOf(causes), causes[0].Text)
	}
	return nil
}

func codesOf(causes []verdict.Cause) string {
	codes := make([]string, len(causes))
	for i, cause := range causes {
		codes[i] = string(cause.Code)
	}
	return strings.Join(codes, ", ")
}

// assert compares the outcome and counts as the scenario's assertion either way.
func (s *scenario) assert(want verdict.Outcome) error {
	s.expected.Outcome = want
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
