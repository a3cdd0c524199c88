package telemetry

import (
	"context"
	"crypto/tls"
	"net/http"
	"sync"
	"time"

	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"github.com/reprompt/reprompt/await"
)

const (
	// batch is how many spans are sent at a time, and mostPending how many wait at the most; those that
	// come on top are lost. The first is the batch of OpenTelemetry's own SDKs.
	batch, mostPending = 512, 8192
	// longestPending is how old a span that waits may get before the next one has it sent.
	longestPending = 5 * time.Second
)

// Tracer takes spans and sends them in the background. Close it. It is safe for concurrent use; a nil one
// records nothing.
type Tracer struct {
	settings settings
	say      func(text string)
	clock    await.Clock
	http     *http.Client

	// sending ends with the sender's patience at the end; stop asks it to send what is left and to end.
	sending context.Context
	giveUp  context.CancelFunc
	stop    chan struct{}
	wake    chan struct{} // holds one
	once    sync.Once     // starts the sender
	sender  sync.WaitGroup

	mu      sync.Mutex
	guards  []*func(string) string
	pending []*tracepb.Span
	since   time.Time // when the first of pending came
	closed  bool
	said    bool
}

// newTracer opens no socket and starts nothing.
func newTracer(s settings, o Options) *Tracer {
	t := &Tracer{settings: s, say: o.Say, clock: o.Clock, stop: make(chan struct{}), wake: make(chan struct{}, 1)}
	if t.say == nil {
		t.say = func(string) {}
	}
	if t.clock == nil {
		t.clock = await.Machine()
	}
	t.sending, t.giveUp = context.WithCancel(context.Background())
	t.http = &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12},
		},
		// To follow would carry the headers, which may hold a key, to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return t
}

// add takes a span that has ended, and has the sender begin where there is enough, where something waited
// for long enough, and at the end of a trace.
func (t *Tracer) add(span *tracepb.Span, root bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.pending) >= mostPending {
		return
	}
	if len(t.pending) == 0 {
		t.since = t.clock.Now()
	}
	t.pending = append(t.pending, span)
	if root || len(t.pending) >= batch || t.clock.Now().Sub(t.since) >= longestPending {
		t.once.Do(func() { t.sender.Go(t.send) })
		select {
		case t.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// take are the next spans to send.
func (t *Tracer) take() []*tracepb.Span {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(batch, len(t.pending))
	spans := t.pending[:n:n]
	t.pending = t.pending[n:]
	t.since = t.clock.Now()
	return spans
}

// send is the sender.
func (t *Tracer) send() {
	for stopping := false; !stopping; {
		select {
		case <-t.wake:
		case <-t.stop:
			stopping = true
		}
		for spans := t.take(); len(spans) > 0; spans = t.take() {
			if err := t.export(t.sending, spans); err != nil {
				t.complain(err)
			}
		}
	}
}

// complain says once that spans are lost.
func (t *Tracer) complain(err error) {
	t.mu.Lock()
	said := t.said
	t.said = true
	t.mu.Unlock()
	if !said {
		t.say("traces could not be delivered to " + t.settings.endpoint.Host + ": " + err.Error() + "; nothing else is changed by that")
	}
}

// Close sends what is left, for no longer than the timeout of the exporter (10 seconds unless the
// environment says otherwise), also when ctx has ended. Spans that end later are lost. A second call does
// nothing.
func (t *Tracer) Close(ctx context.Context) {
	if t == nil {
		return
	}
	t.mu.Lock()
	again, left := t.closed, len(t.pending)
	t.closed = true
	t.mu.Unlock()
	if again {
		return
	}
	if left > 0 {
		t.once.Do(func() { t.sender.Go(t.send) })
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.settings.timeout)
	defer cancel()
	defer context.AfterFunc(ctx, t.giveUp)()
	close(t.stop)
	t.sender.Wait()
	t.giveUp()
	t.http.CloseIdleConnections()
}
