package evidence

import (
	"fmt"
	"path"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

// The steps of a proof in which the admin passes the sign-in pages, and the kinds of events that
// package activation notes there. What a picture shows happened in its step, behind the navigation to
// its page and, in a step-up, behind the challenge that led to it.
const (
	stepSignIn   = "sign in"
	stepPrime    = "prime the session"
	stepActivate = "activate the role"

	kindStep      = "step"
	kindPage      = "page"
	kindChallenge = "challenge"
)

// pictures verifies that every picture is the one that was noted, stands in the chain once, and
// stands there where what the observation says of it happened.
func (p *proof) pictures() {
	at := map[string]int{} // index of the event of each picture
	for i, e := range p.events {
		if e.Path == "" {
			continue
		}
		file, there := p.known[e.Path]
		_, twice := at[e.Path]
		switch {
		case path.Dir(e.Path) != p.record.Dir || e.Kind != kindScreenshot || twice:
			p.problem(PictureOutOfPlace, p.file(eventsName), "event %d names the picture %q, which is not its own, or once more", e.N, printable(e.Path))
		case there && file.SHA256 != e.Picture:
			p.problem(PictureChanged, e.Path, "it is not the picture that event %d noted when it was taken", e.N)
		case !there:
			p.problem(FileMissing, e.Path, "event %d names it, and it is not there", e.N)
		}
		at[e.Path] = i
	}
	for name := range p.known {
		if _, noted := at[name]; !noted && path.Dir(name) == p.record.Dir && strings.HasSuffix(name, ".png") {
			p.problem(PictureOutOfPlace, name, "no event noted that it was taken")
		}
	}
	places := placesOf(p.events)
	for _, pass := range passesOf(p.observation) {
		for _, page := range pass.pages {
			if page.Screenshot == "" {
				continue
			}
			if why := pass.misplaced(p.events, places, at, page); why != "" {
				p.problem(PictureOutOfPlace, page.Screenshot, "%s", why)
			}
		}
	}
}

// pass is one pass through the sign-in pages, and the step in which it happened.
type pass struct {
	step       string
	n          int // which step of that name
	challenged bool
	pages      []verdict.PageVisit
}

func passesOf(o verdict.Observation) []pass {
	passes := []pass{
		{step: stepSignIn, n: 1, pages: o.SignIn.Pages},
		{step: stepPrime, n: 1, pages: o.Priming.Authentication.Pages},
	}
	for _, a := range o.Activations {
		passes = append(passes, pass{step: stepActivate, n: a.N, challenged: a.Challenge != nil, pages: a.StepUp.Pages})
	}
	return passes
}

// misplaced says why the picture of a page does not stand where the page was passed; empty when it
// does.
func (s pass) misplaced(events []Event, places []place, at map[string]int, page verdict.PageVisit) string {
	i, noted := at[page.Screenshot]
	if !noted {
		return fmt.Sprintf("the observation shows it for the page %q, and no event noted that it was taken", printable(page.Page))
	}
	if i == 0 || events[i-1].Kind != kindPage || !strings.HasSuffix(events[i-1].Text, page.Page) {
		return fmt.Sprintf("the observation shows it for the page %q, and it does not stand behind the navigation to that", printable(page.Page))
	}
	switch {
	case places[i].step != s.step || places[i].n != s.n:
		return fmt.Sprintf("the observation shows it in the step %q (%d), and it was taken in %q (%d)", s.step, s.n, printable(places[i].step), places[i].n)
	case s.challenged && !places[i].challenged:
		return "the observation shows it in a step-up, and no challenge stands before it"
	}
	return ""
}

// place is where in a proof an event stands: in the nth step of a name, behind a challenge or not.
type place struct {
	step       string
	n          int
	challenged bool
}

func placesOf(events []Event) []place {
	places, n := make([]place, len(events)), map[string]int{}
	var now place
	for i, e := range events {
		switch e.Kind {
		case kindStep:
			n[e.Text]++
			now = place{step: e.Text, n: n[e.Text]}
		case kindChallenge:
			now.challenged = true
		}
		places[i] = now
	}
	return places
}
