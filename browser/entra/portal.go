package entra

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/telemetry"
)

// Portal drives the pages of Privileged Identity Management in a tab, as an admin would. It is
// for one goroutine at a time.
type Portal struct {
	Tab *browser.Tab
	// URL of the admin centre, for example "https://entra.microsoft.com".
	URL string
	// SignIn answers the sign-in pages that the portal leads to, in this tab or in a popup. Its
	// Tab is ignored.
	SignIn *SignIn
	// Labels are tried besides those that ship, for a portal in another language.
	Labels []Labels
	// Groups opens "PIM for Groups" instead of the directory roles.
	Groups bool
	// OnPicture is given a picture of each stage, with credential fields masked: "my-roles",
	// "banner", "form", "outcome", and "overlay" for a dialog that was in the way. May be nil.
	OnPicture func(stage string, png []byte)
	// OnLook is told of the same stages while the tab still shows them. May be nil.
	OnLook func(ctx context.Context, tab *browser.Tab, stage string, png []byte)
	// Timeout bounds each wait for the page, in machine time. Zero means 60 seconds: the real
	// portal is slow.
	Timeout time.Duration

	all *Labels // Labels and those that ship, once they were asked for
}

// labels are those that ship and the caller's own.
func (p *Portal) labels() *Labels {
	if p.all == nil {
		all := known
		for _, more := range p.Labels {
			all = all.with(more)
		}
		p.all = &all
	}
	return p.all
}

// banners are what the pane may say when it demands additional verification.
func (p *Portal) banners() []string {
	return slices.Concat(p.labels().ContextBanner, p.labels().MFABanner)
}

// PortalError is what the portal itself said went wrong.
type PortalError struct {
	// Doing is what was being done.
	Doing string
	// Text of the page, in its language; it usually begins with the service's error code.
	Text       string
	Screenshot []byte
}

// Error implements error.
func (e *PortalError) Error() string {
	return fmt.Sprintf("%s: the portal says: %s", e.Doing, e.Text)
}

// views are the addresses of My roles (observed).
var views = map[bool]string{
	false: "/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles",
	true:  "/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadgroup",
}

// MyRoles is the address of the list of the admin's roles, in the admin centre at this one.
func MyRoles(portal string) string { return strings.TrimSuffix(portal, "/") + views[false] }

// OpenMyRoles opens the list of the admin's roles, signing in on the way where that is asked
// for, and waits until it is there. It loads the page anew even if it is open already.
func (p *Portal) OpenMyRoles(ctx context.Context) (err error) {
	ctx, span := telemetry.Start(ctx, "page portal my-roles")
	defer func() { span.EndWith(err) }()
	if p.SignIn.Admin.Passkey != nil {
		if err := p.Tab.AddPasskey(ctx, *p.SignIn.Admin.Passkey); err != nil {
			return fmt.Errorf("open the portal: %w", err)
		}
	}
	reportEarly(p.Tab)
	if p.atHome() { // the same address again would not load anything
		if _, err := p.Tab.Navigate(ctx, "about:blank"); err != nil {
			return fmt.Errorf("open the portal: %w", err)
		}
	}
	if err := p.open(ctx, strings.TrimSuffix(p.URL, "/")+views[p.Groups]); err != nil {
		return fmt.Errorf("open the portal: %w", err)
	}
	if _, err := p.await(ctx, "open My roles", choice{"tab", browser.Query{Roles: []string{"tab"}, Names: p.labels().Eligible}}); err != nil {
		return p.inALanguage(ctx, err)
	}
	p.picture(ctx, "my-roles")
	return nil
}

// open navigates, for no longer than a page may take.
func (p *Portal) open(ctx context.Context, address string) error {
	bounded, cancel := context.WithTimeoutCause(ctx, p.timeout(), errPatience)
	defer cancel()
	_, err := p.Tab.Navigate(bounded, address)
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(bounded), errPatience) {
		return notLoaded(ctx, p.Tab, p.timeout())
	}
	return err
}

// inALanguage says of a page on which nothing was found that its language is none whose names are known.
func (p *Portal) inALanguage(ctx context.Context, err error) error {
	var language string
	if missing := new(browser.PageError); !errors.As(err, &missing) || ctx.Err() != nil || !p.atHome() ||
		p.Tab.Document().Eval(ctx, "document.documentElement.lang", &language) != nil || !word.MatchString(language) {
		return err
	}
	spoken, _, _ := strings.Cut(strings.ToLower(language), "-")
	if slices.Contains(p.labels().languages, spoken) {
		return err
	}
	return fmt.Errorf("the portal is in the language %q, in which the names of its controls are not known (portal.labels in the tenant file names them): %w", language, err)
}

// atHome reports whether the tab is on the portal's host, and not on its way through a sign-in.
func (p *Portal) atHome() bool {
	home, err := url.Parse(p.URL)
	if err != nil {
		return false
	}
	here, err := url.Parse(p.Tab.URL())
	return err == nil && here.Host == home.Host
}

func (p *Portal) timeout() time.Duration {
	if p.Timeout == 0 {
		return time.Minute
	}
	return p.Timeout
}

func (p *Portal) picture(ctx context.Context, stage string) {
	if p.OnPicture == nil {
		return
	}
	if png, err := p.Tab.Screenshot(ctx, nil); err == nil {
		p.OnPicture(stage, png)
		if p.OnLook != nil {
			p.OnLook(ctx, p.Tab, stage, png)
		}
	}
}

