package graph

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
)

const (
	// patienceDefault is for how long one call is tried again while Graph throttles it. The busiest
	// limit that Graph documents counts over five minutes.
	patienceDefault = 5 * time.Minute
	// outageTries are the requests of one call that meets 503 or 504.
	outageTries = 4
	// firstPause doubles with each refusal up to longestPause, where Graph does not say how long.
	firstPause, longestPause = time.Second, 30 * time.Second
)

// patient sends a request again that Graph was too busy for. It obeys Retry-After; where there is
// none, as for Conditional Access (documented), or where obeying it did not help, it backs off with
// jitter. A call ends with the last refusal when its patience would not last until the next try.
type patient struct {
	next     http.RoundTripper
	clock    await.Clock
	pace     *Pace
	patience time.Duration

	mu     sync.Mutex
	random *rand.Rand
}

func newPatient(o Options, next http.RoundTripper) *patient {
	seed := o.Seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	p := &patient{next: next, clock: orMachine(o.Clock), pace: o.Pace, patience: o.Patience, random: rand.New(rand.NewPCG(seed, seed))}
	if p.patience == 0 {
		p.patience = patienceDefault
	}
	return p
}

// RoundTrip implements http.RoundTripper.
func (p *patient) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := take(request.Body)
	if err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	ctx, deadline := request.Context(), p.clock.Now().Add(p.patience)
	for try := 1; ; try++ {
		if err := p.pace.wait(ctx, request.URL.Path); err != nil {
			return nil, err
		}
		response, err := p.once(request, body)
		if err != nil || !again(request, response, try) {
			return response, err
		}
		now := p.clock.Now()
		until := now.Add(p.pause(response, now, try))
		if until.After(deadline) {
			return response, nil
		}
		if err := p.clock.Wait(ctx, until, fmt.Sprintf("Graph, which is too busy (HTTP %d)", response.StatusCode)); err != nil {
			return nil, err
		}
	}
}

// once sends the request and takes the whole answer, so that the time of one request is bounded and
// its connection can be used again.
func (p *patient) once(request *http.Request, body []byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), requestTimeout)
	defer cancel()
	attempt := request.Clone(ctx)
	if request.Body != nil {
		attempt.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := p.next.RoundTrip(attempt)
	if err != nil {
		return nil, err
	}
	answered, err := take(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(answered))
	return response, nil
}

// again reports whether a refusal is worth another try. A 429 was not acted on. A 503 or 504 may
// have been, so a POST is not repeated: it could make the object twice.
func again(request *http.Request, response *http.Response, try int) bool {
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return request.Method != http.MethodPost && try < outageTries
	}
	return false
}

// pause is how long to wait after the nth refusal: what Graph says, and from the second on no less
// than the back-off.
func (p *patient) pause(response *http.Response, now time.Time, try int) time.Duration {
	said, ok := retryAfter(response.Header.Get("Retry-After"), now)
	switch {
	case ok && try == 1:
		return said
	case ok:
		return max(said, p.backOff(try-1))
	}
	return p.backOff(try)
}

// backOff doubles, and is spread over its upper half: clients that were refused together must not
// come back together.
func (p *patient) backOff(n int) time.Duration {
	pause := longestPause
	if n < 6 { // 1, 2, 4, 8, 16 seconds
		pause = firstPause << (n - 1)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return pause/2 + time.Duration(p.random.Int64N(int64(pause/2)+1))
}

// retryAfter reads the header: seconds, also with a fraction, or a date (RFC 9110, 10.2.3).
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseFloat(header, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}

// take reads a body to its end and closes it; nil is empty.
func take(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer func() { _ = body.Close() }() // what was read is all that matters
	return io.ReadAll(io.LimitReader(body, maxBody))
}
