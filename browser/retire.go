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

// ErrRetired says that a browser opens no further session; see Retire.
var ErrRetired = errors.New("the browser was retired")

// Retire has the browser end by itself once no session has a context in it any more, at once where none has one.
// NewSession returns ErrRetired from then on. A parked session keeps no browser: Resume opens it in the one that
// next returns, which may have retired, too, and then is asked for the one after it. Close ends it in any case, and
// is to be called all the same: it tells what could not be cleaned up. Retiring twice is harmless.
func (b *Browser) Retire(next func(ctx context.Context) (*Browser, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = next
		b.endIfIdleLocked()
	}
}

// Contexts is how many browser contexts were opened in it so far: one for each session, and one for each time that a
// parked one was resumed in it.
func (b *Browser) Contexts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opened
}

// endIfIdleLocked ends a retired browser that nobody uses.
func (b *Browser) endIfIdleLocked() {
	if b.next != nil && b.opening == 0 && len(b.sessions) == 0 {
		go func() { _ = b.Close() }() // the lock is held; whoever retired it calls Close, too, and gets the error
	}
}

// openContext opens a browser context for a session, with cookies, by which the session is found from then on.
func (b *Browser) openContext(ctx context.Context, s *Session, cookies []*network.CookieParam) (id cdp.BrowserContextID, err error) {
	if err := b.begin(); err != nil {
		return "", err
	}
	defer func() { b.begun(s, id) }()
	made, err := call(ctx, b.root, nil, target.CreateBrowserContext, b.contextParams())
	if err != nil {
		return "", err
	}
	if len(cookies) > 0 {
		_, err = call(ctx, b.root, nil, storage.SetCookies, storage.SetCookiesParams{Cookies: cookies, BrowserContextID: made.BrowserContextID})
	}
	if err != nil {
		post(b.root, target.DisposeBrowserContext, target.DisposeBrowserContextParams(made))
		return "", fmt.Errorf("give it its cookies: %w", err)
	}
	return made.BrowserContextID, nil
}

// begin counts a context that is about to be opened, until begun: a browser that retires meanwhile waits for it.
func (b *Browser) begin() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		return ErrRetired
	}
	b.opening++
	b.opened++
	return nil
}

// begun finds a session by its context from now on; the empty id says that none came of it.
func (b *Browser) begun(s *Session, id cdp.BrowserContextID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opening--
	if id != "" {
		b.sessions[id] = s
		b.most = max(b.most, len(b.sessions))
	}
	b.endIfIdleLocked()
}

// successor is the browser after one that has retired.
func (b *Browser) successor(ctx context.Context) (*Browser, error) {
	b.mu.Lock()
	next := b.next
	b.mu.Unlock()
	return next(ctx)
}