// choice is one of the things that may come next.
type choice struct {
	name  string
	query browser.Query
}

// found is the one that came.
type found struct {
	name    string
	element *browser.Element
}

// await waits until one of the choices is there, in their order of precedence, and answers
// whatever sign-in pages come in between, in this tab or in a popup. An alert of the page ends
// it.
func (p *Portal) await(ctx context.Context, what string, choices ...choice) (found, error) {
	popups := p.Tab.Session().Popups()
	defer popups.Stop()
	return p.awaitWith(ctx, popups, what, choices...)
}

func (p *Portal) awaitWith(ctx context.Context, popups *browser.Popups, what string, choices ...choice) (found, error) {
	choices = append(choices, choice{"alert", browser.Query{Roles: []string{"alert"}, Without: p.banners()}}, p.overlay())
	for closed, rounds := 0, 0; ; {
		if closed == maxOverlays {
			choices = slices.DeleteFunc(choices, func(c choice) bool { return c.name == overlay })
		}
		got, err := p.awaitHere(ctx, popups, choices)
		switch {
		case err == nil && got.name == "alert":
			return found{}, p.alert(ctx, what, got.element)
		case err == nil && got.name == overlay:
			closed++
			err = p.dismiss(ctx, got.element)
		case errors.Is(err, browser.ErrStopped) && rounds == maxRounds:
			err = p.Tab.Fail(ctx, fmt.Sprintf("the portal led to the sign-in pages and back %d times", rounds), nil)
		case errors.Is(err, browser.ErrStopped):
			rounds++
			err = p.signIn(ctx, popups)
		case err == nil:
			return got, nil
		}
		if err != nil {
			return found{}, fmt.Errorf("%s: %w", what, err)
		}
	}
}

// maxRounds bounds how often the portal may lead to the sign-in pages while one thing is awaited: it needs a
// token for each of a few services, and goes round for ever where it can keep none.
const maxRounds = 10

// awaitHere waits on the portal's own pages, until one leads away from them.
func (p *Portal) awaitHere(ctx context.Context, popups *browser.Popups, choices []choice) (found, error) {
	queries := make([]browser.Query, len(choices))
	for i, c := range choices {
		queries[i] = c.query
	}
	bounded, cancel := context.WithTimeout(ctx, p.timeout())
	defer cancel()
	away := func() bool { return popups.Pending() || !p.atHome() }
	element, index, err := p.Tab.FindUnless(bounded, away, queries...)
	if err != nil {
		return found{}, err
	}
	return found{choices[index].name, element}, nil
}

// overlay is what the portal lays over the page, now and then: a survey, a teaching bubble, news.
const overlay = "overlay"

// maxOverlays bounds how many are closed while one thing is awaited: one that does not close is
// left alone after that, and what is awaited may be there all the same.
const maxOverlays = 3

// overlay finds the button that closes a dialog which is no pane of ours. It comes last: nothing
// is closed while what is awaited can be found.
func (p *Portal) overlay() choice {
	return choice{overlay, browser.Query{
		Roles: pressable, Names: p.labels().Dismiss, Enabled: true,
		InDialogBut: slices.Concat(p.labels().ActivateTitle, p.labels().DeactivateTitle),
	}}
}

// press clicks a control. What lies over it, as a teaching bubble does that leaves the rest of the page
// usable, is closed first: the control is pressed as a person could, and seen in the pictures.
func (p *Portal) press(ctx context.Context, control *browser.Element) error {
	for range maxOverlays {
		covered, err := control.Covered(ctx)
		if err != nil {
			return err
		}
		if !covered {
			break
		}
		button, _, err := p.Tab.Now(ctx, p.overlay().query)
		if err != nil {
			return err
		}
		if button == nil {
			break // the portal's own pane, or something that has no way to close it
		}
		if err := p.dismiss(ctx, button); err != nil {
			return err
		}
	}
	return control.Click(ctx)
}

func (p *Portal) dismiss(ctx context.Context, button *browser.Element) error {
	p.picture(ctx, overlay)
	if err := button.Click(ctx); err != nil && !errors.Is(err, browser.ErrNavigated) {
		return err
	}
	return nil
}

// alert is what the page itself says went wrong.
func (p *Portal) alert(ctx context.Context, what string, element *browser.Element) error {
	text, err := element.Text(ctx)
	if err != nil {
		return fmt.Errorf("%s: read what the page says: %w", what, err)
	}
	failed := p.Tab.Fail(ctx, what, nil)
	return &PortalError{Doing: what, Text: strings.Join(strings.Fields(text), " "), Screenshot: failed.Screenshot}
}

// signIn answers the sign-in pages of a popup until it closes or comes home, or those of the
// tab until it comes home.
func (p *Portal) signIn(ctx context.Context, popups *browser.Popups) error {
	driver := *p.SignIn
	home, err := url.Parse(p.URL)
	if err != nil {
		return fmt.Errorf("read the portal's address: %w", err)
	}
	atHome := func(address string) bool {
		here, err := url.Parse(address)
		return err == nil && here.Host == home.Host
	}
	popup, isPopup := popups.Take()
	if !isPopup {
		driver.Tab = p.Tab
		return driver.Drive(ctx, atHome)
	}
	driver.Tab = popup
	if err := driver.Drive(ctx, atHome); err != nil && !errors.Is(err, browser.ErrClosed) {
		return err
	}
	return nil
}
