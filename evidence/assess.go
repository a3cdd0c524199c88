package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// Need is something that a control asks a proof to have shown.
type Need string

// The needs. What each looks at is beside it in the table below.
const (
	NeedReauthentication  Need = "re-authentication"
	NeedMultifactorStepUp Need = "multifactor-step-up"
	NeedPhishingResistant Need = "phishing-resistant-step-up"
	NeedMultifactorSignIn Need = "multifactor-sign-in"
	NeedEarlierRefused    Need = "earlier-tokens-refused"
	NeedJustInTime        Need = "just-in-time"
	NeedLogged            Need = "logged"
)

// State is what a proof says of a control. There are three, never two.
type State string

// The states.
const (
	Satisfied    State = "satisfied"
	NotSatisfied State = "not-satisfied"
	Undecided    State = "undecided"
)

// Assessment is a state and why, in one sentence.
type Assessment struct {
	State State
	Text  string
}

// answer is what a proof says to a need; neither shown nor denied where it does not tell.
type answer struct {
	shown, denied bool
	text          string
}

// question asks a proof about a need.
type question func(verdict.Observation, verdict.Verdict) answer

var needs = map[Need]question{
	NeedReauthentication:  reauthenticated,
	NeedMultifactorStepUp: steppedUp(verdict.RequireMFA, "more than one factor"),
	NeedPhishingResistant: steppedUp(verdict.RequirePhishingResistant, "a phishing-resistant method"),
	NeedMultifactorSignIn: signedInWithTwo,
	NeedEarlierRefused:    earlierRefused,
	NeedJustInTime:        justInTime,
	NeedLogged:            logged,
}

func needList() string {
	var names []string
	for _, need := range slices.Sorted(maps.Keys(needs)) {
		names = append(names, string(need))
	}
	return strings.Join(names, ", ")
}

// Assess says what one proof comes to for the control. It is satisfied only beside an enforced verdict
// over a complete scope that shows everything that is needed; not satisfied only beside a verdict of not
// enforced that denies something that is needed. Everything else is undecided: a proof without a
// verdict, an inconclusive one, one that the scope narrows.
//
// It does not know on what the proof was made; see assessable.
func (c MappedControl) Assess(o *verdict.Observation, v *verdict.Verdict) Assessment {
	switch {
	case o == nil || v == nil:
		return Assessment{Undecided, "The proof did not come to a verdict."}
	case v.Outcome == verdict.Enforced:
		return c.assessEnforced(*o, *v)
	case v.Outcome == verdict.NotEnforced:
		return c.assessNotEnforced(*o, *v)
	default:
		return Assessment{Undecided, sentence("The proof is inconclusive: " + decisiveText(*v))}
	}
}

func (c MappedControl) assessEnforced(o verdict.Observation, v verdict.Verdict) Assessment {
	for _, need := range c.Needs {
		if a := needs[need](o, v); !a.shown {
			return Assessment{Undecided, sentence("Not shown: " + a.text)}
		}
	}
	switch {
	case !v.Scope.Clean():
		return Assessment{Undecided, sentence("Shown for this admin, this way; " + scopeGap(v.Scope))}
	case c.Supports:
		return Assessment{Undecided, "Supported by this proof; the control asks for more than it can show."}
	default:
		return Assessment{Satisfied, c.Says}
	}
}

func (c MappedControl) assessNotEnforced(o verdict.Observation, v verdict.Verdict) Assessment {
	for _, need := range c.Needs {
		if a := needs[need](o, v); a.denied {
			return Assessment{NotSatisfied, sentence(a.text)}
		}
	}
	return Assessment{Undecided, "Re-authentication is not enforced, which does not decide this control."}
}

// scopeGap says what a scope leaves open.
func scopeGap(s verdict.Scope) string {
	switch {
	case !s.Known():
		return "the configuration could not be read, so nothing is known of other admins"
	case len(s.NotCovered) > 0:
		return fmt.Sprintf("%d of %d eligible principals are not covered by a policy that asks every time", len(s.NotCovered), s.Eligible)
	case len(s.NarrowedBy) > 0:
		return "the policy applies " + s.NarrowedBy[0].Condition
	default:
		return "there is another way to the same power: " + s.OtherPaths[0].Text
	}
}

func decisiveText(v verdict.Verdict) string {
	if len(v.Reasons) == 0 {
		return "no reason was given"
	}
	return v.Reasons[0].Text
}

func reauthenticated(_ verdict.Observation, v verdict.Verdict) answer {
	return answer{shown: v.Outcome == verdict.Enforced, denied: v.Outcome == verdict.NotEnforced, text: decisiveText(v)}
}

