package verdict

import (
	"slices"
	"time"
)

// Prediction is what Microsoft's What-If said before the activation of a sign-in of this admin that
// asks for the context of the role setting. It is an adviser: Decide does not look at it.
//
// What-If reads configuration. It knows neither the session nor what it was satisfied with, and of
// the sign-in only what it is told: it is told the admin, the context and a browser, not the
// address, the device or the risk.
type Prediction struct {
	At time.Time `json:"at"` // when it was asked
	// Asked is false where the role setting names no context, so that there was nothing to ask.
	Asked bool `json:"asked"`
	// Text says why there is no answer, for example for want of a permission; empty when there is.
	Text string `json:"text"`
	// Applies are the policies that What-If says would apply; empty when it says that none would.
	Applies []PredictedPolicy `json:"applies"`
}

// PredictedPolicy is a policy that would apply.
type PredictedPolicy struct {
	ID     string   `json:"id"`     // object id
	Name   string   `json:"name"`   // display name
	State  string   `json:"state"`  // as in Policy
	Grants []string `json:"grants"` // as in Policy
	// GrantOperator is AND, OR or empty.
	GrantOperator string     `json:"grant_operator,omitempty"`
	Strength      string     `json:"strength"` // id of an authentication strength
	Frequency     *Frequency `json:"frequency"`
}

// Given reports whether What-If gave an answer.
func (p *Prediction) Given() bool { return p != nil && p.Asked && p.Text == "" }

// What becomes of a sign-in, foretold and seen.
const (
	SignInBlocked     = "blocked"      // a policy refuses it outright
	SignInNeedsDevice = "device"       // a compliant or joined device is demanded
	SignInPrompts     = "prompts"      // a credential is asked for
	SignInGoesUnasked = "goes-unasked" // nobody is asked for anything
)

// firstSignIn is the step of a proof that asks for no context.
const firstSignIn = "sign in"

// Foretells is what the policies that are on and apply make of the sign-in: SignInBlocked before
// SignInNeedsDevice before SignInPrompts before SignInGoesUnasked; empty unless Given.
func (p *Prediction) Foretells() string {
	if !p.Given() {
		return ""
	}
	switch {
	case p.any(PredictedPolicy.blocks):
		return SignInBlocked
	case p.any(PredictedPolicy.needsDevice):
		return SignInNeedsDevice
	case p.Prompt():
		return SignInPrompts
	default:
		return SignInGoesUnasked
	}
}

// any reports whether a policy that is on and applies does so.
func (p *Prediction) any(does func(PredictedPolicy) bool) bool {
	return slices.ContainsFunc(p.Applies, func(policy PredictedPolicy) bool { return policy.State == stateEnabled && does(policy) })
}

func (p PredictedPolicy) blocks() bool { return slices.Contains(p.Grants, grantBlock) }

// needsDevice reports whether nothing but a device that the tenant knows satisfies the policy.
func (p PredictedPolicy) needsDevice() bool {
	return demandsDevice(p.Grants, p.GrantOperator, p.Strength)
}

func (p PredictedPolicy) everyTime() bool {
	f := p.Frequency
	return f != nil && f.Enabled && f.Interval == everyTime
}

// Prompt reports whether a session in which every grant control is satisfied already would be
// asked for a credential: whether a policy that is on and applies wants a sign-in every time, and
// none refuses it outright. It means nothing unless Given.
func (p *Prediction) Prompt() bool {
	return p.Given() && !p.any(PredictedPolicy.blocks) && p.any(PredictedPolicy.everyTime)
}

// Became is what was seen to become of the sign-in that the prediction is about, by one of the
// words of Foretells; NotObserved where nothing was. A plain token that was accepted is an
// activation without any prompt. A refusal of the first sign-in, which asks for no context, is none
// of the sign-in that What-If was asked about.
func (o Observation) Became() string {
	if _, accepted := o.AcceptedPlain(); accepted {
		return SignInGoesUnasked
	}
	switch o.witnesses().Screen {
	case ScreenPrompted:
		return SignInPrompts
	case ScreenNotPrompted:
		return SignInGoesUnasked
	}
	if o.Failure != nil && o.Failure.Step != firstSignIn {
		switch o.Failure.Code {
		case PolicyBlocksSignIn:
			return SignInBlocked
		case DeviceRequired:
			return SignInNeedsDevice
		}
	}
	return NotObserved
}

// CameTrue lays the prediction beside what happened: nil when What-If gave no answer or nothing that
// it is about was seen. A device that is demanded may have been at hand: then the frequency decides.
// A prediction that did not come true is no fault of the tenant: it is something to look at.
func (o Observation) CameTrue() *bool {
	foretold, became := o.Prediction.Foretells(), o.Became()
	if foretold == "" || became == NotObserved {
		return nil
	}
	if foretold == SignInNeedsDevice && became != SignInBlocked && became != SignInNeedsDevice {
		foretold = SignInGoesUnasked
		if o.Prediction.Prompt() {
			foretold = SignInPrompts
		}
	}
	did := foretold == became
	return &did
}
