// Package tracetest is a collector of OpenTelemetry spans in the process of a test. It reads what comes
// with OpenTelemetry's own messages and strictly: what these do not know fails the test.
package tracetest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// Collector takes spans at URL/v1/traces.
type Collector struct {
	URL string

	t      testing.TB
	server *httptest.Server

	mu       sync.Mutex
	answer   func(http.ResponseWriter, *http.Request) bool
	requests []*http.Request
	raw      bytes.Buffer
	spans    []*Span
}

// Span is one that came.
type Span struct {
	*tracepb.Span
	Resource map[string]string
	Scope    string
}

// New starts a collector that ends with the test.
func New(t testing.TB) *Collector {
	c := &Collector{t: t}
	c.server = httptest.NewServer(c)
	c.URL = c.server.URL
	t.Cleanup(c.server.Close)
	return c
}

// Answer has a func answer from now on; where it returns false, the collector does as always.
func (c *Collector) Answer(answer func(http.ResponseWriter, *http.Request) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.requests = append(c.requests, r)
	answer := c.answer
	c.mu.Unlock()
	if answer != nil && answer(w, r) {
		return
	}
	if err := c.take(r); err != nil {
		c.t.Errorf("collector: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

func (c *Collector) take(r *http.Request) error {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		return fmt.Errorf("%s %s with %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return err
		}
		body = unpacked
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var request collectorpb.ExportTraceServiceRequest
	if err := proto.Unmarshal(raw, &request); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raw.Write(raw)
	for _, of := range request.ResourceSpans {
		for _, in := range of.ScopeSpans {
			for _, span := range in.Spans {
				if unknown := span.ProtoReflect().GetUnknown(); len(unknown) > 0 {
					return fmt.Errorf("span %s has fields that OTLP does not know", span.Name)
				}
				c.spans = append(c.spans, &Span{Span: span, Resource: texts(of.Resource.GetAttributes()), Scope: in.Scope.GetName()})
			}
		}
	}
	return nil
}

// Requests are the requests that came, whatever they were answered.
func (c *Collector) Requests() []*http.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*http.Request(nil), c.requests...)
}

// Raw is everything that came, as bytes.
func (c *Collector) Raw() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.raw.Bytes())
}

// Spans are those that came, in the order in which they ended.
func (c *Collector) Spans() Spans {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append(Spans(nil), c.spans...)
}

// Text is an attribute as text, lists joined by a comma and a space; empty where it is not there.
func (s *Span) Text(key string) string { return texts(s.Attributes)[key] }

// Began and Ended are the span's times.
func (s *Span) Began() time.Time { return time.Unix(0, int64(s.StartTimeUnixNano)) }

// Ended is when the span was over.
func (s *Span) Ended() time.Time { return time.Unix(0, int64(s.EndTimeUnixNano)) }

// Failed reports whether the span's status is an error.
func (s *Span) Failed() bool { return s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR }

// Client reports whether the span is of a call.
func (s *Span) Client() bool { return s.Kind == tracepb.Span_SPAN_KIND_CLIENT }

// Spans are spans of one or several traces.
type Spans []*Span

// Named are those whose name begins so.
func (all Spans) Named(prefix string) Spans {
	var some Spans
	for _, s := range all {
		if strings.HasPrefix(s.Name, prefix) {
			some = append(some, s)
		}
	}
	return some
}

// Parent is the span around one; nil where it did not come.
func (all Spans) Parent(of *Span) *Span {
	for _, s := range all {
		if bytes.Equal(s.SpanId, of.ParentSpanId) && bytes.Equal(s.TraceId, of.TraceId) {
			return s
		}
	}
	return nil
}

// Path are the names of the spans around one, from the outermost to itself.
func (all Spans) Path(of *Span) []string {
	var names []string
	for ; of != nil; of = all.Parent(of) {
		names = append([]string{of.Name}, names...)
	}
	return names
}

// Nest returns what is wrong with the tree: a span without the one around it, but for the roots, one that
// began before or ended after it, one without times, and two of one id.
func (all Spans) Nest() (wrong []string) {
	seen := map[string]bool{}
	for _, s := range all {
		if seen[string(s.SpanId)] || len(s.SpanId) != 8 || len(s.TraceId) != 16 {
			wrong = append(wrong, s.Name+": its id is not its own")
		}
		seen[string(s.SpanId)] = true
		if s.StartTimeUnixNano == 0 || s.EndTimeUnixNano < s.StartTimeUnixNano {
			wrong = append(wrong, s.Name+": its times are none")
		}
		if len(s.ParentSpanId) == 0 {
			continue
		}
		switch p := all.Parent(s); {
		case p == nil:
			wrong = append(wrong, s.Name+": the span around it did not come")
		case s.StartTimeUnixNano < p.StartTimeUnixNano, s.EndTimeUnixNano > p.EndTimeUnixNano:
			wrong = append(wrong, fmt.Sprintf("%s: it is not within %s", s.Name, p.Name))
		}
	}
	return wrong
}

func texts(attributes []*commonpb.KeyValue) map[string]string {
	all := map[string]string{}
	for _, a := range attributes {
		all[a.Key] = textOf(a.Value)
	}
	return all
}

func textOf(value *commonpb.AnyValue) string {
	switch value := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return value.StringValue
	case *commonpb.AnyValue_IntValue:
		return fmt.Sprint(value.IntValue)
	case *commonpb.AnyValue_BoolValue:
		return fmt.Sprint(value.BoolValue)
	case *commonpb.AnyValue_ArrayValue:
		var parts []string
		for _, v := range value.ArrayValue.Values {
			parts = append(parts, textOf(v))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(value)
}

// Texts are the span's name and every text in it, for a look at what must not be there.
func (s *Span) Texts() []string {
	all := []string{s.Name}
	for key, value := range texts(s.Attributes) {
		all = append(all, key+"="+value)
	}
	return all
}
