package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// witnessView is one witness's card.
type witnessView struct {
	Name     string
	Said     string // the witness's own word
	Class    string // good, bad or unseen: colour and icon
	Text     string
	Proves   string // and what it does not
	Lines    []fact
	Pictures []pictureView
}

// witnessViews tell the activation that the verdict turns on: the first that is not as it
// should be, else the first.
func witnessViews(o verdict.Observation, w verdict.Witnesses, pictures album) []witnessView {
	views := []witnessView{
		{Name: "Screen", Proves: screenProves, Said: w.Screen, Class: classOf(w.Screen, verdict.ScreenPrompted, verdict.ScreenNotPrompted)},
		{Name: "Token", Proves: tokenProves, Said: w.Token, Class: classOf(w.Token, verdict.TokenFresh, verdict.TokenStale, verdict.TokenFreshWithoutContext)},
		{Name: "Log", Proves: logProves, Said: w.Log, Class: classOf(w.Log, verdict.LogRequired, verdict.LogPreviouslySatisfied)},
	}
	if a, ok := turningPoint(o); ok {
		views[0].tellScreen(o, a, pictures)
		views[1].tellToken(o, a)
	} else {
		views[0].Text = "No activation was reached."
		views[1].Text = "No activation was reached."
	}
	if r, ok := o.AcceptedPlain(); ok && r.N > len(o.Activations) {
		views[0].tellAccepted(o, r)
		views[1].tellAccepted(o, r)
	}
	views[2].tellLog(o)
	return views
}

func classOf(said, good string, bad ...string) string {
	if said == good {
		return "good"
	}
	for _, b := range bad {
		if said == b {
			return "bad"
		}
	}
	return "unseen"
}

func turningPoint(o verdict.Observation) (verdict.Activation, bool) {
	for _, a := range o.Activations {
		if verdict.ScreenOf(a) != verdict.ScreenPrompted || a.AuthTimeAfter.Equal(a.AuthTimeBefore) {
			return a, true
		}
	}
	if len(o.Activations) == 0 {
		return verdict.Activation{}, false
	}
	return o.Activations[0], true
}

// tellAccepted tells why there is no step-up to tell of: a plain token activated the role before one.
func (v *witnessView) tellAccepted(o verdict.Observation, r verdict.Replay) {
	const text = "activated by a plain token: no step-up was reached."
	if len(o.Activations) == 0 {
		v.Text = "The role was " + text
	} else {
		v.Text += fmt.Sprintf(" The time after, number %d, the role was %s", r.N, text)
	}
	v.line("Plain token accepted", timeOfDay(r.At), lasted(r.Age)+" after it was issued")
}

func (v *witnessView) tellScreen(o verdict.Observation, a verdict.Activation, pictures album) {
	switch v.Said {
	case verdict.ScreenPrompted:
		v.Text = fmt.Sprintf("Between the challenge and the new token the admin was asked for %s.", verdict.FactorNames(a.Factors()))
	case verdict.ScreenNotPrompted:
		v.Text = fmt.Sprintf("The role became %s and no page asked for a credential.", a.Outcome)
	default:
		v.Text = "What was seen does not show whether a page asked."
	}
	if a.Challenge != nil {
		v.line("Challenge", timeOfDay(a.Challenge.At), "named "+strings.Join(a.Challenge.Contexts, ", "))
	}
	for _, page := range a.StepUp.Pages {
		if page.Factor != "" && page.Sent {
			v.line(capital(verdict.FactorName(page.Factor)), timeOfDay(page.SentAt), "sent from "+page.Host)
		}
	}
	v.line("Token", timeOfDay(a.TokenAt), "from "+a.TokenHost)
	v.Pictures = stepUpPictures(a, pictures)
	if len(v.Pictures) == 0 {
		v.Pictures = withoutLast(activationPictures(o, a, pictures))
	}
}

// tellToken shows claims and no picture: what a page showed is the screen's account.
func (v *witnessView) tellToken(o verdict.Observation, a verdict.Activation) {
	context := o.Setting.ContextID
	switch v.Said {
	case verdict.TokenFresh:
		v.Text = fmt.Sprintf("The session authenticated anew after the challenge, and only the token of that step-up holds %s.", context)
	case verdict.TokenStale:
		v.Text = "The session did not authenticate anew: auth_time stayed where it was."
	case verdict.TokenFreshWithoutContext:
		v.Text = "The session authenticated anew, but the token that activated the role holds no context."
	default:
		v.Text = "What was seen does not show when the session last authenticated."
	}
	v.line("auth_time before", timeOfDay(a.AuthTimeBefore), "")
	v.line("auth_time after", timeOfDay(a.AuthTimeAfter), moved(a))
	if o.Setting.RequiresContext() {
		v.line(context+" in plain tokens", plainHolds(o), "")
		v.line(context+" in activating token", activatingHolds(a, context), "")
	}
}

