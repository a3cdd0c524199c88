package telemetry

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
)

// Transport records the requests that go through another transport while a span goes on, after the
// semantic conventions of HTTP clients, and changes nothing of them. A span ends with the headers of the
// answer. A request that is repeated is a span for each time.
func Transport(next http.RoundTripper) http.RoundTripper { return recorded{next} }

type recorded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r recorded) RoundTrip(request *http.Request) (*http.Response, error) {
	if carried(request.Context()).span == nil {
		return r.next.RoundTrip(request)
	}
	template := templateOf(request.URL)
	ctx, span := start(request.Context(), request.Method+" "+template, tracepb.Span_SPAN_KIND_CLIENT, []Attr{
		String("http.request.method", request.Method), String("url.template", template), String("url.full", Address(request.URL.String())),
		String("server.address", request.URL.Hostname()), Int("server.port", portOf(request.URL)),
	})
	defer span.End()
	response, err := r.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		span.Fail(TypeOf(err))
		return response, err
	}
	span.Set(
		Int("http.response.status_code", response.StatusCode), String("network.protocol.version", versionOf(response)),
		Strings("http.response.header.request-id", response.Header.Values("Request-Id")),
	)
	if response.StatusCode >= http.StatusBadRequest {
		span.Fail(strconv.Itoa(response.StatusCode))
	}
	return response, nil
}

func portOf(u *url.URL) int {
	if port, err := strconv.Atoi(u.Port()); err == nil {
		return port
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

func versionOf(response *http.Response) string {
	if response.ProtoMajor == 1 {
		return "1.1"
	}
	return strconv.Itoa(response.ProtoMajor)
}

// Address is an address without user, query and fragment. It is empty for what is none of the web.
func Address(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

var (
	guid = regexp.MustCompile(`[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}`)
	// opaque is a segment that is an id of another form: long, with digits, and no name of a function.
	opaque = regexp.MustCompile(`^[A-Za-z0-9_-]*[0-9][A-Za-z0-9_-]*$`)
)

// shortestOpaque is the length from which a segment with digits is taken for an id.
const shortestOpaque = 20

// templateOf is a path with its ids taken out, so that there are few.
func templateOf(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, segment := range segments {
		segment = userName.ReplaceAllString(guid.ReplaceAllString(segment, "{id}"), "{user}")
		if len(segment) >= shortestOpaque && opaque.MatchString(segment) {
			segment = "{id}"
		}
		segments[i] = segment
	}
	if path := strings.Join(segments, "/"); path != "" {
		return path
	}
	return "/"
}
