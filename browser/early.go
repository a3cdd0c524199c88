package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// earlyWorld and earlyBinding name the world in which a document reports, and the function by
// which it does. The page sees neither.
const (
	earlyWorld   = "reprompt early"
	earlyBinding = "repromptEarly"
)

// ReportEarly has every later top document of the tab evaluate an expression as soon as it is
// parsed, before it has loaded and before its own listeners for that moment run. The value, a
// string, is what Document.Early returns. So a document that goes on by itself has been seen
// all the same, unless it goes while it is being parsed. A second call is ignored.
//
// Navigate waits until the browser has confirmed it. A navigation to another site gets another process,
// which is told of what was confirmed by then and, of the rest, too late (observed on a busy machine).
func (t *Tab) ReportEarly(expression string) {
	t.mu.Lock()
	already := t.early
	t.early, t.preparing = true, t.preparing || !already
	t.mu.Unlock()
	if already {
		return
	}
	post(t.page.route, runtime.Enable, cdp.Empty{})
	post(t.page.route, runtime.AddBinding, runtime.AddBindingParams{Name: earlyBinding, ExecutionContextName: earlyWorld})
	script := page.AddScriptToEvaluateOnNewDocumentParams{
		WorldName: earlyWorld,
		Source: `if (top === self) addEventListener("DOMContentLoaded", () => ` + earlyBinding +
			`(String(` + expression + `)), {once: true, capture: true})`,
	}
	then(t.page.route, page.AddScriptToEvaluateOnNewDocument, script, func(page.AddScriptToEvaluateOnNewDocumentResult, error) { t.prepared() })
}

// prepared lets navigations go on. The browser answers the commands of a page in order.
func (t *Tab) prepared() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.preparing = false
	t.broadcastLocked()
}

// runtimeEvent takes a document's early report, on the reading goroutine. A document is
// announced before it is parsed, so the report belongs to the current one.
func (t *Tab) runtimeEvent(method string, params jsonv2.Value) {
	if t == nil || method != runtime.BindingCalled.Method {
		return
	}
	event, ok := decode[runtime.EventBindingCalled](params)
	if !ok || event.Name != earlyBinding {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.documents[t.main()].early = event.Payload
}

// Early is what the document reported as soon as it was parsed; empty when it has not, or was
// not asked to by ReportEarly.
func (d *Document) Early() string {
	d.tab.mu.Lock()
	defer d.tab.mu.Unlock()
	return d.early
}
