package entra

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/telemetry"
)

// ActivateOptions say what to fill in.
type ActivateOptions struct {
	// Duration of the activation; zero leaves the page's own. The page takes half hours.
	Duration time.Duration
	// Reason is the justification. TicketNumber and TicketSystem are filled in where the page
	// has fields for them.
	Reason, TicketNumber, TicketSystem string
}

// Outcome is what the portal said came of an activation.
type Outcome string

// Outcomes of an activation.
const (
	OutcomeActive    Outcome = "active"
	OutcomePending   Outcome = "pending"   // it waits for an approval
	OutcomeScheduled Outcome = "scheduled" // it begins later
	OutcomeAccepted  Outcome = "accepted"  // it was accepted and is not there yet
)

// Activated is what happened on the page. Times are the tenant's clock. That the page said
// "completed" does not prove that the role is active: ask Graph.
type Activated struct {
	// Banners are the instants at which the page demanded additional verification.
	Banners []time.Time
	// Submitted is when the button was pressed that sends the activation.
	Submitted time.Time
	Outcome   Outcome
}

// maxBanners bounds how often a page may demand verification for one activation.
const maxBanners = 2

// ErrBannerLoop is a page that demands verification again though it was given.
var ErrBannerLoop = errors.New("the portal demands additional verification again and again")

// Activate activates a role (or a group membership) of which My roles is open: it opens the
// pane, follows the banner through the sign-in pages where one is shown, fills in the form and
// sends it, and waits for the outcome. What the page itself refuses is a *PortalError; besides
// there are the errors of SignIn.Authorize, and *browser.PageError for a page that did not
// show what was waited for.
func (p *Portal) Activate(ctx context.Context, role string, options ActivateOptions) (_ Activated, err error) {
	ctx, span := telemetry.Start(ctx, "page portal activate")
	defer func() { span.EndWith(err) }()
	popups := p.Tab.Session().Popups()
	defer popups.Stop()
	a := &activating{Portal: p, ctx: ctx, popups: popups, role: role, options: options}
	err = a.open()
	for err == nil && a.result.Outcome == "" {
		err = a.step()
	}
	if err != nil {
		return a.result, fmt.Errorf("activate %s in the portal: %w", role, err)
	}
	p.picture(ctx, "outcome")
	return a.result, nil
}

// activating is one activation under way.
type activating struct {
	*Portal
	ctx     context.Context
	popups  *browser.Popups
	role    string
	options ActivateOptions
	result  Activated
}

// pane is the pane for the role.
func (a *activating) pane() choice { return paneOf("pane", a.labels().ActivateTitle, a.role) }

func paneOf(name string, titles []string, role string) choice {
	var names []string
	for _, title := range titles {
		names = append(names, title+role)
	}
	return choice{name, browser.Query{Roles: panes, Names: names}}
}

func (a *activating) open() error {
	return a.openRow(a.ctx, a.popups, a.labels().Eligible, a.labels().Activate, a.role)
}

// step does what the pane asks for next: verification, or the form.
func (a *activating) step() error {
	pane, err := a.awaitWith(a.ctx, a.popups, "wait for the pane", a.pane())
	if err != nil {
		return err
	}
	next, err := a.awaitWith(a.ctx, a.popups, "wait for the form", a.banner(pane.element), a.reasonField(pane.element), a.anyField(pane.element))
	if errors.Is(err, browser.ErrNavigated) {
		return nil // the pane was drawn anew; look again
	}
	if err != nil {
		return err
	}
	if next.name == "banner" {
		return a.verify(next.element)
	}
	return a.submit(pane.element)
}

func (a *activating) banner(pane *browser.Element) choice {
	return choice{"banner", browser.Query{Roles: pressable, Names: a.banners(), Contains: true, Within: pane}}
}

func (a *activating) reasonField(pane *browser.Element) choice {
	return choice{"reason", browser.Query{Roles: []string{"textbox"}, Names: a.labels().Reason, Within: pane}}
}

// anyField is a form of a role whose setting demands no reason.
func (a *activating) anyField(pane *browser.Element) choice {
	return choice{"field", browser.Query{Roles: rangeRoles, Names: a.labels().Duration, Within: pane}}
}

// verify presses the banner and answers the pages that it leads to, until the pane is there
// again: where the page leaves to sign in, its pane opens again by itself (inferred).
func (a *activating) verify(banner *browser.Element) error {
	if len(a.result.Banners) == maxBanners {
		return ErrBannerLoop
	}
	a.result.Banners = append(a.result.Banners, a.SignIn.now())
	a.picture(a.ctx, "banner")
	if err := a.press(a.ctx, banner); err != nil && !errors.Is(err, browser.ErrNavigated) {
		return err
	}
	return a.awaitGone(banner)
}

// awaitGone waits until the pressed banner is no more, by its document leaving or by the page
// taking it away, and answers the sign-in pages in between.
func (a *activating) awaitGone(banner *browser.Element) error {
	for {
		bounded, cancel := context.WithTimeout(a.ctx, a.timeout())
		err := a.Tab.AwaitRemoved(bounded, banner, func() bool { return a.popups.Pending() || !a.atHome() })
		cancel()
		if still := new(browser.PageError); errors.As(err, &still) && a.ctx.Err() == nil {
			return fmt.Errorf("the button %q was pressed and led nowhere, to no sign-in page and to no window (a browser that blocks popups does that): %w", banner.Name, err)
		}
		if !errors.Is(err, browser.ErrStopped) {
			return err
		}
		if err := a.signIn(a.ctx, a.popups); err != nil {
			return err
		}
	}
}

