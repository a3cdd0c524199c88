package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Decide judges an observation by the decision table of the package comment. It is pure: the
// same observation always comes to the same verdict, under the same Rules.
//
// Reasons holds all that apply, the decisive one first, and is never empty. Controls holds
// those that apply. Causes are those of Diagnose; beside enforced only what leads around the
// control and the approval that is waited for remain. Slices are never nil, except those of a Scope that is not known.
func Decide(o Observation) Verdict {
	findings := o.controls()
	outcome, reasons := o.decide(findings)
	reasons = slices.Concat(reasons, o.remarks(outcome), useNotChecked(reasons, findings), o.disagreement(outcome))
	v := Verdict{
		Rules: Rules, Outcome: outcome, Reasons: reasons,
		Causes: causesBeside(outcome, Diagnose(o)), Witnesses: o.witnesses(), Controls: listed(findings), Scope: ScopeOf(o),
	}
	v.Summary = summarise(o, v)
	return v
}

// line is one line of the table: what it comes to, and the reasons if it matches.
type line struct {
	outcome Outcome
	reasons func(Observation, []finding) []Reason
}

// table is the decision table; lines 7 and 8 are the rest of decide.
var table = []line{
	{NotEnforced, plainTokenAccepted},
	{Inconclusive, controlFailed},
	{NotEnforced, activatedUnasked},
	{Inconclusive, witnessesDisagree},
	{NotEnforced, stepUpTooWeak},
	{Inconclusive, onlyValidated},
}

func (o Observation) decide(findings []finding) (Outcome, []Reason) {
	var outcome Outcome
	var reasons []Reason
	for _, l := range table {
		found := l.reasons(o, findings)
		if outcome != "" { // a gap in what was observed does not matter once a line matched
			found = slices.DeleteFunc(found, func(r Reason) bool { return r.Code == Unknown })
		} else if len(found) > 0 {
			outcome = l.outcome
		}
		reasons = append(reasons, found...)
	}
	if outcome != "" {
		return outcome, reasons
	}
	if reason, ok := reprompted(o); ok {
		return Enforced, []Reason{reason}
	}
	return Inconclusive, []Reason{unknown(o)}
}

// plainTokenAccepted is line 1.
func plainTokenAccepted(o Observation, _ []finding) []Reason {
	r, ok := o.AcceptedPlain()
	if !ok {
		return nil
	}
	what := "the first plain token of the session"
	if r.Token == ReplayPlain {
		what = "a plain token minted at that moment"
	}
	did := "activated the role"
	if o.Setting.ApprovalRequired {
		did = "was enough for a request for the role (which needs approval)"
	}
	return []Reason{{PlainTokenAccepted, fmt.Sprintf("%s, which never asked for a context, %s %s after it was issued: no sign-in was asked for", what, did, spell(r.Age))}}
}

// controlFailed is line 2. What was not observed is one reason together, and none at all where
// the broken flow explains it.
func controlFailed(o Observation, findings []finding) []Reason {
	var reasons []Reason
	var missing []string
	for _, f := range findings {
		switch {
		case f.Held, f.unchecked:
		case f.unobserved:
			missing = append(missing, f.Text)
		case !hasReason(reasons, f.code):
			reasons = append(reasons, Reason{f.code, f.Text})
		}
	}
	if len(missing) > 0 && len(reasons) == 0 {
		reasons = append(reasons, Reason{Unknown, strings.Join(missing, "; ")})
	}
	return reasons
}

func hasReason(reasons []Reason, code Code) bool {
	return slices.ContainsFunc(reasons, func(r Reason) bool { return r.Code == code })
}

// activatedUnasked is line 3.
func activatedUnasked(o Observation, findings []finding) []Reason {
	var reasons []Reason
	for i, a := range o.Activations {
		if a.succeeded() && ScreenOf(a) == ScreenNotPrompted && o.tokenOf(i) == TokenStale && !hasReason(reasons, ActivatedWithoutPrompt) {
			reasons = append(reasons, Reason{ActivatedWithoutPrompt, fmt.Sprintf(
				"%s at %s; no credential was asked for, and the session had last authenticated at %s", a.became(), clock(a.At), clock(a.AuthTimeAfter))})
		}
	}
	if o.Setting.PolicyID != "" && !o.Setting.RequiresContext() {
		reasons = append(reasons, Reason{ContextNotRequired, "the role setting requires no authentication context on activation" + alsoMFA(o.Setting)})
	}
	return reasons
}

func alsoMFA(s Setting) string {
	if s.MFARequired {
		return ", only MFA, which an earlier sign-in of the session satisfies"
	}
	return ""
}

// witnessesDisagree is line 4.
func witnessesDisagree(o Observation, _ []finding) []Reason {
	for i, a := range o.Activations {
		screen, token := ScreenOf(a), o.tokenOf(i)
		switch {
		case screen == ScreenPrompted && token == TokenStale:
			return []Reason{{PromptWithoutFreshToken, fmt.Sprintf(
				"the admin was asked for %s, yet auth_time of the session stayed at %s", FactorNames(a.Factors()), clock(a.AuthTimeAfter))}}
		case screen == ScreenNotPrompted && (token == TokenFresh || token == TokenFreshWithoutContext):
			return []Reason{{FreshTokenWithoutPrompt, fmt.Sprintf(
				"auth_time of the session moved to %s and no credential was asked for: %s vouched", clock(a.AuthTimeAfter), voucher(a))}}
		}
	}
	return nil
}