// wantingLog says why the log holds nothing to tell; empty when it has a row of a step-up.
func wantingLog(o verdict.Observation) string {
	switch {
	case o.Log == nil:
		return "was not asked"
	case o.Log.Text != "":
		return "could not be read, " + o.Log.Text
	case len(o.Activations) == 0:
		return "can have no row of a step-up: none was reached"
	case !slices.ContainsFunc(o.Log.Entries, func(e verdict.LogEntry) bool { return e.StepUp != nil }):
		return "has no row of the step-up yet"
	default:
		return ""
	}
}

func (v *witnessView) tellLog(o verdict.Observation) {
	v.Text = "What the tenant's own sign-in log says about the step-up. It confirms or disagrees; it never overrules."
	if wanting := wantingLog(o); wanting != "" {
		v.Text = sentence("The tenant's sign-in log " + wanting)
		if o.Log == nil || o.Log.Text == "" {
			v.Text += " It is late by nature and decides nothing alone."
		}
	}
	if o.Log == nil || o.Log.Text != "" {
		return
	}
	for _, entry := range o.Log.Entries {
		v.tellEntry(entry, len(o.Log.Entries) > 1)
	}
	v.line("Looked at", timeOfDay(o.Log.Asked), "")
}

// tellEntry tells the rows of one activation.
func (v *witnessView) tellEntry(entry verdict.LogEntry, numbered bool) {
	note := ""
	if numbered {
		note = fmt.Sprintf("activation %d", entry.N)
	}
	row := entry.StepUp
	if row == nil {
		v.line("Row of the step-up", "", note)
		return
	}
	v.line("Row of the step-up", timeOfDay(row.At), note)
	v.line("Interactive", yesNo(row.Interactive), row.RequestEvent)
	v.line("Context "+row.ContextID, row.Detail, "")
	v.line("Sign-in frequency every time", yesNo(row.EveryTime), "")
	if by := entry.Activation; by != nil && by.ID != row.ID {
		v.line("Row of the activation", timeOfDay(by.At), cmp.Or(by.Detail, by.RequestEvent))
	}
}

func (v *witnessView) line(label, text, note string) {
	if text == "" {
		text = "not seen"
	}
	v.Lines = append(v.Lines, fact{label, text, note})
}

func moved(a verdict.Activation) string {
	if a.AuthTimeBefore.IsZero() || a.AuthTimeAfter.IsZero() {
		return ""
	}
	if d := a.AuthTimeAfter.Sub(a.AuthTimeBefore); d != 0 {
		return lasted(d) + " later"
	}
	return "unchanged"
}

func plainHolds(o verdict.Observation) string {
	seen := false
	for _, r := range o.Replays {
		if r.Claims == nil || (r.Token != verdict.ReplayFirst && r.Token != verdict.ReplayPlain) {
			continue
		}
		if seen = true; r.Claims.HasContext(o.Setting.ContextID) {
			return "yes"
		}
	}
	if !seen {
		return ""
	}
	return "no"
}

func activatingHolds(a verdict.Activation, context string) string {
	if a.Token == nil {
		return ""
	}
	return yesNo(a.Token.HasContext(context))
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// stepUpPictures are the pictures of the pages that asked, in order.
func stepUpPictures(a verdict.Activation, pictures album) []pictureView {
	var views []pictureView
	for _, page := range a.StepUp.Pages {
		if view, ok := pictures.get(page.Screenshot); ok && page.Factor != "" {
			views = append(views, view)
		}
	}
	return views
}

// activationPictures are those taken from the request to shortly after the answer that no
// page claims: what the portal showed of the activation.
func activationPictures(o verdict.Observation, a verdict.Activation, pictures album) []pictureView {
	claimed := pagePictures(o)
	var views []pictureView
	for _, path := range pictures.order {
		view, ok := pictures.get(path)
		if ok && !claimed[path] && !a.At.IsZero() && !view.after.Before(a.Requested) && !view.after.After(a.At.Add(pictureSlack)) {
			views = append(views, view)
		}
	}
	return views
}

// withoutLast leaves out the last of several pictures, which shows what became of the activation
// and not whether somebody asked: it stands in the timeline.
func withoutLast(views []pictureView) []pictureView {
	if len(views) < 2 {
		return views
	}
	return views[:len(views)-1]
}