// submit fills in the form and sends it.
func (a *activating) submit(pane *browser.Element) error {
	fields := []struct {
		roles, names []string
		value        string
	}{
		{rangeRoles, a.labels().Duration, hours(a.options.Duration)},
		{[]string{"textbox"}, a.labels().TicketNumber, a.options.TicketNumber},
		{[]string{"textbox"}, a.labels().TicketSystem, a.options.TicketSystem},
		{[]string{"textbox"}, a.labels().Reason, a.options.Reason},
	}
	for _, field := range fields {
		if field.value == "" {
			continue
		}
		element, _, err := a.Tab.Now(a.ctx, browser.Query{Roles: field.roles, Names: field.names, Within: pane})
		if err != nil {
			return err
		}
		if element != nil {
			if err := element.Fill(a.ctx, field.value); err != nil {
				return err
			}
		}
	}
	// The banner may have come after the fields.
	send, err := a.awaitWith(a.ctx, a.popups, "wait until the form can be sent", a.banner(pane),
		choice{"send", browser.Query{Roles: []string{"button"}, Names: a.labels().Activate, Enabled: true, Within: pane}})
	if err != nil {
		return err
	}
	if send.name == "banner" {
		return a.verify(send.element)
	}
	a.picture(a.ctx, "form")
	a.result.Submitted = a.SignIn.now()
	if err := a.press(a.ctx, send.element); err != nil {
		return err
	}
	return a.outcome(pane)
}

// hours writes a duration the way the page takes it; "" for zero.
func hours(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatFloat(d.Hours(), 'f', -1, 64)
}

// outcome waits for what the page says, or for the banner that an unexpected challenge brings.
func (a *activating) outcome(pane *browser.Element) error {
	says := func(outcome Outcome, names []string) choice {
		return choice{string(outcome), browser.Query{Roles: textRoles, Names: names, Contains: true}}
	}
	got, err := a.awaitWith(a.ctx, a.popups, "wait for the outcome",
		says(OutcomeActive, a.labels().Activated), says(OutcomePending, a.labels().Pending),
		says(OutcomeScheduled, a.labels().Scheduled), says(OutcomeAccepted, a.labels().Accepted),
		a.banner(pane))
	if err != nil {
		return err
	}
	if got.name == "banner" {
		return a.verify(got.element)
	}
	a.result.Outcome = Outcome(got.name)
	return nil
}

// Deactivate gives an active role back. PIM refuses that in the first five minutes
// (documented); that is a *PortalError.
func (p *Portal) Deactivate(ctx context.Context, role, reason string) (err error) {
	ctx, span := telemetry.Start(ctx, "page portal deactivate")
	defer func() { span.EndWith(err) }()
	popups := p.Tab.Session().Popups()
	defer popups.Stop()
	if err := p.deactivate(ctx, popups, role, reason); err != nil {
		return fmt.Errorf("deactivate %s in the portal: %w", role, err)
	}
	p.picture(ctx, "outcome")
	return nil
}

func (p *Portal) deactivate(ctx context.Context, popups *browser.Popups, role, reason string) error {
	if err := p.openRow(ctx, popups, p.labels().Active, p.labels().Deactivate, role); err != nil {
		return err
	}
	pane, err := p.awaitWith(ctx, popups, "wait for the pane", paneOf("pane", p.labels().DeactivateTitle, role))
	if err != nil {
		return err
	}
	send, err := p.awaitWith(ctx, popups, "wait until the form can be sent",
		choice{"send", browser.Query{Roles: []string{"button"}, Names: p.labels().Deactivate, Enabled: true, Within: pane.element}})
	if err != nil {
		return err
	}
	field, _, err := p.Tab.Now(ctx, browser.Query{Roles: []string{"textbox"}, Names: p.labels().Reason, Within: pane.element})
	if err != nil {
		return err
	}
	if field != nil && reason != "" {
		if err := field.Fill(ctx, reason); err != nil {
			return err
		}
	}
	if err := p.press(ctx, send.element); err != nil {
		return err
	}
	_, err = p.awaitWith(ctx, popups, "wait for the outcome",
		choice{"done", browser.Query{Roles: textRoles, Names: p.labels().Deactivated, Contains: true}})
	return err
}

// openRow shows a tab of the list and presses a control in the row of a role.
func (p *Portal) openRow(ctx context.Context, popups *browser.Popups, list, control []string, role string) error {
	tab, err := p.awaitWith(ctx, popups, "wait for My roles", choice{"tab", browser.Query{Roles: []string{"tab"}, Names: list}})
	if err != nil {
		return err
	}
	if err := tab.element.Click(ctx); err != nil {
		return err
	}
	row, err := p.awaitWith(ctx, popups, "find the role in the list",
		choice{"row", browser.Query{Roles: pressable, Names: control, Enabled: true, Row: role}})
	if err != nil {
		return err
	}
	return p.press(ctx, row.element)
}
