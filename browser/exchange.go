package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
)

const (
	// maxBody is how much of one request or response body the wiretap keeps: far more than
	// any token response or activation has.
	maxBody = 4 << 20
	// maxBuffered is what the browser may hold back for one page.
	maxBuffered = 32 << 20
	// mostExchanges and largestHistory bound what a session's wiretap keeps, in exchanges and bytes: pages
	// may ask for what they like. A proof has some hundreds, of a few megabytes.
	mostExchanges  = 20_000
	largestHistory = 256 << 20
)

// Exchange is one request and what came of it. A redirect is an exchange of its own. It holds
// secrets (tokens, passwords, codes): it is for memory, never for a file.
type Exchange struct {
	// At is when the request went out, by this machine's clock.
	At time.Time
	// Answered is when the answer was complete, by this machine's clock; zero before that.
	Answered time.Time
	// Method, URL (with query and fragment) and Host (with its port when it has one).
	Method, URL, Host string
	// Resource is what the browser wanted it for, for example "Document", "XHR", "Fetch".
	Resource string
	// TargetKind says where it was sent from: one of the Kind constants.
	TargetKind string
	// Top is true for a request for the top document of a tab.
	Top bool
	// RequestHeaders as the page set them, Authorization included; no cookies.
	RequestHeaders http.Header
	// PostData is the request's body, complete; nil when there is none.
	PostData []byte
	// Status is the HTTP status; 0 before the answer and where none came.
	Status int
	// ResponseHeaders of the answer; no cookies.
	ResponseHeaders http.Header
	// Body of the answer, for JSON and only when the browser still had it.
	Body []byte
	// Failed is Chromium's name of the failure where no answer came.
	Failed string
}

// Form parses PostData as a form; nil when it is none.
func (e Exchange) Form() url.Values {
	if !strings.HasPrefix(e.RequestHeaders.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return nil
	}
	form, err := url.ParseQuery(string(e.PostData))
	if err != nil {
		return nil
	}
	return form
}

// Query parses the query of the URL; never nil.
func (e Exchange) Query() url.Values {
	parsed, err := url.Parse(e.URL)
	if err != nil {
		return url.Values{}
	}
	return parsed.Query()
}

// Bearer is the token of an Authorization header, or "".
func (e Exchange) Bearer() string {
	scheme, token, _ := strings.Cut(e.RequestHeaders.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// String names the exchange without anything secret.
func (e Exchange) String() string {
	return fmt.Sprintf("%s %s from %s: %d%s", e.Method, bareURL(e.URL), e.TargetKind, e.Status, e.Failed)
}

// Format implements fmt.Formatter, so that no verb prints a token or a password.
func (e Exchange) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, e.String()) }

func newExchange(a *attachment, event network.EventRequestWillBeSent) *Exchange {
	e := &Exchange{
		At:             wallTime(event.WallTime),
		Method:         event.Request.Method,
		URL:            event.Request.URL + event.Request.URLFragment,
		Resource:       string(event.Type),
		TargetKind:     a.kind,
		RequestHeaders: headers(event.Request.Headers),
		Top: event.Type == network.ResourceTypeDocument && a.kind == KindPage &&
			string(event.FrameID) == string(a.id),
	}
	if parsed, err := url.Parse(e.URL); err == nil {
		e.Host = parsed.Host
	}
	for _, entry := range event.Request.PostDataEntries {
		e.PostData = append(e.PostData, entry.Bytes...)
	}
	return e
}

func (e *Exchange) answer(response *network.Response) {
	e.Status = int(response.Status)
	e.ResponseHeaders = headers(response.Headers)
}

// cookieHeaders never enter an Exchange: nothing here needs them.
var cookieHeaders = []string{"Cookie", "Set-Cookie"}

func headers(from network.Headers) http.Header {
	all := http.Header{}
	for name, value := range from {
		text, ok := value.(string)
		if !ok || slices.Contains(cookieHeaders, http.CanonicalHeaderKey(name)) {
			continue
		}
		for line := range strings.SplitSeq(text, "\n") { // how Chromium joins repeated headers
			all.Add(name, line)
		}
	}
	return all
}

// wallTime converts the browser's seconds since 1970.
func wallTime(seconds cdp.TimeSinceEpoch) time.Time {
	return time.UnixMicro(int64(float64(seconds) * 1e6)).UTC()
}

// wantsBody reports whether the answer's body is worth keeping: token responses and API
// answers are JSON; pages and scripts are only large.
func (e *Exchange) wantsBody() bool {
	kind := strings.ToLower(e.ResponseHeaders.Get("Content-Type"))
	return strings.Contains(kind, "json") || strings.Contains(kind, "text/plain")
}
