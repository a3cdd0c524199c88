package activation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/verdict"
)

// throughPortal activates on the PIM page of the admin centre, as an admin does. The page reads
// the role setting first and steps up before it posts, so the challenge is the authorize request
// on the wire whose claims name the context.
func (p *proof) throughPortal(ctx context.Context) (broke error) {
	tab, err := p.Session.NewTab(ctx)
	if err != nil {
		return fmt.Errorf("open a tab for the portal: %w", err)
	}
	defer func() { p.leaveTab(ctx, tab, broke) }()
	if err := p.openPortal(ctx, tab); err != nil {
		return err
	}
	record := p.authentication("step-up")
	givenBack, err := p.note(ctx)
	if err != nil {
		return err
	}
	answers := p.Session.Wiretap().Watch(browser.Answered, isActivation)
	defer answers.Stop()
	since := time.Now()
	record.before = p.noteChallenge(since)
	done, err := p.portal(tab, record).Activate(ctx, p.request.Role.Name, entra.ActivateOptions{
		Duration: p.request.Duration, Reason: p.request.Justification,
		TicketNumber: p.request.TicketNumber, TicketSystem: p.request.TicketSystem,
	})
	if err == nil {
		err = p.awaitAnswer(ctx, answers)
	}
	record.before() // a challenge that no page came of
	record.seen.Finished = p.now()
	p.current().StepUp = record.seen
	seen := readWire(p.Session.Wiretap().History(nil), since, p.seen.Setting.ContextID)
	p.fromWire(seen)
	p.keepFromWire(seen)
	return p.afterPortal(ctx, done, givenBack, err)
}

// noteChallenge notes, once, the authorize request that names the context, as soon as it went over
// the wire: what it leads to stands behind it in the evidence.
func (p *proof) noteChallenge(since time.Time) func() {
	noted := false
	return func() {
		if noted {
			return
		}
		if asked := readWire(p.Session.Wiretap().History(isAuthorize), since, p.seen.Setting.ContextID).stepUp; asked != nil {
			noted = true
			p.event("challenge", "the portal asks for %v (authorize request)", p.authorizeRequest(*asked).Contexts)
		}
	}
}

func (p *proof) portal(tab *browser.Tab, record *authentication) *entra.Portal {
	return &entra.Portal{
		Tab: tab, URL: p.PortalURL, Labels: p.PortalLabels, SignIn: p.driver(tab, record), Timeout: 2 * p.PageTimeout,
		OnPicture: func(stage string, png []byte) { p.screenshot("portal-"+stage, "the portal: "+stage, png) },
		OnLook:    p.looker("the portal"),
	}
}

// openPortal opens the list of the admin's roles. The session of step 2 lets the portal in; a
// credential that is asked for here is another policy's, and makes the session young again.
func (p *proof) openPortal(ctx context.Context, tab *browser.Tab) error {
	record := p.authentication("portal")
	err := p.portal(tab, record).OpenMyRoles(ctx)
	record.seen.Finished = p.now()
	p.seen.Entries = append(p.seen.Entries, record.seen)
	if err != nil {
		return err
	}
	for _, page := range record.seen.Pages {
		if page.Factor != "" {
			return &NotReadyError{verdict.OtherPolicyPrompts, fmt.Sprintf(
				"opening the portal itself asked for the %s: another policy prompts there, so a prompt at activation would show nothing; try --way graph", page.Factor)}
		}
	}
	return nil
}

// answerPatience bounds the wait for the wiretap to complete what the page has already reported.
const answerPatience = 10 * time.Second

// awaitAnswer waits until the wiretap has the accepted activation complete: the page may tell of
// it a moment earlier.
func (p *proof) awaitAnswer(ctx context.Context, answers *browser.Watch) error {
	bounded, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	for {
		e, err := answers.Next(bounded)
		if err != nil {
			return fmt.Errorf("see the activation on the wire: %w", err)
		}
		if outcome, _ := outcomeOnWire(e); outcome != "refused" {
			return nil
		}
	}
}

// afterPortal settles what has to be given back, and what to make of an error of the page.
func (p *proof) afterPortal(ctx context.Context, done entra.Activated, givenBack func(context.Context) error, err error) error {
	current := p.current()
	switch {
	case current.Outcome == "active" || current.Outcome == "pending":
		p.given = &granted{at: current.At, n: current.N, pending: current.Outcome == "pending", done: givenBack}
		p.event("activation", "the activation was answered HTTP %d: %s", current.Status, current.Outcome)
	case done.Submitted.IsZero() || current.Outcome == "refused" && current.Status < http.StatusInternalServerError:
		err = errors.Join(err, givenBack(context.WithoutCancel(ctx))) // nothing became active
	default: // sent, and no answer was seen, or one that says nothing: the journal keeps it, and giveBack will ask
		p.given = &granted{at: p.now(), n: current.N, done: givenBack}
	}
	var said *entra.PortalError
	if errors.As(err, &said) && current.Outcome == "refused" {
		return errors.Join(&refusedError{answer: graph.Answer{
			Status: current.Status, Code: current.Code, Message: said.Text, RequestID: current.RequestID,
		}}, err)
	}
	return err
}

// clearStorage empties what the portal's pages stored, so that the second activation measures the
// tenant and not a token cache. The sign-in host's cookies stay.
func (p *proof) clearStorage(ctx context.Context) error {
	signInHost := hostOf(p.Client.Authority)
	seen := map[string]bool{}
	var origins []string
	for _, e := range p.Session.Wiretap().History(func(e browser.Exchange) bool { return e.Resource == "Document" }) {
		address, err := url.Parse(e.URL)
		if err != nil || address.Scheme != "https" || address.Host == signInHost || seen[address.Host] {
			continue
		}
		seen[address.Host] = true
		origins = append(origins, "https://"+address.Host)
	}
	if len(origins) == 0 {
		return nil
	}
	tab, err := p.Session.NewTab(ctx) // the browser clears by way of a tab
	if err != nil {
		return fmt.Errorf("open a tab: %w", err)
	}
	defer func() { _ = tab.Close(context.WithoutCancel(ctx)) }()
	if err := p.Session.ClearStorage(ctx, origins...); err != nil {
		return fmt.Errorf("clear the storage of the portal's pages: %w", err)
	}
	return nil
}
