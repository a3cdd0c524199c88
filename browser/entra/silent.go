package entra

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/telemetry"
)

// Silent answers authorize requests that must show no page (prompt=none).
type Silent struct {
	// Tab is where; it stays open. Nil means a new tab of Session, which is closed again.
	Tab     *browser.Tab
	Session *browser.Session
	// Timeout bounds the whole of it, in machine time. Zero means 30 seconds.
	Timeout time.Duration
}

// Authorize is SignIn.Authorize without anybody there: a page that stands still is a *NotSilent.
func (s Silent) Authorize(ctx context.Context, authorize *url.URL, redirectURI string) (back *url.URL, err error) {
	ctx, span := telemetry.Start(ctx, "page silent sign-in")
	defer func() { span.EndWith(err) }()
	timeout := s.patience()
	bounded, cancel := context.WithTimeoutCause(ctx, timeout, errPatience)
	defer cancel()
	if s.Tab != nil {
		return s.authorize(bounded, s.Tab, authorize, redirectURI)
	}
	tab, err := s.Session.NewTab(bounded)
	if err != nil {
		return nil, fmt.Errorf("sign in silently: %w", err)
	}
	back, err = s.authorize(bounded, tab, authorize, redirectURI)
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer done()
	return back, errors.Join(err, tab.Close(closing))
}

func (s Silent) patience() time.Duration {
	if s.Timeout == 0 {
		return 30 * time.Second
	}
	return s.Timeout
}

func (s Silent) authorize(ctx context.Context, tab *browser.Tab, authorize *url.URL, redirectURI string) (*url.URL, error) {
	redirect, err := tab.CatchRedirect(redirectURI)
	if err != nil {
		return nil, fmt.Errorf("sign in silently: %w", err)
	}
	defer redirect.Stop()
	doc, err := tab.Navigate(ctx, authorize.String())
	for report := ""; err == nil; {
		if redirect.Matches(doc.URL()) {
			return redirect.Next(ctx)
		}
		var shown snapshot
		shown, report, err = observe(ctx, doc, report)
		switch {
		case errors.Is(err, browser.ErrNavigated) || err == nil && doc.Leaving():
			doc, err = tab.AwaitDocument(ctx, doc)
			report = ""
		case err == nil && recognise(shown) != nil || errors.Is(context.Cause(ctx), errPatience):
			failed := tab.Fail(ctx, "", nil)
			return nil, &NotSilent{PGID: shown.PGID, URL: failed.URL, Screenshot: failed.Screenshot}
		}
	}
	if errors.Is(context.Cause(ctx), errPatience) {
		err = notLoaded(ctx, tab, s.patience())
	}
	return nil, fmt.Errorf("sign in silently: %w", err)
}
