package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
)

// pageEvent keeps track of frames and their documents, on the reading goroutine.
func (t *Tab) pageEvent(a *attachment, method string, params jsonv2.Value) {
	switch method {
	case page.FrameNavigated.Method:
		if event, ok := decode[page.EventFrameNavigated](params); ok {
			t.navigated(a, event.Frame)
		}
	case page.NavigatedWithinDocument.Method:
		if event, ok := decode[page.EventNavigatedWithinDocument](params); ok {
			t.moved(event.FrameID, event.URL)
		}
	case page.FrameDetached.Method:
		if event, ok := decode[page.EventFrameDetached](params); ok {
			t.detachedFrame(a, event.FrameID)
		}
	case page.FrameStartedLoading.Method:
		if event, ok := decode[page.EventFrameStartedLoading](params); ok {
			t.setLoading(event.FrameID, true)
		}
	case page.FrameStoppedLoading.Method:
		if event, ok := decode[page.EventFrameStoppedLoading](params); ok {
			t.setLoading(event.FrameID, false)
		}
	case page.FrameRequestedNavigation.Method:
		event, ok := decode[page.EventFrameRequestedNavigation](params)
		if ok && event.Disposition == page.ClientNavigationDispositionCurrentTab {
			t.leaving(event.FrameID, "")
		}
	case page.FrameStartedNavigating.Method:
		event, ok := decode[page.EventFrameStartedNavigating](params)
		if ok && !withinDocument(event.NavigationType) {
			t.leaving(event.FrameID, event.LoaderID)
		}
	}
}

func withinDocument(kind page.FrameStartedNavigatingNavigationType) bool {
	return kind == page.FrameStartedNavigatingNavigationTypeSameDocument ||
		kind == page.FrameStartedNavigatingNavigationTypeHistorySameDocument
}

// navigated replaces a frame's document.
func (t *Tab) navigated(a *attachment, frame *cdp.Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return
	}
	fresh := newDocument(t, a, frame)
	if old := t.documents[frame.ID]; old != nil {
		old.end()
		old.next, fresh.closed = fresh, old.closed
	}
	if frame.ID == t.main() {
		t.describeLocked(fresh, frame)
		t.endFramesLocked()
	}
	t.documents[frame.ID] = fresh
	t.broadcastLocked()
}

// endFramesLocked forgets the frames of a top document that is gone.
func (t *Tab) endFramesLocked() {
	for id, d := range t.documents {
		if id != t.main() {
			d.end()
			delete(t.documents, id)
		}
	}
}

// describeLocked adds what the network said about a top document.
func (t *Tab) describeLocked(d *Document, frame *cdp.Frame) {
	if frame.UnreachableURL != "" {
		d.failure = networkError(frame.UnreachableURL, t.request.failure)
	}
	if t.request.loader == frame.LoaderID {
		d.status = t.request.status
	}
}

// moved notes a change of address that kept the document.
func (t *Tab) moved(frame cdp.FrameID, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.documents[frame]; d != nil {
		d.url = address
		t.broadcastLocked()
	}
}

// detachedFrame forgets a frame that was removed, unless another process has taken it over.
func (t *Tab) detachedFrame(a *attachment, frame cdp.FrameID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.documents[frame]; d != nil && d.owner == a && frame != t.main() {
		d.end()
		delete(t.documents, frame)
		t.broadcastLocked()
	}
}

func (t *Tab) setLoading(frame cdp.FrameID, loading bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if frame == t.main() {
		t.loading = loading
		t.broadcastLocked()
	}
}

// leaving notes that a frame's document is about to be replaced, by the document that the
// loader brings where one is known.
func (t *Tab) leaving(frame cdp.FrameID, loader cdp.LoaderID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d := t.documents[frame]; d != nil && !d.leaving && (loader == "" || loader != d.loader) {
		d.leaving = true
		t.broadcastLocked()
	}
}

// networkEvent follows the requests for the top document, for its status and for the name of
// the host that could not be reached.
func (t *Tab) networkEvent(method string, params jsonv2.Value) {
	if t == nil {
		return
	}
	switch method {
	case network.RequestWillBeSent.Method:
		event, ok := decode[network.EventRequestWillBeSent](params)
		if ok && event.Type == network.ResourceTypeDocument && event.FrameID == t.main() {
			t.mu.Lock()
			t.request = documentRequest{loader: event.LoaderID, url: event.Request.URL}
			t.mu.Unlock()
		}
	case network.ResponseReceived.Method:
		event, ok := decode[network.EventResponseReceived](params)
		if ok && event.Type == network.ResourceTypeDocument && event.FrameID == t.main() {
			t.answered(event.LoaderID, int(event.Response.Status))
		}
	case network.LoadingFailed.Method:
		event, ok := decode[network.EventLoadingFailed](params)
		if ok && event.Type == network.ResourceTypeDocument {
			t.failedRequest(cdp.LoaderID(event.RequestID), event.ErrorText)
		}
	}
}

func (t *Tab) answered(loader cdp.LoaderID, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.request.loader == loader {
		t.request.status = status
	}
	if d := t.documents[t.main()]; d.loader == loader {
		d.status = status
	}
}

// failedRequest notes why the top document did not come. One that was given up (a download,
// an answer without content) leaves the old document where it is.
func (t *Tab) failedRequest(loader cdp.LoaderID, code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.request.loader != loader {
		return
	}
	t.request.failure = code
	if code == "net::ERR_ABORTED" {
		t.documents[t.main()].leaving = false
	}
	t.broadcastLocked()
}
