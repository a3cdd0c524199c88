package evidence

import (
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// predictionView lays what Microsoft's What-If foretold beside what happened.
type predictionView struct {
	Text     string // one sentence
	Foretold string // in words; empty when there is no answer
	Happened string
	Policies []verdict.PredictedPolicy
}

// predictionOf is nil where What-If was not asked.
func predictionOf(o verdict.Observation) *predictionView {
	p := o.Prediction
	switch {
	case p == nil || !p.Asked:
		return nil
	case !p.Given():
		return &predictionView{Text: sentence("Microsoft's What-If gave no answer, " + p.Text)}
	}
	v := &predictionView{Foretold: foretoldInWords[p.Foretells()], Happened: happenedInWords[o.Became()], Policies: p.Applies}
	v.Text = "Microsoft's What-If was asked before anything was tried. It advises and is no part of the verdict."
	if came := o.CameTrue(); came != nil && !*came {
		v.Text += " Here it did not foretell what happened."
	}
	return v
}

// foretoldInWords and happenedInWords are for people what verdict says of a sign-in.
var (
	foretoldInWords = map[string]string{
		verdict.SignInBlocked:     "The sign-in would be blocked",
		verdict.SignInNeedsDevice: "A compliant or joined device is demanded",
		verdict.SignInPrompts:     "A sign-in is asked for",
		verdict.SignInGoesUnasked: "No sign-in is asked for",
	}
	happenedInWords = map[string]string{
		verdict.SignInBlocked:     "The sign-in was blocked",
		verdict.SignInNeedsDevice: "A compliant or joined device was demanded",
		verdict.SignInPrompts:     "A sign-in was asked for",
		verdict.SignInGoesUnasked: "No sign-in was asked for",
		verdict.NotObserved:       "Not observed",
	}
)

// predictionInWords is the prediction in a few words for a terminal; empty where What-If was not
// asked.
func predictionInWords(o *verdict.Observation) string {
	if o == nil {
		return ""
	}
	v := predictionOf(*o)
	if v == nil {
		return ""
	}
	if v.Foretold == "" {
		return o.Prediction.Text
	}
	text := "by What-If: " + strings.ToLower(v.Foretold[:1]) + v.Foretold[1:]
	if came := o.CameTrue(); came != nil && !*came {
		text += "; it came otherwise"
	}
	return text
}
