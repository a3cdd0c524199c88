package browser

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/network"
)

// Wiretap is what a session's pages, popups, frames and workers requested and what they were
// answered, from the first request of each. It keeps everything in memory until the session
// is closed.
type Wiretap struct {
	mu           sync.Mutex
	history      []*Exchange
	kept         int // bytes of the history: addresses and bodies
	open         map[requestKey]*Exchange
	watches      []*Watch
	certificates map[string]*Certificate
	over         error // why; nil while it goes on
}

// requestKey: request ids are unique within one attached target.
type requestKey struct {
	target *attachment
	id     network.RequestID
}

func newWiretap() *Wiretap {
	return &Wiretap{open: map[requestKey]*Exchange{}, certificates: map[string]*Certificate{}}
}

// History returns the exchanges so far that match, in the order in which the requests went
// out; those without an answer too. A nil match takes all.
func (w *Wiretap) History(match func(Exchange) bool) []Exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Exchange
	for _, e := range w.history {
		if match == nil || match(*e) {
			all = append(all, *e)
		}
	}
	return all
}

// Stage is a moment in the life of an exchange.
type Stage int

const (
	// Sent is when the request goes out. Nothing of the answer is there.
	Sent Stage = iota
	// Answered is when the answer is complete, or when it is clear that none will come.
	Answered
)

// Watch delivers exchanges as they happen.
type Watch struct {
	wiretap *Wiretap
	stage   Stage
	match   func(Exchange) bool
	found   *queue[Exchange]
}

// Watch begins to watch for exchanges that match, each when it reaches the stage. Ask for it
// before acting; Stop it afterwards. match runs while the browser waits: it must be quick. A
// nil match takes all.
func (w *Wiretap) Watch(stage Stage, match func(Exchange) bool) *Watch {
	watch := &Watch{wiretap: w, stage: stage, match: match, found: newQueue[Exchange]()}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over != nil {
		watch.found.finish(w.over)
		return watch
	}
	w.watches = append(w.watches, watch)
	return watch
}

// Next waits for the next exchange.
func (w *Watch) Next(ctx context.Context) (Exchange, error) {
	e, err := w.found.next(ctx)
	if err != nil {
		return Exchange{}, fmt.Errorf("await request: %w", err)
	}
	return e, nil
}

// Take returns an exchange that has been delivered, without waiting.
func (w *Watch) Take() (Exchange, bool) {
	e, ok, _ := w.found.take()
	return e, ok
}

// Stop ends the watch; a waiting Next fails with ErrClosed.
func (w *Watch) Stop() {
	w.wiretap.mu.Lock()
	w.wiretap.watches = slices.DeleteFunc(w.wiretap.watches, func(other *Watch) bool { return other == w })
	w.wiretap.mu.Unlock()
	w.found.finish(ErrClosed)
}

// tell delivers an exchange to the watches of a stage; the lock is held.
func (w *Wiretap) tellLocked(stage Stage, e *Exchange) {
	for _, watch := range w.watches {
		if watch.stage == stage && (watch.match == nil || watch.match(*e)) {
			watch.found.push(*e)
		}
	}
}

// event takes in what the browser says about the network of one target, on the reading
// goroutine.
func (w *Wiretap) event(a *attachment, method string, params jsonv2.Value) {
	switch method {
	case network.RequestWillBeSent.Method:
		if event, ok := decode[network.EventRequestWillBeSent](params); ok {
			w.sent(a, event)
		}
	case network.ResponseReceived.Method:
		if event, ok := decode[network.EventResponseReceived](params); ok {
			w.responded(a, event)
		}
	case network.LoadingFinished.Method:
		if event, ok := decode[network.EventLoadingFinished](params); ok {
			w.loaded(a, event.RequestID)
		}
	case network.LoadingFailed.Method:
		if event, ok := decode[network.EventLoadingFailed](params); ok {
			w.failed(a, event)
		}
	}
}

