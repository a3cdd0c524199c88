package portaltest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Page is a top-level page.
type Page struct {
	View

	mu         sync.Mutex
	complaints []string
	asked      []string
}

// watch keeps the errors that the page logs, such as a violated content security policy, and
// the addresses of the documents that it asks for.
func (p *Page) watch() {
	p.t.Helper()
	err := chromedp.Listen(p.ctx, func(ev any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			p.complaints = append(p.complaints, ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.EntryLevelError {
				p.complaints = append(p.complaints, ev.Entry.Text+" "+ev.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if ev.Type == network.ResourceTypeDocument {
				p.asked = append(p.asked, ev.Request.URL)
			}
		}
	})
	if err != nil {
		p.t.Fatalf("listen to the page: %v", err)
	}
	if _, err := chromedp.Call(p.ctx, network.Enable, network.EnableParams{}); err != nil {
		p.t.Fatalf("watch the network: %v", err)
	}
}

// Complaints returns the errors that the top page logged so far.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Asked returns the addresses of the top-level documents asked for so far that start with
// prefix, oldest first.
func (p *Page) Asked(prefix string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var urls []string
	for _, url := range p.asked {
		if strings.HasPrefix(url, prefix) {
			urls = append(urls, url)
		}
	}
	return urls
}

// Open navigates to an address.
func (p *Page) Open(url string) {
	p.t.Helper()
	ctx, cancel := within(p.ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("open %s: %v", url, err)
	}
}

// ClearStorage removes what an origin keeps in sessionStorage and localStorage of the page that
// is shown; cookies of other hosts stay.
func (p *Page) ClearStorage() {
	p.t.Helper()
	Eval[bool](p.View, "sessionStorage.clear(), localStorage.clear(), true")
}

// Frame waits for the frame of another site whose address starts with prefix, and returns it.
// A frame belongs to the document that holds it: after a navigation ask again.
func (p *Page) Frame(prefix string) View {
	p.t.Helper()
	info := p.awaitTarget(fmt.Sprintf("a frame of %s", prefix), func(info *target.Info) bool {
		return info.Type == "iframe" && strings.HasPrefix(info.URL, prefix)
	})
	return p.attach(info, "frame")
}

// Popup waits for a page that this page opened and whose address starts with prefix.
func (p *Page) Popup(prefix string) View {
	p.t.Helper()
	info := p.awaitTarget(fmt.Sprintf("a popup of %s", prefix), func(info *target.Info) bool {
		return info.Type == "page" && info.OpenerID != "" && strings.HasPrefix(info.URL, prefix)
	})
	return p.attach(info, "popup")
}

func (p *Page) attach(info *target.Info, what string) View {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(info.TargetID), chromedp.WithDetachOnCancel())
	p.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatalf("attach to the %s %s: %v", what, info.URL, err)
	}
	return View{ctx: ctx, t: p.t, what: what}
}

// awaitTarget looks at the targets again and again: the browser tells of no new frame of
// another site, unless one attaches to every target automatically.
func (p *Page) awaitTarget(what string, match func(*target.Info) bool) (info *target.Info) {
	p.t.Helper()
	p.until(what, func(context.Context) bool {
		info = p.lookFor(match)
		return info != nil
	})
	return info
}

// lookFor finds a target of this page's browser context.
func (p *Page) lookFor(match func(*target.Info) bool) *target.Info {
	infos, err := chromedp.Targets(p.ctx)
	if err != nil {
		return nil
	}
	own := chromedp.FromContext(p.ctx).BrowserContextID
	for _, info := range infos {
		if info.BrowserContextID == own && match(info) {
			return info
		}
	}
	return nil
}
