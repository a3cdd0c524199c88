package activation

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/verdict"
)

// vague are the codes of a page that did not do what it should, which says nothing of why.
var vague = []verdict.Code{verdict.Unknown, verdict.PageNotRecognised, verdict.SessionProbeRefused}

// blameOutage looks, where a page broke the flow, whether the browser was answered with an error of the
// service in that step: a page without its script, or one that shows what it was answered, looks like one
// that nobody knows.
func (p *proof) blameOutage(failure *verdict.Failure) {
	if p.Session == nil || !slices.Contains(vague, failure.Code) {
		return
	}
	met := p.Session.Wiretap().History(func(e browser.Exchange) bool { return !e.At.Before(p.began) && brokeDown(e) })
	if len(met) == 0 {
		return
	}
	code, text := outageOf(met[len(met)-1])
	failure.Code = code
	failure.Text += "; " + text
}

// outageOf says what a request met, without what its address may hold that signs in.
func outageOf(e browser.Exchange) (verdict.Code, string) {
	code, met := verdict.ServiceFailed, e.Failed
	switch {
	case e.Status == http.StatusTooManyRequests:
		code, met = verdict.Throttled, "HTTP 429"
	case e.Status == http.StatusUnauthorized && e.Resource != preflight:
		code, met = verdict.TokenRevoked, "HTTP 401"
	case e.Failed == "" && e.Status != 0, e.Status >= http.StatusBadRequest:
		met = fmt.Sprintf("HTTP %d", e.Status)
	case met == "":
		met = "nothing"
	}
	path := ""
	if address, err := url.Parse(e.URL); err == nil {
		path = address.EscapedPath()
	}
	return code, fmt.Sprintf("the browser was answered %s to %s https://%s%s", met, e.Method, e.Host, path)
}

// preflight is Chromium's word for the question of a page's script whether it may ask another host.
const preflight = "Preflight"

// brokeOff are Chromium's names of answers that did not come or were not whole. FAILED is all that a page learns
// of an error that another host answers without the headers that let the page read it.
var brokeOff = []string{"ERR_FAILED", "CONNECTION_RESET", "CONNECTION_CLOSED", "EMPTY_RESPONSE", "HTTP2", "CONTENT_LENGTH", "INCOMPLETE", "TIMED_OUT"}

// brokeDown reports whether the service failed to answer a request that a page may need. A host that is
// not let through or has no name is another matter.
func brokeDown(e browser.Exchange) bool {
	switch {
	case e.Resource == preflight:
		return e.Status >= http.StatusBadRequest // a page's question whether it may ask is refused by nothing else
	case !slices.Contains([]string{"Document", "XHR", "Fetch", "Script"}, e.Resource):
		return false
	}
	if e.Top && e.Status == 0 && e.Failed == "" {
		return true // a page that is asked for still, though nobody waits for it any more
	}
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests || e.Status == http.StatusUnauthorized ||
		slices.ContainsFunc(brokeOff, func(name string) bool { return strings.Contains(e.Failed, name) })
}
