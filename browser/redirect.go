package browser

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
)

// Redirect catches the requests of a tab to one address before they leave the browser.
type Redirect struct {
	tab  *Tab
	want *url.URL
	urls *queue[*url.URL]
}

// arrived is what the browser shows instead of the page that it was sent to. Its icon is in it: a browser with a
// window would ask the host for one, also when nobody catches the request any more.
const arrived = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Signed in</title><link rel="icon" href="data:,">` +
	`<p>The browser was sent back to the application. Nothing left this machine.</p></html>`

// CatchRedirect catches every request of the tab's pages whose address begins with the given
// one (scheme, host and port equal; path equal or below), answers it with a plain page
// and never lets it out. Nothing has to listen at that address. Next delivers those for the
// top document; what else goes there, an icon for example, only ends there.
func (t *Tab) CatchRedirect(address string) (*Redirect, error) {
	want, err := url.Parse(address)
	if err != nil || want.Scheme == "" || want.Host == "" {
		return nil, fmt.Errorf("catch redirect: %q is no absolute address", bareURL(address))
	}
	if want.Path == "" {
		want.Path = "/"
	}
	r := &Redirect{tab: t, want: want, urls: newQueue[*url.URL]()}
	s := t.session
	s.mu.Lock()
	over := s.over
	s.catches = append(s.catches, r)
	s.mu.Unlock()
	if over != nil {
		r.end(over)
	}
	t.recatch()
	return r, nil
}

// Next waits for the next caught request and returns its full address, query and fragment
// included. It holds an authorization code: it is a secret.
func (r *Redirect) Next(ctx context.Context) (*url.URL, error) {
	caught, err := r.urls.next(ctx)
	if err != nil {
		return nil, fmt.Errorf("await redirect to %s: %w", r.want.Redacted(), err)
	}
	return caught, nil
}

// Take returns a caught address that nobody has taken yet, without waiting.
func (r *Redirect) Take() (*url.URL, bool) {
	caught, ok, _ := r.urls.take()
	return caught, ok
}

// Matches reports whether the address is one that r catches.
func (r *Redirect) Matches(address string) bool {
	got, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := got.Path
	if path == "" {
		path = "/"
	}
	below := strings.HasPrefix(path, strings.TrimSuffix(r.want.Path, "/")+"/")
	return got.Scheme == r.want.Scheme && got.Host == r.want.Host && (path == r.want.Path || below)
}

// Stop lets such requests go out again.
func (r *Redirect) Stop() {
	s := r.tab.session
	s.mu.Lock()
	s.catches = slices.DeleteFunc(s.catches, func(other *Redirect) bool { return other == r })
	s.mu.Unlock()
	r.tab.recatch()
	r.end(ErrClosed)
}

func (r *Redirect) end(cause error) { r.urls.finish(cause) }

// pattern is r in the wildcard language of the Fetch domain.
func (r *Redirect) pattern() string {
	base := url.URL{Scheme: r.want.Scheme, Host: r.want.Host, Path: r.want.Path}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(strings.TrimSuffix(base.String(), "/")) + "*"
}

func (s *Session) caughtBy(t *Tab) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var patterns []string
	for _, r := range s.catches {
		if r.tab == t {
			patterns = append(patterns, r.pattern())
		}
	}
	return patterns
}

// recatch tells the tab's pages what to catch. The browser handles a page's commands in order,
// so a navigation that is sent after this is caught.
func (t *Tab) recatch() {
	patterns := t.session.caughtBy(t)
	for _, a := range t.session.documents() {
		if a.tab != t {
			continue
		}
		if len(patterns) == 0 && !t.page.browser.fenced() {
			post(a.route, fetch.Disable, cdp.Empty{})
			continue
		}
		a.catch(patterns)
	}
}

func (a *attachment) catch(patterns []string) {
	if a.browser.fenced() {
		patterns = []string{"*"}
	}
	if len(patterns) == 0 {
		return
	}
	params := fetch.EnableParams{}
	for _, pattern := range patterns {
		params.Patterns = append(params.Patterns, &fetch.RequestPattern{URLPattern: pattern, RequestStage: fetch.RequestStageRequest})
	}
	post(a.route, fetch.Enable, params)
}

// paused answers a request that the browser holds back for us.
func (s *Session) paused(a *attachment, event fetch.EventRequestPaused) {
	address := event.Request.URL + event.Request.URLFragment
	s.mu.Lock()
	index := slices.IndexFunc(s.catches, func(r *Redirect) bool { return r.tab == a.tab && r.Matches(address) })
	var r *Redirect
	if index >= 0 {
		r = s.catches[index]
	}
	s.mu.Unlock()
	caught, err := url.Parse(address)
	if r == nil || err != nil {
		a.letOut(event)
		return
	}
	post(a.route, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: event.RequestID, ResponseCode: 200, Body: []byte(arrived),
		ResponseHeaders: []*fetch.HeaderEntry{
			{Name: "Content-Type", Value: "text/html; charset=utf-8"},
			{Name: "Cache-Control", Value: "no-store"},
		},
	})
	if event.ResourceType == network.ResourceTypeDocument && event.FrameID == a.tab.main() {
		r.urls.push(caught)
	}
}

// letOut lets a request go that nobody catches, where the browser may ask for its host.
func (a *attachment) letOut(event fetch.EventRequestPaused) {
	if !a.browser.allowed(event.Request.URL) {
		post(a.route, fetch.FailRequest, fetch.FailRequestParams{
			RequestID: event.RequestID, ErrorReason: network.ErrorReasonBlockedByClient,
		})
		return
	}
	post(a.route, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: event.RequestID})
}
