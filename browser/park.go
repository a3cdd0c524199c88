package browser

import (
	"context"
	"errors"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/target"
)

// ErrParked says that a session was used while it was parked.
var ErrParked = errors.New("the session is parked")

// Park closes the session's browser context, with every tab, and keeps its cookies and passkeys in memory,
// never on disk, until Resume. Whatever pages stored besides is gone, and so is the wiretap's history: the
// browser and this process then hold little of a session that only waits. What Certificates tells stays.
// Parking a parked session does nothing.
func (s *Session) Park(ctx context.Context) error {
	b, id, err := s.context()
	if errors.Is(err, ErrParked) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("park browser session: %w", err)
	}
	got, err := call(ctx, b.root, nil, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: id})
	if err != nil {
		return fmt.Errorf("park browser session: read its cookies: %w", err)
	}
	s.park(cookieParams(got.Cookies))
	_, err = call(ctx, b.root, nil, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: id})
	b.forget(id)
	if err != nil {
		return fmt.Errorf("park browser session: %w", err)
	}
	return nil
}

// context is the session's browser context; an error when the session is over, or ErrParked.
func (s *Session) context() (*Browser, cdp.BrowserContextID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != nil:
		return nil, "", s.over
	case s.parked != nil:
		return nil, "", ErrParked
	}
	return s.browser, s.id, nil
}

// park takes everything off the session that belongs to its context, and wakes who waits for it.
func (s *Session) park(cookies []*network.CookieParam) {
	s.mu.Lock()
	s.parked = &cookies
	left := s.emptyLocked()
	s.mu.Unlock()
	left.end(ErrParked)
	s.wiretap.forget()
}

// forget drops what was seen, and completes what was on its way.
func (w *Wiretap) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, e := range w.open {
		delete(w.open, key)
		e.Failed = "the session was parked"
		w.completeLocked(e)
	}
	w.history = nil
}

// Resume opens a browser context again with the cookies and passkeys of the session, where its browser has retired
// in the one after it. A session that is not parked stays as it is.
func (s *Session) Resume(ctx context.Context) error {
	s.mu.Lock()
	b, cookies, over := s.browser, s.parked, s.over
	s.mu.Unlock()
	switch {
	case over != nil:
		return fmt.Errorf("resume browser session: %w", over)
	case cookies == nil:
		return nil
	}
	id, err := b.openContext(ctx, s, *cookies)
	for errors.Is(err, ErrRetired) {
		if b, err = b.successor(ctx); err == nil {
			id, err = b.openContext(ctx, s, *cookies)
		}
	}
	if err != nil {
		return fmt.Errorf("resume browser session: %w", err)
	}
	s.opened(b, id)
	return nil
}

// cookieParams are cookies as they are set again. A cookie without a leading dot is its host's alone; set by
// its domain it would become the domain's, and a __Host- one would be refused: it is set by its address.
func cookieParams(cookies []*network.Cookie) []*network.CookieParam {
	params := make([]*network.CookieParam, len(cookies))
	for i, c := range cookies {
		p := &network.CookieParam{
			Name: c.Name, Value: c.Value, Path: c.Path, Secure: c.Secure, HTTPOnly: c.HTTPOnly, SameSite: c.SameSite,
			Priority: c.Priority, SourceScheme: c.SourceScheme, SourcePort: c.SourcePort, PartitionKey: c.PartitionKey,
		}
		if c.Domain != "" && c.Domain[0] == '.' {
			p.Domain = c.Domain
		} else {
			p.URL = addressOf(c)
		}
		if !c.Session {
			p.Expires = cdp.TimeSinceEpoch(c.Expires)
		}
		params[i] = p
	}
	return params
}

// addressOf is an address whose host may set the cookie.
func addressOf(c *network.Cookie) string {
	scheme := "http"
	if c.Secure || c.SourceScheme == network.CookieSourceSchemeSecure {
		scheme = "https"
	}
	return scheme + "://" + c.Domain + c.Path
}
