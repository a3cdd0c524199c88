package evidence

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// pictureSlack is for how long after the answer a picture still shows the activation.
const pictureSlack = 2 * time.Minute

// moment is one line of the timeline.
type moment struct {
	At       string
	Since    string // since the proof began
	Title    string
	Text     string
	Class    string // good, bad, ask or plain: the dot
	Pictures []pictureView
	at       time.Time
	// activated is true for the try of a token that made the role active: it is given back next.
	activated bool
}

// timeline tells the proof in order, by the tenant's clock. What has no time of its own stands
// behind what came before it.
func timeline(o verdict.Observation, events []Event, pictures album) []moment {
	var all []moment
	all = append(all, passMoments("Signed in", o.SignIn, pictures)...)
	all = append(all, primingMoments(o.Priming, pictures)...)
	for _, p := range o.Probes {
		all = append(all, probeMoment(p))
	}
	for _, r := range o.Replays {
		all = append(all, replayMoment(r))
	}
	for _, a := range o.Activations {
		all = append(all, activationMoments(a, pictures)...)
	}
	all = append(all, otherPictures(o, pictures)...)
	all = append(all, closing(o, events, pictures)...)
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	return dated(withWaits(all), o.Started)
}

// effectClasses are the dots of the events that say what became of a change.
var effectClasses = map[string]string{Effect: "plain", EffectSeen: "good", EffectNotSeen: "bad"}

// effectMoments are the changes that were made before the proof, with when each was obeyed. One that was not
// looked for is plain; where the same is said of several in a row, it is said once.
func effectMoments(events []Event) []moment {
	var all []moment
	for _, e := range events {
		class, ok := effectClasses[e.Kind]
		if !ok || e.At == nil || class == "plain" && len(all) > 0 && all[len(all)-1].alike(e.Text) {
			continue
		}
		all = append(all, moment{At: timeOfDay(*e.At), Text: sentence(e.Text), Class: class})
	}
	return all
}

// alike takes up a change of which the same is said as of those that the moment tells of, and reports whether
// it is one.
func (m *moment) alike(text string) bool {
	object, said, ok := strings.Cut(text, ": ")
	others, same := strings.CutSuffix(m.Text, ": "+strings.TrimSuffix(said, ".")+".")
	if !ok || !same || m.Class != "plain" {
		return false
	}
	m.Text = others + ", " + object + strings.TrimPrefix(m.Text, others)
	return true
}

// passMoments tell one pass through the sign-in pages.
func passMoments(title string, pass verdict.Authentication, pictures album) []moment {
	var all []moment
	for _, page := range pass.Pages {
		all = append(all, pageMoment(page, pictures))
	}
	if !pass.Finished.IsZero() {
		all = append(all, moment{at: pass.Finished, Title: title, Text: asked(pass.Pages), Class: "good"})
	}
	return all
}

func asked(pages []verdict.PageVisit) string {
	var factors []string
	for _, p := range pages {
		if p.Factor != "" && p.Sent && !slices.Contains(factors, p.Factor) {
			factors = append(factors, p.Factor)
		}
	}
	if len(factors) == 0 {
		return "No credential was asked for."
	}
	return "With " + verdict.FactorNames(factors) + "."
}

func pageMoment(p verdict.PageVisit, pictures album) moment {
	m := moment{at: p.At, Title: "Page: " + strings.ReplaceAll(cmp.Or(p.Page, p.PGID), "-", " "), Class: "plain"}
	what := "no prompt"
	switch {
	case p.Factor != "" && p.StoodStill && p.Sent:
		m.Title, m.Class = "Asked for "+verdict.FactorName(p.Factor), "ask"
		what = fmt.Sprintf("stood still until the credential was sent at %s", timeOfDay(p.SentAt))
	case p.Factor != "" && !p.StoodStill:
		what = "went on by itself"
	case p.Factor != "":
		what = "asked; no credential was seen leaving"
	}
	m.Text = fmt.Sprintf("On %s: %s.", cmp.Or(p.Host, "an unknown host"), what)
	if view, ok := pictures.get(p.Screenshot); ok {
		m.Pictures = []pictureView{view}
	}
	return m
}

func primingMoments(p verdict.Priming, pictures album) []moment {
	if !p.Asked {
		return nil
	}
	all := passMoments("Primed: the context was asked for once", p.Authentication, pictures)
	if !p.Done {
		all = append(all, moment{at: p.Authentication.Started, Title: "Priming failed", Text: p.Text, Class: "bad"})
	}
	return all
}

func probeMoment(p verdict.Probe) moment {
	m := moment{at: p.At, Title: "Looked at the session, silently", Class: "good"}
	switch {
	case p.Alive && p.ID != nil:
		m.Text = "It lives; last authenticated at " + timeOfDay(p.ID.AuthTime) + "."
	case p.Dead:
		m.Text, m.Class = fmt.Sprintf("There is no session any more (AADSTS%d).", p.AADSTS), "bad"
	default:
		m.Text, m.Class = fmt.Sprintf("The look was refused (AADSTS%d). %s", p.AADSTS, p.Text), "bad"
	}
	return m
}

