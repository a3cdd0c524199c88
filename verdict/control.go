package verdict

import (
	"fmt"
	"slices"
	"strings"
)

// finding is how a control came out. An unobserved control is not held either; the difference
// is what the reason says, and that a broken flow explains it.
type finding struct {
	Control
	code       Code // reason when it failed; Unknown when it was not observed
	unobserved bool
	unreached  bool // unobserved because nothing had come to it yet
	unchecked  bool // what it looks at was not to be had, and the verdict can do without
}

func held(format string, args ...any) finding {
	return finding{Control: Control{Held: true, Text: fmt.Sprintf(format, args...)}}
}

func failed(code Code, format string, args ...any) finding {
	return finding{Control: Control{Text: fmt.Sprintf(format, args...)}, code: code}
}

func unobserved(format string, args ...any) finding {
	return finding{Control: Control{Text: fmt.Sprintf(format, args...)}, code: Unknown, unobserved: true}
}

// unreached is unobserved for want of what the control looks at. Where the proof stopped early, for
// a reason of its own, the control says so.
func unreached(format string, args ...any) finding {
	f := unobserved(format, args...)
	f.unreached = true
	return f
}

// unchecked is a control that could not be looked at and that can only excuse a tenant: it does not
// hold, and gives no reason against what was seen.
func unchecked(format string, args ...any) finding {
	return finding{Control: Control{Text: notReached + fmt.Sprintf(format, args...)}, unchecked: true}
}

// notReached begins the text of a control that the proof stopped short of.
const notReached = "not reached: "

// Reached is false when the proof stopped, broken or settled, before it came to what the control
// looks at, or could not get at it. Such a control does not hold, and accuses nobody.
func (c Control) Reached() bool { return !strings.HasPrefix(c.Text, notReached) }

// whyUnreached is the text of a control that had nothing to look at: that it was not reached where
// something else ended the proof before its last step, else the gap itself.
func (o Observation) whyUnreached(gap string) string {
	if _, settled := o.AcceptedPlain(); settled {
		return notReached + "a plain token had been accepted before"
	}
	if o.Failure != nil {
		return notReached + gap
	}
	return gap
}

// check is one control by name. Where applies is nil the control always applies.
type check struct {
	name    string
	judge   func(Observation) finding
	applies func(Observation) bool
}

// checks are all controls in the order in which their reasons are given.
var checks = []check{
	{"proof-completed", Observation.proofCompleted, nil},
	{"requirement-known", Observation.requirementKnown, nil},
	{"role-setting-read", Observation.roleSettingRead, nil},
	{"id-token-verified", Observation.idTokenVerified, nil},
	{"session-alive", Observation.sessionAlive, nil},
	{"session-primed", Observation.sessionPrimed, needsContext},
	{"outside-reuse-windows", Observation.outsideReuseWindows, nil},
	{"younger-than-an-hour", Observation.youngerThanAnHour, nil},
	{"probes-agree", Observation.probesAgree, nil},
	{"steps-in-order", Observation.stepsInOrder, nil},
	{"step-up-not-forced", Observation.stepUpNotForced, nil},
	{"role-not-active-before", Observation.roleNotActiveBefore, nil},
	{"role-eligible", Observation.roleEligible, nil},
	{"session-kept", Observation.sessionKept, nil},
	{"admin-not-in-use", Observation.adminNotInUse, looksElsewhere},
	{"client-answers-challenges", Observation.clientAnswersChallenges, needsContext},
	{"first-plain-token-refused", firstTokenRefused, needsContext},
	{"fresh-plain-token-refused", freshTokenRefused, needsContext},
}

func needsContext(o Observation) bool { return o.Setting.RequiresContext() }

// controls judges every control that applies.
func (o Observation) controls() []finding {
	var findings []finding
	for _, c := range checks {
		if c.applies != nil && !c.applies(o) {
			continue
		}
		f := c.judge(o)
		f.Name = c.name
		if f.unreached {
			f.Text = o.whyUnreached(f.Text)
		}
		findings = append(findings, f)
	}
	return findings
}

