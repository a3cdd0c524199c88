package evidence

import (
	"fmt"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// laneView is a stretch of a proof drawn to scale: laneWidth units from From to To.
type laneView struct {
	Title, From, To string
	Alt             string // the same in words
	Bars            []barView
	Marks           []markView
	Legend          []legendView
}

// barView lasts, markView is an instant. X and Width are in units of the drawing.
type (
	barView struct {
		X, Width float64
		Class    string
		Text     string
	}
	markView struct {
		X     float64
		Class string
		Text  string
	}
	legendView struct{ Class, Term, Text string }
)

// laneWidth is how many units a lane is wide, whatever it shows.
const laneWidth = 1000

// The windows in which an earlier sign-in still counts, as Microsoft documents them.
const (
	windowCA  = 5 * time.Minute
	windowPIM = 10 * time.Minute
)

// lanesOf draws the whole proof and, when there is one, each step-up: the waits take minutes and what they
// are for takes seconds.
func lanesOf(o verdict.Observation) []laneView {
	if o.Started.IsZero() || !o.Finished.After(o.Started) {
		return nil
	}
	lanes := []laneView{wholeLane(o)}
	for _, a := range o.Activations {
		if lane, ok := stepUpLane(a); ok {
			lanes = append(lanes, lane)
		}
	}
	return lanes
}

// scale turns instants into units.
type scale struct{ from, to time.Time }

func (s scale) x(at time.Time) float64 {
	part := at.Sub(s.from).Seconds() / s.to.Sub(s.from).Seconds()
	return min(1, max(0, part)) * laneWidth
}

// bar is at least two units wide, so that it is seen.
func (s scale) bar(from, to time.Time, class, text string) barView {
	return barView{X: s.x(from), Width: max(2, s.x(to)-s.x(from)), Class: class, Text: text}
}

func (l *laneView) explain(class, term, format string, args ...any) {
	l.Legend = append(l.Legend, legendView{class, term, fmt.Sprintf(format, args...)})
}

func wholeLane(o verdict.Observation) laneView {
	s := scale{o.Started, o.Finished}
	l := laneView{Title: "The whole proof", From: timeOfDay(o.Started), To: timeOfDay(o.Finished)}
	l.Alt = "The proof from " + l.From + " to " + l.To + ", drawn to scale."
	for _, pass := range []verdict.Authentication{o.SignIn, o.Priming.Authentication} {
		if pass.Finished.After(pass.Started) {
			l.Bars = append(l.Bars, s.bar(pass.Started, pass.Finished, "plain", "signed in, primed"))
		}
	}
	l.explain("plain", "Signed in, primed", "%s to %s", timeOfDay(o.SignIn.Started), timeOfDay(latest(o.SignIn.Finished, o.Priming.Authentication.Finished)))
	last := o.SignIn.Finished
	for i, a := range o.Activations {
		l.window(s, a, latest(last, a.AuthTimeBefore), i == 0)
		last = latest(a.At, a.AuthTimeAfter)
		if from := challenged(a); !from.IsZero() {
			l.Marks = append(l.Marks, markView{s.x(from), "ask", fmt.Sprintf("challenge %d at %s", a.N, timeOfDay(from))})
			l.explain("ask", fmt.Sprintf("Challenge %d", a.N), "%s, the last authentication was %s old", timeOfDay(from), lasted(a.AuthAge))
		}
		if !a.At.IsZero() {
			l.Marks = append(l.Marks, markView{s.x(a.At), outcomeClass(a.Outcome), "activation " + a.Outcome})
			l.explain(outcomeClass(a.Outcome), "Activation "+a.Outcome, "%s", timeOfDay(a.At))
			l.kept(s, o, i)
		}
	}
	for _, r := range o.Replays {
		if r.Answer == verdict.AnswerAccepted {
			l.Marks = append(l.Marks, markView{s.x(r.At), "bad", replayName(r.Token) + " accepted"})
			l.explain("bad", "Token accepted", "%s, %s", timeOfDay(r.At), replayName(r.Token))
		}
	}
	return l
}

// kept draws for how long the role stayed active until it was given back: five minutes at least, by PIM.
func (l *laneView) kept(s scale, o verdict.Observation, i int) {
	a, until := o.Activations[i], o.Finished
	if i+1 < len(o.Activations) {
		until = earliest(until, a.At.Add(windowCA)) // it was given back somewhere before the next
	}
	if !a.Deactivated || !until.After(a.At) {
		return
	}
	l.Bars = append(l.Bars, s.bar(a.At, until, "kept", "the role is active"))
	if i == 0 {
		l.explain("kept", "Role kept", "PIM lets it go after five minutes")
	}
}

// window draws how long an earlier authentication could still have counted before an activation.
func (l *laneView) window(s scale, a verdict.Activation, from time.Time, explain bool) {
	if from.IsZero() || !a.Requested.After(from) {
		return
	}
	ca, pim := earliest(from.Add(windowCA), a.Requested), earliest(from.Add(windowPIM), a.Requested)
	l.Bars = append(l.Bars, s.bar(from, ca, "ca", "within Conditional Access's five minutes"))
	if pim.After(ca) {
		l.Bars = append(l.Bars, s.bar(ca, pim, "pim", "within PIM's ten minutes"))
	}
	if a.Requested.After(pim) {
		l.Bars = append(l.Bars, s.bar(pim, a.Requested, "outside", "outside both windows"))
	}
	if explain {
		l.explain("ca", "Five minutes", "in which Conditional Access does not ask again")
		l.explain("pim", "Ten minutes", "in which PIM does not ask again")
		l.explain("outside", "Outside both", "nothing earlier can count any more")
	}
}

// stepUpLane is false where no challenge led to a token or an answer.
func stepUpLane(a verdict.Activation) (laneView, bool) {
	from, to := challenged(a), latest(a.At, a.TokenAt)
	if from.IsZero() || !to.After(from) {
		return laneView{}, false
	}
	s := scale{from, to}
	l := laneView{Title: fmt.Sprintf("Step-up %d, %s", a.N, lasted(to.Sub(from))), From: timeOfDay(from), To: timeOfDay(to)}
	l.Alt = fmt.Sprintf("From the challenge to the answer of activation %d, drawn to scale.", a.N)
	l.Marks = append(l.Marks, markView{0, "ask", "challenge"})
	l.explain("ask", "Challenge", "%s", timeOfDay(from))
	for _, page := range a.StepUp.Pages {
		if page.Factor == "" || !page.Sent {
			continue
		}
		l.Bars = append(l.Bars, s.bar(page.At, page.SentAt, "asked", "asked for "+verdict.FactorName(page.Factor)))
		l.explain("asked", "Asked for "+verdict.FactorName(page.Factor), "the page stood still for %s", lasted(page.SentAt.Sub(page.At)))
	}
	if !a.TokenAt.IsZero() {
		l.Marks = append(l.Marks, markView{s.x(a.TokenAt), "token", "new token"})
		l.explain("token", "New token", "%s after the challenge", lasted(a.TokenAt.Sub(from)))
	}
	if !a.At.IsZero() {
		l.Marks = append(l.Marks, markView{s.x(a.At), outcomeClass(a.Outcome), "activation " + a.Outcome})
		l.explain(outcomeClass(a.Outcome), "Activation "+a.Outcome, "%s after the challenge", lasted(a.At.Sub(from)))
	}
	return l, true
}

// challenged is when the challenge was seen, else zero.
func challenged(a verdict.Activation) time.Time {
	if a.Challenge == nil {
		return time.Time{}
	}
	return a.Challenge.At
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
