package browser

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
)

// Tab is a top-level page: one that NewTab opened or a popup. Its documents come and go; a
// caller holds the Document that it acts on and awaits the one after it.
type Tab struct {
	session *Session
	page    *attachment

	mu        sync.Mutex
	documents map[cdp.FrameID]*Document
	request   documentRequest
	ready     bool
	loading   bool
	early     bool // ReportEarly was called
	preparing bool // what it asked for is not in place yet
	err       error
	changed   chan struct{}
}

// documentRequest is the latest request for the tab's top document.
type documentRequest struct {
	loader  cdp.LoaderID
	url     string
	failure string
	status  int
}

func newTab(s *Session, a *attachment) *Tab {
	t := &Tab{session: s, page: a, documents: map[cdp.FrameID]*Document{}, changed: make(chan struct{})}
	t.documents[t.main()] = newDocument(t, a, &cdp.Frame{ID: t.main(), URL: "about:blank"})
	return t
}

// main is the id of the top frame, which in Chromium is the id of the page.
func (t *Tab) main() cdp.FrameID { return cdp.FrameID(t.page.id) }

// Session is the session that the tab belongs to.
func (t *Tab) Session() *Session { return t.session }

// Document is what the tab shows now.
func (t *Tab) Document() *Document {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.documents[t.main()]
}

// URL is the address of what the tab shows now, with query and fragment.
func (t *Tab) URL() string { return t.Document().URL() }

// Eval evaluates in the document that the tab shows now; see Document.Eval.
func (t *Tab) Eval(ctx context.Context, script string, out any) error {
	return t.Document().Eval(ctx, script, out)
}

// Navigate goes to an address and returns the document that came of it, which after redirects
// may be another's. It does not wait until that has loaded. Where nothing could be fetched
// the error is a *NetworkError.
func (t *Tab) Navigate(ctx context.Context, address string) (doc *Document, err error) {
	if err := t.pause(ctx); err != nil {
		return nil, err
	}
	ctx, span := navigation(ctx, address)
	defer func() { span.EndWith(err) }()
	if err := t.awaitState(ctx, func() bool { return !t.preparing }); err != nil {
		return nil, fmt.Errorf("navigate to %s: %w", bareURL(address), err)
	}
	defer t.page.route.conn.waited(WaitNavigation, time.Now(), address)
	before := t.Document()
	result, err := call(ctx, t.page.route, nil, page.Navigate, page.NavigateParams{URL: address})
	if err != nil {
		return nil, fmt.Errorf("navigate to %s: %w", bareURL(address), err)
	}
	if result.ErrorText != "" {
		return nil, t.failed(address, result.ErrorText)
	}
	if result.LoaderID == "" {
		return before, nil // only the fragment changed
	}
	return t.awaitDocument(ctx, before, func() *Document { return t.loadedLocked(before, result.LoaderID) })
}

// loadedLocked is the document behind another that a loader brought: by the time that somebody asks, it may
// have been replaced. Where none has that loader it is the one that the tab shows now; after where the tab
// is closed.
func (t *Tab) loadedLocked(after *Document, loader cdp.LoaderID) *Document {
	if t.err != nil {
		return after
	}
	for d := after.next; d != nil; d = d.next {
		if d.loader == loader {
			return d
		}
	}
	return t.documents[t.main()]
}

// failed names the host that could not be reached: the last one of a chain of redirects.
func (t *Tab) failed(address, code string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.request.url != "" {
		address = t.request.url
	}
	return networkError(address, code)
}

// AwaitDocument waits until the given document of the tab was replaced and returns the one that replaced it,
// even if that is gone by now. Take the document, act, and await: whatever comes in between is not missed.
// Where the next document is the browser's own error page, the error is a *NetworkError.
func (t *Tab) AwaitDocument(ctx context.Context, after *Document) (*Document, error) {
	defer t.page.route.conn.waited(WaitDocument, time.Now(), "")
	return t.awaitDocument(ctx, after, func() *Document { return cmp.Or(after.next, after) })
}

// awaitDocument waits until found, which is called with the lock held, is another document than the given one.
func (t *Tab) awaitDocument(ctx context.Context, after *Document, found func() *Document) (*Document, error) {
	for {
		t.mu.Lock()
		next, changed, err := found(), t.changed, t.err
		t.mu.Unlock()
		switch {
		case next != after && next.failure != nil:
			return next, next.failure
		case next != after:
			return next, nil
		case err != nil:
			return nil, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("await the page after %s: %w", bareURL(after.URL()), context.Cause(ctx))
		}
	}
}

// Closed returns a channel that is closed once the tab is: by us, by its own script or because
// it crashed. Popups of a sign-in close themselves.
func (t *Tab) Closed() <-chan struct{} {
	closed := make(chan struct{})
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		close(closed)
		return closed
	}
	return t.documents[t.main()].closed
}

// closePatience is for how long a browser that does not move any more is waited for.
const closePatience = 10 * time.Second

// Close closes the tab. Its session goes on. What the tab was loading is given up first:
// Chromium forgets about closing a page whose document is just being replaced.
func (t *Tab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	post(t.page.route, page.StopLoading, cdp.Empty{})
	_ = t.awaitState(ctx, func() bool { return !t.loading })
	_, err := call(ctx, t.page.browser.root, t.Closed(), target.CloseTarget, target.CloseTargetParams{TargetID: t.page.id})
	if err == nil {
		err = t.awaitState(ctx, func() bool { return false })
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("close tab: %w", context.Cause(ctx))
	}
	return nil // every other error says that it is gone
}

func (t *Tab) awaitReady(ctx context.Context) error {
	if err := t.awaitState(ctx, func() bool { return t.ready }); err != nil {
		return fmt.Errorf("open tab: %w", err)
	}
	return nil
}

// awaitState waits until is holds, which is asked with the lock held. The error is why the tab
// ended, or the context's.
func (t *Tab) awaitState(ctx context.Context, is func() bool) error {
	for {
		t.mu.Lock()
		holds, changed, err := is(), t.changed, t.err
		t.mu.Unlock()
		if holds || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (t *Tab) markReady() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ready = true
	t.broadcastLocked()
}

// notice wakes whoever waits for something of the tab: a popup may be what they wait for.
func (t *Tab) notice() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broadcastLocked()
}

func (t *Tab) broadcastLocked() {
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *Tab) crashed() {
	if t != nil {
		t.closed(ErrCrashed)
	}
}

// closed ends the tab: every document of it is gone.
func (t *Tab) closed(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return
	}
	t.err = err
	for _, d := range t.documents {
		d.end()
	}
	close(t.documents[t.main()].closed)
	t.broadcastLocked()
}

// lost forgets what a detached target held: everything for the page, its frames for a
// cross-origin frame.
func (t *Tab) lost(a *attachment) {
	if t == nil {
		return
	}
	if a == t.page {
		t.closed(ErrClosed)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, d := range t.documents {
		if d.owner == a {
			d.end()
			delete(t.documents, id)
		}
	}
	t.broadcastLocked()
}