// voucher says who may have authenticated the admin where no page asked.
func voucher(a Activation) string {
	for _, page := range a.StepUp.Pages {
		if page.Host != "" && page.Host != a.TokenHost {
			return "the host " + page.Host
		}
	}
	if a.Token != nil && slices.Contains(a.Token.AMR, "wia") {
		return "the device, by integrated Windows authentication,"
	}
	if a.Token != nil && slices.Contains(a.Token.AMR, "rsa") {
		return "a certificate or the device"
	}
	return cmp.Or(a.TokenHost, "an unknown host") + ", a certificate or the device"
}

// stepUpTooWeak is line 5.
func stepUpTooWeak(o Observation, _ []finding) []Reason {
	if !o.Require.valid() {
		return nil
	}
	for i, a := range o.Activations {
		token := o.tokenOf(i)
		fresh := token == TokenFresh || token == TokenFreshWithoutContext
		factors := a.Factors()
		if ScreenOf(a) != ScreenPrompted || !fresh || !a.succeeded() || o.Require.met(factors) {
			continue
		}
		if singleFactor(factors) {
			return []Reason{{StepUpSingleFactor, fmt.Sprintf("the step-up asked for %s only; %s was required", FactorNames(factors), o.Require)}}
		}
		return []Reason{{StepUpMethodTooWeak, fmt.Sprintf("the step-up asked for %s; %s was required", FactorNames(factors), o.Require)}}
	}
	return nil
}

// reprompted is line 7; every control has held when it is asked.
func reprompted(o Observation) (Reason, bool) {
	for i, a := range o.Activations {
		if !a.succeeded() || a.At.Before(a.TokenAt) || !o.challenged(a) || ScreenOf(a) != ScreenPrompted ||
			o.tokenOf(i) != TokenFresh || o.Require.contradictedBy(a.Token.AMR) {
			return Reason{}, false
		}
	}
	if len(o.Activations) == 0 {
		return Reason{}, false
	}
	a := o.Activations[0]
	return Reason{Reprompted, fmt.Sprintf(
		"the admin was asked for %s, the session's authentication moved from %s to %s, and only the token from that step-up %s%s",
		FactorNames(a.Factors()), clock(a.AuthTimeBefore), clock(a.AuthTimeAfter), a.achieved(), timesInWords(len(o.Activations)))}, true
}

// challenged reports whether the challenge named the context of the role setting and no other:
// the prompt could have been another's.
func (o Observation) challenged(a Activation) bool {
	return a.Challenge != nil && !a.Challenge.At.IsZero() && slices.Equal(a.Challenge.Contexts, []string{o.Setting.ContextID})
}

func timesInWords(n int) string {
	switch n {
	case 1:
		return ""
	case 2:
		return ", both times"
	default:
		return fmt.Sprintf(", all %d times", n)
	}
}

// unknown is line 8: what was compared, or why there was nothing to compare.
func unknown(o Observation) Reason {
	for _, a := range o.Activations {
		if a.Token == nil && a.TokenProblem != "" {
			return Reason{TokenMalformed, fmt.Sprintf("the token that carried activation %d could not be read: %s", a.N, a.TokenProblem)}
		}
	}
	w := o.witnesses()
	text := fmt.Sprintf("the screen says %s, the token %s, the log %s", w.Screen, w.Token, w.Log)
	for _, a := range o.Activations {
		challenge := "no challenge was seen"
		if o.challenged(a) {
			challenge = "the challenge named the context"
		}
		text += fmt.Sprintf("; activation %d was %s (status %d %s), %s", a.N, cmp.Or(a.Outcome, "not answered"), a.Status, a.Code, challenge)
	}
	return Reason{Unknown, text}
}

// remarks are what stands beside the verdict and never changes it.
func (o Observation) remarks(outcome Outcome) []Reason {
	var remarks []Reason
	for _, a := range o.Activations {
		factors := a.Factors()
		if o.Require == RequireAny && len(factors) > 0 && singleFactor(factors) && !hasReason(remarks, StepUpSingleFactor) {
			remarks = append(remarks, Reason{StepUpSingleFactor, fmt.Sprintf("the step-up consisted of one factor, %s", FactorNames(factors))})
		}
	}
	remarks = append(remarks, o.reusable()...)
	switch log := o.logWitness(); {
	case outcome == Enforced && log == LogPreviouslySatisfied:
		remarks = append(remarks, Reason{LogDisagrees, "the sign-in log says that an earlier sign-in satisfied the context; the screen and the token saw otherwise"})
	case outcome == NotEnforced && log == LogRequired:
		remarks = append(remarks, Reason{LogDisagrees, "the sign-in log says that the step-up was required, every time; what was observed says otherwise"})
	}
	return remarks
}

// listed are the controls as they stand in a verdict.
func listed(findings []finding) []Control {
	controls := []Control{}
	for _, f := range findings {
		controls = append(controls, f.Control)
	}
	return controls
}
