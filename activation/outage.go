package activation

import (
	"fmt"
	"net/http"
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
	last := met[len(met)-1]
	failure.Code = verdict.ServiceFailed
	what := last.Failed
	if last.Failed == "" && last.Status != 0 {
		what = fmt.Sprintf("HTTP %d", last.Status)
	}
	if last.Status == http.StatusTooManyRequests {
		failure.Code = verdict.Throttled
	}
	if last.Status == 0 && what == "" {
		what = "nothing"
	}
	path, _, _ := strings.Cut(last.URL, "?")
	failure.Text += fmt.Sprintf("; the browser was answered %s to %s %s", what, last.Method, path)
}

// brokeOff are Chromium's names of answers that did not come or were not whole.
var brokeOff = []string{"CONNECTION_RESET", "CONNECTION_CLOSED", "EMPTY_RESPONSE", "HTTP2", "CONTENT_LENGTH", "INCOMPLETE", "TIMED_OUT"}

// brokeDown reports whether the service failed to answer a request that a page may need. A host that is
// not let through or has no name is another matter.
func brokeDown(e browser.Exchange) bool {
	if !slices.Contains([]string{"Document", "XHR", "Fetch", "Script"}, e.Resource) {
		return false
	}
	if e.Top && e.Status == 0 && e.Failed == "" {
		return true // a page that is asked for still, though nobody waits for it any more
	}
	return e.Status >= http.StatusInternalServerError || e.Status == http.StatusTooManyRequests ||
		slices.ContainsFunc(brokeOff, func(name string) bool { return strings.Contains(e.Failed, name) })
}