func (w *Wiretap) sent(a *attachment, event network.EventRequestWillBeSent) {
	e := newExchange(a, event)
	key := requestKey{a, event.RequestID}
	if event.RedirectResponse != nil {
		w.noteCertificate(a, event.RedirectResponse)
	}
	w.mu.Lock()
	if before := w.open[key]; before != nil && event.RedirectResponse != nil {
		before.answer(event.RedirectResponse)
		w.completeLocked(before)
	}
	w.open[key] = e
	w.keepLocked(e)
	incomplete := event.Request.HasPostData && len(e.PostData) == 0
	if !incomplete {
		w.tellLocked(Sent, e)
	}
	w.mu.Unlock()
	if incomplete {
		w.fetchPostData(a, event.RequestID, e)
	}
}

// keepLocked puts an exchange into the history while there is room. Whoever watches is told of it all the
// same; what is not in the history was not seen, and proves nothing.
func (w *Wiretap) keepLocked(e *Exchange) {
	if len(w.history) >= mostExchanges || w.kept >= largestHistory {
		return
	}
	w.kept += len(e.URL) + len(e.PostData)
	w.history = append(w.history, e)
}

// bodyLocked is a body that may be kept; nil where it is too large or there is no room.
func (w *Wiretap) bodyLocked(body []byte) []byte {
	if len(body) > maxBody || w.kept+len(body) > largestHistory {
		return nil
	}
	w.kept += len(body)
	return body
}

// fetchPostData asks for a body that was too long, or of a kind, that the event did not carry.
func (w *Wiretap) fetchPostData(a *attachment, id network.RequestID, e *Exchange) {
	then(a.route, network.GetRequestPostData, network.GetRequestPostDataParams{RequestID: id},
		func(got network.GetRequestPostDataResult, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if err == nil {
				e.PostData = w.bodyLocked([]byte(got.PostData))
			}
			w.tellLocked(Sent, e)
		})
}

func (w *Wiretap) responded(a *attachment, event network.EventResponseReceived) {
	w.noteCertificate(a, event.Response)
	w.mu.Lock()
	defer w.mu.Unlock()
	if e := w.open[requestKey{a, event.RequestID}]; e != nil {
		e.answer(event.Response)
	}
}

// loaded completes an exchange, with its body where that is worth keeping. The body is asked
// for at once: durable messages keep it across a navigation, not for ever.
func (w *Wiretap) loaded(a *attachment, id network.RequestID) {
	key := requestKey{a, id}
	w.mu.Lock()
	e := w.open[key]
	delete(w.open, key)
	if e != nil {
		a.route.conn.waited(WaitRequest, e.At, "")
	}
	if e == nil || !e.wantsBody() {
		if e != nil {
			w.completeLocked(e)
		}
		w.mu.Unlock()
		return
	}
	w.mu.Unlock()
	then(a.route, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id},
		func(got network.GetResponseBodyResult, err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if err == nil {
				e.Body = w.bodyLocked(got.Body)
			}
			w.completeLocked(e)
		})
}

func (w *Wiretap) failed(a *attachment, event network.EventLoadingFailed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := requestKey{a, event.RequestID}
	if e := w.open[key]; e != nil {
		delete(w.open, key)
		e.Failed = event.ErrorText
		w.completeLocked(e)
	}
}

func (w *Wiretap) completeLocked(e *Exchange) {
	e.Answered = time.Now().UTC()
	w.tellLocked(Answered, e)
}

// lost completes the exchanges of a target that is gone.
func (w *Wiretap) lost(a *attachment) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, e := range w.open {
		if key.target == a {
			delete(w.open, key)
			e.Failed = "the page, frame or worker is gone"
			w.completeLocked(e)
		}
	}
}

func (w *Wiretap) end(cause error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = cause
	for _, watch := range w.watches {
		watch.found.finish(cause)
	}
	w.watches = nil
}
