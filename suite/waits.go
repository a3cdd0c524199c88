package suite

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/reprompt/reprompt/browser"
)

// waited is something that a proof waited for: in the browser, or an answer. It holds secrets.
type waited struct {
	browser.Wait
	// Of a call of ours, which What names by "call"; nil and 0 otherwise.
	request      *http.Request
	body, answer []byte
	status       int
}

// waitCall is a call that the harness itself made, with the whole of its answer.
const waitCall = "call"

// watched has Options.watch hear of what is waited for in a browser.
func (o Options) watched(running *browser.Browser) {
	if o.watch != nil {
		running.Watch(func(w browser.Wait) { o.watch(waited{Wait: w}) })
	}
}

// timed tells of each call.
type timed struct {
	next  http.RoundTripper
	watch func(waited)
}

// RoundTrip implements http.RoundTripper.
func (t timed) RoundTrip(r *http.Request) (*http.Response, error) {
	w := waited{Wait: browser.Wait{What: waitCall, Began: time.Now()}, request: r}
	if r.Body != nil {
		var err error
		if w.body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // read to its end
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(w.body))
	}
	response, err := t.next.RoundTrip(r)
	if err == nil {
		w.status = response.StatusCode
		w.answer, err = io.ReadAll(response.Body)
		_ = response.Body.Close() // read to its end, or the error says more
		response.Body = io.NopCloser(bytes.NewReader(w.answer))
	}
	w.Ended = time.Now()
	t.watch(w)
	return response, err
}

// timed is the control listener with each call told of.
func (c *control) timed(watch func(waited)) *control {
	client := *c.http
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	client.Transport = timed{next, watch}
	return &control{url: c.url, token: c.token, http: &client}
}
