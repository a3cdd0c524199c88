package graph

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	khttp "github.com/microsoft/kiota-http-go"
)

const (
	// requestTimeout bounds one call with all its retries. The retry middleware alone may wait
	// 180 seconds, which would look like a hang.
	requestTimeout = 100 * time.Second
	// retries follow a 429, and a 503 or 504 where a repetition is harmless.
	retries = 3
	// maxBody bounds an answer; the largest real one, a page of role settings, is far below.
	maxBody = 32 << 20
)

// sdkHTTP is the SDK's HTTP client with an explicit list of middleware. The default list is in
// random order and compresses request bodies; where the retry lands outside the compression, a
// repeated POST carries plain text marked as gzip (measured: 22 of 30 default clients). So
// there is no compression here. Nor is there a redirect handler: Graph redirects none of the
// calls made here, and following one would carry the token to another host.
func sdkHTTP(transport http.RoundTripper) *http.Client {
	agent := khttp.NewUserAgentHandlerOptions()
	agent.ProductName, agent.ProductVersion = "reprompt", "1"
	hc := plainHTTP(khttp.NewCustomTransportWithParentTransport(
		guard{transport},
		khttp.NewRetryHandlerWithOptions(khttp.RetryHandlerOptions{ShouldRetry: shouldRetry, MaxRetries: retries}),
		khttp.NewParametersNameDecodingHandler(),
		khttp.NewUserAgentHandlerWithOptions(agent),
	))
	return hc
}

func plainHTTP(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// shouldRetry is asked for 429, 503 and 504. A 429 was not acted on. A 503 or 504 may have been,
// so a POST is not repeated: it could make the object twice. The middleware leaves the body of
// the answer open; it is drained here, else the connection is lost.
func shouldRetry(_ time.Duration, _ int, request *http.Request, response *http.Response) bool {
	again := response.StatusCode == http.StatusTooManyRequests || request.Method != http.MethodPost
	if again {
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody))
		_ = response.Body.Close()
	}
	return again
}

// guard stands between the SDK and the network.
type guard struct{ next http.RoundTripper }

// RoundTrip refuses redirects and hides a challenge whose claims are not quoted: the adapter
// indexes into the result of a failed match there and panics.
func (g guard) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := g.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		_ = response.Body.Close()
		return nil, fmt.Errorf("graph redirected to %q, which is not followed; check the base URL", redirectHost(response))
	}
	if unquotedClaims(response.Header.Get("WWW-Authenticate")) {
		response.Header.Del("WWW-Authenticate")
	}
	return response, nil
}

func redirectHost(response *http.Response) string {
	location, err := response.Location()
	if err != nil {
		return ""
	}
	return location.Host
}

// unquotedClaims reports whether a parameter that the adapter takes for claims has no value in
// quotes. It splits at commas as the adapter does.
func unquotedClaims(header string) bool {
	parameters := header
	if len(header) > len("Bearer ") {
		parameters = header[len("Bearer "):]
	}
	for part := range strings.SplitSeq(parameters, ",") {
		if strings.HasPrefix(strings.Trim(part, " "), "claims") {
			return strings.Count(part, `"`) < 2
		}
	}
	return false
}
