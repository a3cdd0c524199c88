package graph

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	khttp "github.com/microsoft/kiota-http-go"
)

const (
	// requestTimeout bounds one request. A call that is throttled has several.
	requestTimeout = 100 * time.Second
	// maxBody bounds an answer; the largest real one, a page of role settings, is far below.
	maxBody = 32 << 20
)

// sdkHTTP is the SDK's HTTP client with an explicit list of middleware. The default list is in
// random order and compresses request bodies; where the retry lands outside the compression, a
// repeated POST carries plain text marked as gzip (measured: 22 of 30 default clients). So
// there is no compression here. Nor is there a redirect handler: Graph redirects none of the
// calls made here, and following one would carry the token to another host. Nor the SDK's own
// retry handler: it gives up after three tries and cuts fractions of Retry-After; see patient.
func sdkHTTP(transport http.RoundTripper) *http.Client {
	agent := khttp.NewUserAgentHandlerOptions()
	agent.ProductName, agent.ProductVersion = "reprompt", "1"
	hc := plainHTTP(khttp.NewCustomTransportWithParentTransport(
		guard{transport},
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

// WriteRefusedError says what a client that is ReadOnly would have written. Nothing was sent.
type WriteRefusedError struct{ Method, Path string }

// Error names the request.
func (e *WriteRefusedError) Error() string { return e.Method + " " + e.Path + " was not sent" }

// readOnly lets GET through.
type readOnly struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r readOnly) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return nil, &WriteRefusedError{request.Method, request.URL.Path}
	}
	return r.next.RoundTrip(request)
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
