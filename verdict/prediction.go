package verdict

import "time"

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
	ID        string     `json:"id"`       // object id
	Name      string     `json:"name"`     // display name
	State     string     `json:"state"`    // as in Policy
	Grants    []string   `json:"grants"`   // as in Policy
	Strength  string     `json:"strength"` // id of an authentication strength
	Frequency *Frequency `json:"frequency"`
}

// Given reports whether What-If gave an answer.
func (p *Prediction) Given() bool { return p != nil && p.Asked && p.Text == "" }

// Prompt reports whether a session in which every grant control is satisfied already would be
// asked for a credential: whether a policy that is on and applies wants a sign-in every time.
// It means nothing unless Given.
func (p *Prediction) Prompt() bool {
	if !p.Given() {
		return false
	}
	for _, policy := range p.Applies {
		f := policy.Frequency
		if policy.State == "enabled" && f != nil && f.Enabled && f.Interval == "everyTime" {
			return true
		}
	}
	return false
}

// CameTrue lays the prediction beside what the screen saw: nil when What-If gave no answer or the
// screen saw neither. A prediction that did not come true is no fault of the tenant: it is something
// to look at.
func (o Observation) CameTrue() *bool {
	screen := o.witnesses().Screen
	if !o.Prediction.Given() || screen == NotObserved {
		return nil
	}
	did := o.Prediction.Prompt() == (screen == ScreenPrompted)
	return &did
}
