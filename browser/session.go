package browser

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/cdproto/target"
)

// Session is an isolated browser context: one admin's cookies, storage and passkeys. It is
// safe for concurrent use; one Tab is for one goroutine at a time.
type Session struct {
	wiretap *Wiretap
	console console
	touch   string // the event that lets a page have its passkey; random, so that no page knows it

	mu          sync.Mutex
	browser     *Browser             // that has its context; of a parked one, that had it
	id          cdp.BrowserContextID // of its context
	attachments []*attachment
	tabs        map[target.ID]*Tab
	catches     []*Redirect
	passkeys    []Passkey
	popups      []*Popups
	spare       <-chan *Tab // a tab that was opened ahead; nil where none was
	changed     chan struct{}
	over        error                   // why it is over; nil while it is not
	parked      *[]*network.CookieParam // what it is resumed with; nil while its context is open
}

func newSession() *Session {
	return &Session{
		wiretap: newWiretap(), touch: rand.Text(),
		tabs: map[target.ID]*Tab{}, changed: make(chan struct{}),
	}
}

// opened says which browser has the session's context.
func (s *Session) opened(b *Browser, id cdp.BrowserContextID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browser, s.id, s.parked = b, id, nil
}

// Wiretap is the record of everything that the session's pages, frames and workers requested.
func (s *Session) Wiretap() *Wiretap { return s.wiretap }

// openPatience is for how long a blank tab is waited for, which takes milliseconds: a busy machine may need
// seconds.
const openPatience = 20 * time.Second

// NewTab opens a blank tab.
func (s *Session) NewTab(ctx context.Context) (*Tab, error) {
	if tab := s.takeSpare(ctx); tab != nil {
		return tab, nil
	}
	return s.openTab(ctx)
}

func (s *Session) openTab(ctx context.Context) (*Tab, error) {
	b, id, err := s.context()
	if err != nil {
		return nil, fmt.Errorf("open tab: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, openPatience, ErrStuck)
	defer cancel()
	// A window of its own keeps the tab visible: hidden pages get no animation frames.
	made, err := call(ctx, b.root, nil, target.CreateTarget, target.CreateTargetParams{
		URL: "about:blank", BrowserContextID: id, NewWindow: new(true), Width: 1280, Height: 800,
	})
	if err != nil {
		return nil, fmt.Errorf("open tab: %w", err)
	}
	for {
		tab, changed, err := s.tab(made.TargetID)
		if err != nil {
			return nil, fmt.Errorf("open tab: %w", err)
		}
		if tab != nil {
			return tab, tab.awaitReady(ctx)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("open tab: %w", context.Cause(ctx))
		}
	}
}

// Tabs are those that are open, popups too, in no order.
func (s *Session) Tabs() []*Tab {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.tabs))
}

func (s *Session) tab(id target.ID) (*Tab, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over != nil:
		return nil, nil, s.over
	case s.parked != nil:
		return nil, nil, ErrParked
	}
	return s.tabs[id], s.changed, nil
}

// addTab registers a page that the browser just made, at our wish or as a popup.
func (s *Session) addTab(a *attachment, info *target.Info) *Tab {
	t := newTab(s, a)
	s.mu.Lock()
	others := slices.Collect(maps.Values(s.tabs))
	s.tabs[info.TargetID] = t
	if info.OpenerID != "" {
		for _, p := range s.popups {
			p.add(t)
		}
	}
	s.changedLocked()
	s.mu.Unlock()
	for _, other := range others {
		other.notice()
	}
	return t
}

func (s *Session) changedLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// join records a target of the session, so that later wishes (a redirect to catch, a passkey)
// reach it too.
func (s *Session) join(a *attachment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attachments = append(s.attachments, a)
}

// lost drops the target behind a route that is gone.
func (s *Session) lost(r *route) {
	s.mu.Lock()
	index := slices.IndexFunc(s.attachments, func(a *attachment) bool { return a.route == r })
	if index < 0 {
		s.mu.Unlock()
		return
	}
	a := s.attachments[index]
	s.attachments = slices.Delete(s.attachments, index, index+1)
	if a.kind == KindPage {
		delete(s.tabs, a.id)
	}
	s.mu.Unlock()
	s.wiretap.lost(a)
	a.tab.lost(a)
}

// documents are the pages and frames that are attached now.
func (s *Session) documents() []*attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*attachment
	for _, a := range s.attachments {
		if a.isDocument() {
			all = append(all, a)
		}
	}
	return all
}

// ClearStorage empties everything that the given origins ("https://entra.microsoft.com")
// stored in this session, except cookies: local and session storage, databases, caches,
// service workers. A page then has to ask for its tokens anew, while the sign-in cookies
// stay. Session storage belongs to a tab and goes with it: clear in the tab's own document,
// or use a new tab.
func (s *Session) ClearStorage(ctx context.Context, origins ...string) error {
	const kinds = "appcache,file_systems,indexeddb,local_storage,shader_cache,websql,service_workers,cache_storage,interest_groups,shared_storage"
	documents := s.documents()
	if len(documents) == 0 {
		return errors.New("clear storage: the session has no tab")
	}
	for _, origin := range origins {
		_, err := call(ctx, documents[0].route, nil, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{
			Origin: origin, StorageTypes: kinds,
		})
		if err != nil {
			return fmt.Errorf("clear storage of %s: %w", origin, err)
		}
	}
	return nil
}

// Close closes every tab of the session and forgets its cookies, also those of a parked one. Closing twice is
// harmless.
func (s *Session) Close(ctx context.Context) error {
	b, id, err := s.context()
	if err != nil { // over, or without a context
		s.ended(ErrClosed)
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	_, err = call(ctx, b.root, nil, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: id})
	b.forget(id)
	s.ended(ErrClosed)
	if err != nil {
		return fmt.Errorf("close browser session: %w", err)
	}
	return nil
}

// ended wakes whoever still waits for something of this session, and says why it is over.
func (s *Session) ended(cause error) {
	s.mu.Lock()
	if s.over != nil {
		s.mu.Unlock()
		return
	}
	s.over, s.parked = cause, nil
	left := s.emptyLocked()
	s.mu.Unlock()
	left.end(cause)
	s.wiretap.end(cause)
}

// leftover is what belonged to a browser context that is gone.
type leftover struct {
	tabs    map[target.ID]*Tab
	popups  []*Popups
	catches []*Redirect
}

// emptyLocked takes everything off the session that belongs to its context.
func (s *Session) emptyLocked() leftover {
	s.changedLocked()
	left := leftover{s.tabs, s.popups, s.catches}
	s.tabs, s.popups, s.catches, s.attachments = map[target.ID]*Tab{}, nil, nil, nil
	return left
}

// end wakes whoever waits for it.
func (l leftover) end(cause error) {
	for _, t := range l.tabs {
		t.closed(cause)
	}
	for _, p := range l.popups {
		p.end(cause)
	}
	for _, r := range l.catches {
		r.end(cause)
	}
}