// breaking are the codes by which a flow can break. Anything else in a Failure is UNKNOWN:
// a failure must not speak a verdict of its own.
var breaking = map[Code]bool{
	SessionNotAlive: true, SessionNotPrimed: true, WithinReuseWindow: true, SessionTooOld: true,
	SessionProbeRefused: true, ClientForcedPrompt: true, AdminInUse: true, RoleAlreadyActive: true,
	RoleNotEligible: true, PageNotRecognised: true, CredentialRejected: true, TokenNotVerified: true,
	TokenRevoked: true, ClientWithoutCP1: true, ChallengeLoop: true, OtherPolicyPrompts: true,
	DeviceRequired: true, RiskRaised: true, PolicyBlocksSignIn: true, HostRefused: true,
	Throttled: true, TenantNotReady: true, ServiceFailed: true, BrowserFailed: true, ClockJumped: true,
	DeadlinePassed: true,
}

func (o Observation) proofCompleted() finding {
	if o.Failure == nil {
		return held("the proof came to its end")
	}
	text := o.Failure.Text
	if text == "" {
		text = "the proof broke and left no word why"
	}
	if o.Failure.Step != "" {
		text = fmt.Sprintf("%s (at %q)", text, o.Failure.Step)
	}
	if !breaking[o.Failure.Code] {
		return failed(Unknown, "%s", text)
	}
	return failed(o.Failure.Code, "%s", text)
}

func (o Observation) requirementKnown() finding {
	if !o.Require.valid() {
		return unobserved("what a re-authentication must consist of is %q: use any, mfa or phishing-resistant", o.Require)
	}
	return held("a re-authentication counts when it is: %s", o.Require)
}

func (o Observation) roleSettingRead() finding {
	switch {
	case o.Setting.PolicyID == "":
		return unreached("the role setting was not read")
	case o.Setting.RequiresContext():
		return held("the role setting requires the authentication context %s", o.Setting.ContextID)
	default:
		return held("the role setting was read; it requires no authentication context")
	}
}

func (o Observation) roleNotActiveBefore() finding {
	switch {
	case o.Active == nil:
		return unreached("whether the role was active beforehand was not observed")
	case len(o.Active) > 0:
		return failed(RoleAlreadyActive, "the role was active already (%s): PIM answers RoleAssignmentExists and asks for nothing", o.Active[0].Type)
	default:
		return held("the role was not active beforehand")
	}
}

func (o Observation) roleEligible() finding {
	switch {
	case o.Eligible:
		return held("the admin is eligible for the role at %s", o.Role.DirectoryScopeID)
	case o.Setting.PolicyID == "", o.Failure != nil && o.Failure.Code != RoleNotEligible:
		return unreached("whether the admin is eligible was not observed")
	default:
		return failed(RoleNotEligible, "the admin is not eligible for the role at %s", o.Role.DirectoryScopeID)
	}
}

// stepUpNotForced looks at the authorize request of each step-up. A prompt that the client asked for
// itself says nothing about the tenant's policy.
func (o Observation) stepUpNotForced() finding {
	if len(o.Activations) == 0 {
		return unreached("no activation was tried")
	}
	for _, a := range o.Activations {
		request := a.StepUp.Authorize
		others := without(request.Contexts, append(a.demanded(), o.Setting.ContextID)...)
		switch {
		case len(request.Forced) > 0:
			return failed(ClientForcedPrompt, "the client itself forced the prompt, by %s", strings.Join(request.Forced, ", "))
		case len(others) > 0 && needsContext(o):
			return failed(ClientForcedPrompt, "the client asked for more than the context %s: %s", o.Setting.ContextID, strings.Join(others, ", "))
		case ScreenOf(a) == ScreenPrompted && (request.At.IsZero() || len(request.Contexts) == 0 && needsContext(o)):
			return unobserved("the authorize request that led to the prompt was not seen")
		}
	}
	return held("no authorize request of a step-up forced a prompt by itself")
}

// demanded are the contexts that the server itself asked the client for. Of the portal only its own
// authorize request is seen, which excuses nothing.
func (a Activation) demanded() []string {
	if a.Challenge == nil || a.Challenge.Source != "graph" {
		return nil
	}
	return a.Challenge.Contexts
}

func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}