// steppedUp asks what every step-up consisted of. A weaker one denies the need only where the verdict
// says so: then it was demanded. Otherwise it is merely not shown.
func steppedUp(require verdict.Require, what string) question {
	return func(o verdict.Observation, v verdict.Verdict) answer {
		weak := hasCode(v, verdict.StepUpSingleFactor) || hasCode(v, verdict.StepUpMethodTooWeak)
		a := answer{denied: v.Outcome == verdict.NotEnforced && weak, text: "the step-up did not consist of " + what}
		a.shown = len(o.Activations) > 0
		for _, activation := range o.Activations {
			a.shown = a.shown && require.Met(activation)
		}
		return a
	}
}

func signedInWithTwo(o verdict.Observation, _ verdict.Verdict) answer {
	return answer{shown: verdict.RequireMFA.MetBySignIn(o.SignIn), text: "the sign-in did not consist of more than one factor"}
}

// earlierRefused asks whether tokens from before the step-up were tried by real requests and refused.
func earlierRefused(o verdict.Observation, v verdict.Verdict) answer {
	if hasCode(v, verdict.PlainTokenAccepted) {
		return answer{denied: true, text: decisiveText(v)}
	}
	for _, code := range []verdict.Code{verdict.SteppedUpTokenReusable, verdict.SteppedUpRefreshTokenReusable} {
		if i := slices.IndexFunc(v.Reasons, func(r verdict.Reason) bool { return r.Code == code }); i >= 0 {
			return answer{text: v.Reasons[i].Text}
		}
	}
	tried := map[verdict.ReplayToken]bool{}
	for _, r := range o.Replays {
		if r.Mode == "real" && r.Answer == verdict.AnswerRefused {
			tried[r.Token] = true
		}
	}
	return answer{
		shown: tried[verdict.ReplayFirst] && tried[verdict.ReplayPlain],
		text:  "tokens from before the step-up were not tried by real requests",
	}
}

// justInTime asks for a role that was not there before the activation and not after the proof.
func justInTime(o verdict.Observation, _ verdict.Verdict) answer {
	switch {
	case o.Active == nil || len(o.Active) > 0:
		return answer{text: "the role was active already, or that was not observed"}
	case !o.Eligible:
		return answer{text: "the admin is not eligible for the role, only otherwise entitled"}
	case len(o.Activations) == 0:
		return answer{text: "no activation was reached"}
	}
	for _, a := range o.Activations {
		if a.Outcome != "active" || !a.Deactivated {
			return answer{text: fmt.Sprintf("activation %d did not become active and was given back", a.N)}
		}
	}
	return answer{shown: true}
}

func logged(_ verdict.Observation, v verdict.Verdict) answer {
	return answer{
		shown: v.Witnesses.Log == verdict.LogRequired,
		text:  "the sign-in log holds no row of the step-up yet, or was not asked",
	}
}

func hasCode(v verdict.Verdict, code verdict.Code) bool {
	return slices.ContainsFunc(v.Reasons, func(r verdict.Reason) bool { return r.Code == code })
}

// assess says what a whole run comes to for each control: the worst of its proofs, not satisfied before
// undecided before satisfied. The embedded tenant is nobody's, and a tenant that scenarios arrange for
// themselves is not how it is configured: neither satisfies a control or fails it.
func (c contents) assess(controls ControlMap) []Assessment {
	proofs := slices.ContainsFunc(c.run.Scenarios, scenarioRecord.ofRole)
	switch {
	case c.run.Target == Embedded:
		return slices.Repeat([]Assessment{{Undecided, "The run was made against the embedded tenant, which says nothing about a real one."}}, len(controls))
	case len(c.run.Scenarios) == 0:
		return slices.Repeat([]Assessment{{Undecided, "No proof was begun."}}, len(controls))
	case !proofs:
		return slices.Repeat([]Assessment{{Undecided, "The scenarios arrange the tenant themselves: they show how it behaves, not how it is configured. Use reprompt prove."}}, len(controls))
	}
	worst := make([]Assessment, len(controls))
	for i, control := range controls {
		worst[i] = Assessment{State: Satisfied, Text: control.Says}
	}
	for n, record := range c.run.Scenarios {
		if !record.ofRole() {
			continue
		}
		s := c.scenario(n)
		for i, control := range controls {
			if a := s.assess(control); a.rank() > worst[i].rank() {
				worst[i] = Assessment{a.State, s.Name + ": " + a.Text}
			}
		}
	}
	return worst
}

// assess says what the proof comes to for a control.
func (s scenarioContents) assess(control MappedControl) Assessment {
	a := control.Assess(s.observation, s.verdict)
	if s.State != stateFinished && a.State == Satisfied {
		return Assessment{Undecided, sentence("The proof did not come to its end: " + s.Failure)}
	}
	return a
}

// ofRole is true of a proof of the tenant as it is configured: the others belong to scenarios of a feature.
func (r scenarioRecord) ofRole() bool { return r.Feature == "" }

func (a Assessment) rank() int {
	return slices.Index([]State{Satisfied, Undecided, NotSatisfied}, a.State)
}