func replayMoment(r verdict.Replay) moment {
	m := moment{at: r.At, Title: "Tried " + replayName(r.Token), Text: answerInWords(r), Class: "plain"}
	switch {
	case r.Answer == verdict.AnswerRefused:
		m.Class = "good"
	case r.Answer == verdict.AnswerAccepted:
		m.Class, m.activated = "bad", r.Mode != "validation"
	}
	return m
}

func activationMoments(a verdict.Activation, pictures album) []moment {
	var all []moment
	add := func(at time.Time, class, title, format string, args ...any) {
		if !at.IsZero() {
			all = append(all, moment{at: at, Class: class, Title: title, Text: fmt.Sprintf(format, args...)})
		}
	}
	add(a.Requested, "plain", "Asked to activate the role", "The last authentication was %s old.", lasted(a.AuthAge))
	if c := a.Challenge; c != nil {
		add(c.At, "ask", "Challenged", "%s demands the context %s.", challengeSource(c.Source), strings.Join(c.Contexts, ", "))
	}
	for _, page := range a.StepUp.Pages {
		all = append(all, pageMoment(page, pictures))
	}
	add(a.TokenAt, "good", "New token", "Issued by %s.", cmp.Or(a.TokenHost, "a host that was not seen"))
	add(a.At, outcomeClass(a.Outcome), "Activation "+cmp.Or(a.Outcome, "not answered"), "HTTP %d %s", a.Status, a.Code)
	return all
}

func outcomeClass(outcome string) string {
	if outcome == "active" || outcome == "pending" {
		return "good"
	}
	return "bad"
}

func challengeSource(source string) string {
	if source == "portal" {
		return "The portal's authorize request"
	}
	return "PIM's answer"
}

// otherPictures are those that no page claims; each stands at the event before it.
func otherPictures(o verdict.Observation, pictures album) []moment {
	claimed := pagePictures(o)
	var all []moment
	for _, path := range pictures.order {
		if view, ok := pictures.get(path); ok && !claimed[path] {
			all = append(all, moment{at: view.after, Title: view.Alt, Class: "plain", Pictures: []pictureView{view}})
		}
	}
	return all
}

// pagePictures are the paths that the observation's pages and its failure name.
func pagePictures(o verdict.Observation) map[string]bool {
	claimed := signInPictures(o)
	if o.Failure != nil {
		claimed[o.Failure.Screenshot] = true
	}
	return claimed
}

// signInPictures are the paths of the pictures of sign-in pages.
func signInPictures(o verdict.Observation) map[string]bool {
	paths := map[string]bool{}
	passes := []verdict.Authentication{o.SignIn, o.Priming.Authentication}
	for _, a := range o.Activations {
		passes = append(passes, a.StepUp)
	}
	for _, pass := range passes {
		for _, page := range pass.Pages {
			paths[page.Screenshot] = true
		}
	}
	return paths
}

// closing is how the proof ended: broken, the role given back, or neither.
func closing(o verdict.Observation, events []Event, pictures album) []moment {
	var all []moment
	end := o.Finished
	if end.IsZero() && len(events) > 0 {
		for _, e := range events {
			if e.At != nil {
				end = *e.At
			}
		}
	}
	if f := o.Failure; f != nil {
		m := moment{at: end, Title: "Broke: " + string(f.Code), Text: f.Text, Class: "bad"}
		if view, ok := pictures.get(f.Screenshot); ok {
			m.Pictures = []pictureView{view}
		}
		all = append(all, m)
	}
	for _, a := range o.Activations {
		if a.Deactivated {
			all = append(all, moment{at: end, Title: givenBack, Text: fmt.Sprintf("Activation %d was deactivated.", a.N), Class: "good"})
		}
	}
	return all
}

// givenBack is the title of the last line of a proof that activated.
const givenBack = "Role given back"

// longWait is the shortest gap that the timeline tells as a wait.
const longWait = 3 * time.Minute

// withWaits puts a line where the proof waited: for the re-use windows, or for PIM's shortest
// activation.
func withWaits(all []moment) []moment {
	var told []moment
	var last time.Time
	var before moment
	for _, m := range all {
		if gap := m.at.Sub(last); !last.IsZero() && gap >= longWait {
			told = append(told, moment{
				at: last, Class: "wait", Title: "Waited " + lasted(gap),
				Text: waitedFor(before, m),
			})
		}
		before = m
		if m.at.After(last) {
			last = m.at
		}
		told = append(told, m)
	}
	return told
}

func waitedFor(before, next moment) string {
	if next.Title == givenBack || before.activated {
		return "PIM lets a role go only after five minutes."
	}
	return "Both re-use windows had to pass: five minutes in Conditional Access, ten in PIM."
}

// dated writes the times.
func dated(all []moment, started time.Time) []moment {
	for i, m := range all {
		all[i].At = timeOfDay(m.at)
		if !started.IsZero() && !m.at.Before(started) {
			d := m.at.Sub(started).Round(time.Second)
			all[i].Since = fmt.Sprintf("+%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
		}
	}
	return all
}
