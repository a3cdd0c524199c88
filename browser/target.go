package browser

import (
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/cdproto/target"
)

// Kinds of targets that an Exchange can come from.
const (
	KindPage          = "page"   // a tab's own document and its frames of the same process
	KindFrame         = "iframe" // a cross-origin frame
	KindWorker        = "worker"
	KindSharedWorker  = "shared_worker"
	KindServiceWorker = "service_worker"
)

// attachment is one attached target of a session: a page, a cross-origin frame, a worker.
// Its methods run on the reading goroutine.
type attachment struct {
	browser *Browser // that it is in: a session may move on to another
	session *Session
	route   *route
	kind    string
	id      target.ID
	// tab is the page that it belongs to; nil for workers that pages share.
	tab *Tab
}

// attached takes over a target that the browser holds paused. parent is the target that it
// belongs to, nil for those that belong to none.
func (b *Browser) attached(event target.EventAttachedToTarget, parent *attachment) {
	info := event.TargetInfo
	a := &attachment{browser: b, kind: info.Type, id: info.TargetID}
	if parent != nil {
		a.session, a.tab = parent.session, parent.tab
	} else {
		a.session = b.session(info.BrowserContextID)
	}
	a.route = b.conn.open(event.SessionID, a.event)
	if a.session == nil {
		// The browser's own first page, or one of a session that is being closed.
		post(a.route, runtime.RunIfWaitingForDebugger, cdp.Empty{})
		return
	}
	a.session.join(a)
	if a.kind == KindPage {
		a.tab = a.session.addTab(a, info)
	}
	a.prepare()
}

// prepare sends everything that has to be in place before the target's first instruction, and
// then lets it run. The browser handles the commands of one target in order.
func (a *attachment) prepare() {
	post(a.route, network.Enable, network.EnableParams{
		MaxPostDataSize:       new(int64(maxBody)),
		MaxResourceBufferSize: new(int64(maxBody)),
		MaxTotalBufferSize:    new(int64(maxBuffered)),
	})
	a.session.console.listen(a)
	post(a.route, target.SetAutoAttach, attachPaused())
	if a.isDocument() {
		// Without durable messages a token response is gone once the page has navigated on.
		post(a.route, network.ConfigureDurableMessages, network.ConfigureDurableMessagesParams{
			MaxResourceBufferSize: new(int64(maxBody)), MaxTotalBufferSize: new(int64(maxBuffered)),
		})
		post(a.route, page.Enable, page.EnableParams{})
		if r := a.browser.remote; r != nil && r.InsecureCertificates {
			post(a.route, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		}
	}
	if a.isDocument() || a.browser.fenced() {
		a.catch(a.session.caughtBy(a.tab))
	}
	if a.kind == KindPage {
		// Pages that are not in front would otherwise not be asked for a passkey.
		post(a.route, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		a.insertPasskeys(a.session.heldPasskeys(), func(error) { a.run() })
		return
	}
	if a.kind == KindFrame && len(a.session.heldPasskeys()) > 0 {
		a.gatePasskeys()
	}
	a.run()
}

// run lets the paused target go on.
func (a *attachment) run() {
	then(a.route, runtime.RunIfWaitingForDebugger, cdp.Empty{}, func(_ cdp.Empty, err error) {
		if a.kind == KindPage && err == nil {
			a.tab.markReady()
		}
	})
}

func (a *attachment) isDocument() bool { return a.kind == KindPage || a.kind == KindFrame }

// event handles what the target says, on the reading goroutine.
func (a *attachment) event(method string, params jsonv2.Value) {
	if a.session == nil {
		return
	}
	domain, _, _ := strings.Cut(method, ".")
	switch domain {
	case "Network":
		a.session.wiretap.event(a, method, params)
		a.tab.networkEvent(method, params)
	case "Page":
		a.tab.pageEvent(a, method, params)
	case "Runtime":
		a.tab.runtimeEvent(method, params)
		a.session.console.event(a, method, params)
	case "Log":
		a.session.console.event(a, method, params)
	case "Fetch":
		if event, ok := decode[fetch.EventRequestPaused](params); ok && method == fetch.RequestPaused.Method {
			a.session.paused(a, event)
		}
	case "Target":
		a.targetEvent(method, params)
	case "Inspector":
		if method == inspector.TargetCrashed.Method {
			a.tab.crashed()
		}
	}
}

func (a *attachment) targetEvent(method string, params jsonv2.Value) {
	switch method {
	case target.AttachedToTarget.Method:
		if event, ok := decode[target.EventAttachedToTarget](params); ok {
			a.browser.attached(event, a)
		}
	case target.DetachedFromTarget.Method:
		if event, ok := decode[target.EventDetachedFromTarget](params); ok {
			a.browser.detached(event.SessionID)
		}
	}
}

// detached forgets a target that is gone, with the frames that it held.
func (b *Browser) detached(id target.SessionID) {
	gone := b.conn.routeOf(id)
	b.conn.drop(id)
	if gone == nil {
		return
	}
	b.mu.Lock()
	sessions := make([]*Session, 0, len(b.sessions))
	for _, s := range b.sessions {
		sessions = append(sessions, s)
	}
	b.mu.Unlock()
	for _, s := range sessions {
		s.lost(gone)
	}
}
