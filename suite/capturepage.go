package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
)

// CaptureOptions say which page is captured.
type CaptureOptions struct {
	// Tenant is the tenant whose pages are opened. Required.
	Tenant *config.Tenant
	// Address is opened, at a host that the browser may ask for. Empty means the sign-in.
	Address string
	// AllowHosts, BrowserPath, BrowserURL, Headed and RealTime are as in Options.
	AllowHosts  []string
	BrowserPath string
	BrowserURL  secret.Text
	Headed      bool
	RealTime    bool
}

// CapturedPage is a page without its secrets, as a fixture for the table of pages.
type CapturedPage struct {
	// Fixture is JSON, reprompt/page/v1.
	Fixture []byte
	// Known is the name under which the table knows the page; empty where it does not.
	Known string
	// Why the browser went no further; empty for a page from the evidence.
	Why string
}

// CapturePage opens the sign-in of a tenant, or an address, with the admin's user name and no credential,
// and returns the page at which that ended: one that the table does not know, or the first that asks for
// what was not given. Nothing is written, to the tenant or elsewhere. Where the account needs no password,
// entering its name may send a notification to its telephone.
func CapturePage(ctx context.Context, o CaptureOptions) (page CapturedPage, err error) {
	options := Options{Tenant: o.Tenant, BrowserPath: o.BrowserPath, BrowserURL: o.BrowserURL, Headed: o.Headed, RealTime: o.RealTime}.withDefaults()
	where, err := browsable(o.Tenant, o.AllowHosts)
	if err != nil {
		return page, err
	}
	if address, bad := url.Parse(o.Address); o.Address != "" && (bad != nil || address.Scheme != "https" || address.Host == "") {
		return page, requiredf("%q is no address of a page: write it as https://HOST/PATH", o.Address)
	}
	installation, err := findBrowser(options)
	if err != nil {
		return page, err
	}
	running, err := startFenced(ctx, where, installation, options)
	if err != nil {
		return page, required(err)
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	w, err := newWorld(ctx, where, worldOptions{runID: newRunID(), realTime: o.RealTime, reads: true})
	if err != nil {
		return page, err
	}
	defer w.close()
	page, err = w.capture(ctx, running.Browser, o.Address)
	if said := sayRefused(running.refused()); err != nil && said != "" {
		return page, requiredf("%w; %s", err, said)
	}
	return page, err
}

// capture drives the pages as far as the user name leads, and reads the one that is there.
func (w *world) capture(ctx context.Context, running *browser.Browser, address string) (CapturedPage, error) {
	session, err := running.NewSession(ctx)
	if err != nil {
		return CapturedPage{}, err
	}
	tab, err := session.NewTab(ctx)
	if err != nil {
		return CapturedPage{}, err
	}
	last := ""
	driver := &entra.SignIn{
		Tab: tab, Admin: entra.Admin{UPN: w.place.adminUPN}, Now: w.clock.Now, NoPictures: true, PageTimeout: w.place.pageWithin,
		OnPage: func(v entra.Visit) { last = v.Page },
	}
	ended := w.openPages(ctx, driver, address)
	unknown := new(entra.PageNotRecognised)
	switch {
	case ctx.Err() != nil:
		return CapturedPage{}, context.Cause(ctx)
	case errors.As(ended, new(*browser.NetworkError)):
		return CapturedPage{}, required(ended)
	case errors.As(ended, &unknown) && unknown.Captured != nil:
		return fixtureOf(unknown.Captured, unknown.What)
	case ended == nil || last == "":
		return CapturedPage{}, fmt.Errorf("capture the page: no page stood still: %w", ended)
	}
	captured, err := entra.Capture(ctx, tab.Document())
	if err != nil {
		return CapturedPage{}, err
	}
	captured.Page = last
	return fixtureOf(captured, ended.Error())
}

// openPages opens an address, or the sign-in, and answers what comes until it cannot.
func (w *world) openPages(ctx context.Context, driver *entra.SignIn, address string) error {
	if address == "" {
		_, err := w.client.SignIn(ctx, driver, signin.Request{})
		return err
	}
	if _, err := driver.Tab.Navigate(ctx, address); err != nil {
		return err
	}
	return driver.Drive(ctx, func(string) bool { return false })
}

func fixtureOf(captured *entra.Captured, why string) (CapturedPage, error) {
	text, err := json.MarshalIndent(captured, "", " ")
	if err != nil {
		return CapturedPage{}, fmt.Errorf("write the page: %w", err)
	}
	return CapturedPage{Fixture: append(text, '\n'), Known: captured.Page, Why: why}, nil
}

// PageFromEvidence is the page at which the last proof of a bundle that did not recognise one ended.
func PageFromEvidence(dir string) (CapturedPage, error) {
	pages, err := evidence.CapturedPages(dir)
	if err != nil {
		return CapturedPage{}, required(fmt.Errorf("%s: %w; name the folder of one run", dir, err))
	}
	if len(pages) == 0 {
		return CapturedPage{}, requiredf("%s holds no page that was not recognised: it is kept where a proof ends with PAGE_NOT_RECOGNISED", dir)
	}
	var captured entra.Captured
	if err := json.Unmarshal([]byte(pages[len(pages)-1]), &captured); err != nil || captured.Schema != entra.CapturedSchema {
		return CapturedPage{}, requiredf("%s: its page is not of the schema %s", dir, entra.CapturedSchema)
	}
	return fixtureOf(&captured, "")
}
