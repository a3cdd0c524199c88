package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/telemetry/tracetest"
)

// lines keeps what was said.
type lines struct {
	mu   sync.Mutex
	said []string
}

func (l *lines) say(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, text)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.said)
}

// clock never waits, and keeps for how long it was to; it is ahead of the machine's.
type clock struct {
	mu    sync.Mutex
	waits []time.Duration
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) Wait(_ context.Context, until time.Time, _ string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, time.Until(until).Round(time.Second))
	return nil
}

// traced is a tracer that the variables ask for.
func traced(t *testing.T, say *lines, c *clock, variables ...string) *telemetry.Tracer {
	t.Helper()
	tracer, err := telemetry.FromEnvironment(telemetry.Options{Getenv: environment(variables...), Version: "v9", Say: say.say, Clock: c})
	if err != nil || tracer == nil {
		t.Fatalf("tracer %v: %v", tracer, err)
	}
	t.Cleanup(func() { tracer.Close(t.Context()) })
	return tracer
}

// environment has the variables NAME=value.
func environment(variables ...string) func(string) string {
	return func(name string) string {
		for _, v := range variables {
			if value, found := strings.CutPrefix(v, name+"="); found {
				return value
			}
		}
		return ""
	}
}

func TestSpansReachTheCollectorAsATree(t *testing.T) {
	collector, said := tracetest.New(t), &lines{}
	tracer := traced(t, said, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_SERVICE_NAME=nightly",
		"OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test,service.name=other,note=a%2Cb", "OTEL_EXPORTER_OTLP_HEADERS=api-key=a%20key,x-second=2")
	ctx, run := telemetry.Start(tracer.Into(t.Context()), "run")
	inner, step := telemetry.Start(ctx, "step", telemetry.String("a", "1"), telemetry.Int("n", 7), telemetry.Bool("b", true), telemetry.Strings("l", []string{"x", "y"}), telemetry.String("none", ""))
	_, leaf := telemetry.Start(inner, "leaf")
	step.Set(telemetry.String("a", "2"))
	leaf.EndWith(fmt.Errorf("wrapped: %w", context.Canceled))
	step.End()
	step.Set(telemetry.String("a", "3")) // it is over
	step.End()
	run.End()
	tracer.Close(t.Context())

	spans := collector.Spans()
	if wrong := spans.Nest(); len(spans) != 3 || wrong != nil {
		t.Fatalf("%d spans: %v", len(spans), wrong)
	}
	if path := strings.Join(spans.Path(spans.Named("leaf")[0]), " > "); path != "run > step > leaf" {
		t.Errorf("the tree is %s", path)
	}
	got := spans.Named("step")[0]
	for key, want := range map[string]string{"a": "2", "n": "7", "b": "true", "l": "x, y", "none": ""} {
		if got.Text(key) != want {
			t.Errorf("%s is %q, want %q", key, got.Text(key), want)
		}
	}
	if got.Failed() || got.Client() || got.Flags != 0x101 || got.Scope != "github.com/reprompt/reprompt" {
		t.Errorf("span %v", got)
	}
	if leaf := spans.Named("leaf")[0]; !leaf.Failed() || leaf.Text("error.type") != "cancelled" {
		t.Errorf("the leaf is %v", leaf)
	}
	for key, want := range map[string]string{"service.name": "nightly", "service.version": "v9", "deployment.environment.name": "test", "note": "a,b"} {
		if got.Resource[key] != want {
			t.Errorf("resource: %s is %q, want %q", key, got.Resource[key], want)
		}
	}
	header := collector.Requests()[0].Header
	if header.Get("Api-Key") != "a key" || header.Get("X-Second") != "2" || header.Get("User-Agent") != "reprompt/v9" {
		t.Errorf("headers %v", header)
	}
	if len(said.all()) != 0 {
		t.Errorf("said %q", said.all())
	}
}

func TestWithoutATracerNothingIsDone(t *testing.T) {
	var tracer *telemetry.Tracer
	ctx := tracer.Into(t.Context())
	inner, span := telemetry.Start(ctx, "run", telemetry.String("a", "1"))
	if span != nil || inner != ctx || telemetry.Current(inner) != nil || span.In(ctx) != ctx || span.Around(ctx) != ctx {
		t.Errorf("a span without a tracer: %v", span)
	}
	span.Set(telemetry.Int("n", 1))
	span.Fail("x")
	span.EndWith(errors.New("x"))
	span.Tracer().Withhold(func(text string) string { return text })()
	tracer.Close(ctx)
	if n := testing.AllocsPerRun(100, func() { _, s := telemetry.Start(ctx, "run"); s.End() }); n != 0 {
		t.Errorf("a span that nobody records allocates %v times", n)
	}
}

func TestCallersTraceIsJoined(t *testing.T) {
	collector := tracetest.New(t)
	tracer := traced(t, &lines{}, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL,
		"TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "TRACESTATE=vendor=1")
	ctx, run := telemetry.Start(tracer.Into(t.Context()), "run")
	_, step := telemetry.Start(ctx, "step")
	step.End()
	run.End()
	tracer.Close(t.Context())
	for _, s := range collector.Spans() {
		if fmt.Sprintf("%x", s.TraceId) != "0af7651916cd43dd8448eb211c80319c" || s.TraceState != "vendor=1" {
			t.Errorf("%s is of trace %x (%s)", s.Name, s.TraceId, s.TraceState)
		}
	}
	if run := collector.Spans().Named("run")[0]; fmt.Sprintf("%x", run.ParentSpanId) != "b7ad6b7169203331" || run.Flags != 0x301 {
		t.Errorf("the run's parent is %x, its flags %x", run.ParentSpanId, run.Flags)
	}
}

func TestNothingSecretIsInASpan(t *testing.T) {
	collector := tracetest.New(t)
	tracer := traced(t, &lines{}, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	over := tracer.Withhold(func(text string) string { return strings.ReplaceAll(text, "hunter2", "[withheld]") })
	ctx, span := telemetry.Start(tracer.Into(t.Context()), "scenario of adele.vance@contoso.example with hunter2",
		telemetry.String("text", "hunter2"), telemetry.Strings("list", []string{"x", "hunter2"}), telemetry.String("bytes", "\xff"), telemetry.String("long", strings.Repeat("é", 600)))
	span.EndWith(errors.New("adele.vance@contoso.example sent hunter2"))
	over()
	_, later := telemetry.Start(ctx, "later hunter2")
	later.End()
	tracer.Close(t.Context())
	got := collector.Spans()[0]
	if got.Name != "scenario of {user} with [withheld]" || got.Text("text") != "[withheld]" || got.Text("list") != "x, [withheld]" || got.Text("bytes") != "\uFFFD" {
		t.Errorf("span %v", got)
	}
	if long := got.Text("long"); len(long) > 1030 || !strings.HasSuffix(long, "é…") {
		t.Errorf("a long text has %d bytes and ends in %q", len(long), long[len(long)-5:])
	}
	if strings.Contains(got.String(), "hunter2") || strings.Contains(got.String(), "adele") {
		t.Errorf("a secret is in %v", got)
	}
	if later := collector.Spans()[1]; later.Name != "later hunter2" {
		t.Errorf("a guard that is over still withholds: %s", later.Name)
	}
}

func TestCallsFollowTheConventionsOfHTTPClients(t *testing.T) {
	graph := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.Header["Traceparent"]) > 0 {
			t.Error("the trace was told to the server")
		}
		w.Header().Set("request-id", "11112222-3333-4444-5555-666677778888")
		if strings.HasSuffix(r.URL.Path, "/refused") {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer graph.Close()
	collector := tracetest.New(t)
	tracer := traced(t, &lines{}, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	client := graph.Client()
	client.Transport = telemetry.Transport(client.Transport)
	ctx, root := telemetry.Start(tracer.Into(t.Context()), "run")
	for _, c := range []struct {
		ctx          context.Context
		method, path string
	}{
		{tracer.Into(t.Context()), "GET", "/outside"}, // of no span
		{ctx, "GET", "/v1.0/users/adele%40contoso.example/memberOf?$filter=upn%20eq%20'x'&token=hunter2#f"},
		{ctx, "POST", "/v1.0/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')/members/lAPpYvVpN0KRkAEhdxReEJC2sEqbR_9Hr48lds9SGHI-1/refused"},
	} {
		request, err := http.NewRequestWithContext(c.ctx, c.method, graph.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
	}
	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://127.0.0.1:1/nobody", nil)
	if _, err := client.Do(request); err == nil {
		t.Fatal("somebody answers at port 1")
	}
	root.End()
	tracer.Close(t.Context())

	spans, port := collector.Spans(), graph.URL[strings.LastIndex(graph.URL, ":")+1:]
	if len(spans) != 4 || spans.Nest() != nil {
		t.Fatalf("%d spans: %v", len(spans), spans.Nest())
	}
	for i, want := range []map[string]string{
		{
			"name": "GET /v1.0/users/{user}/memberOf", "url.template": "/v1.0/users/{user}/memberOf", "url.full": graph.URL + "/v1.0/users/{user}/memberOf",
			"http.request.method": "GET", "server.address": "127.0.0.1", "server.port": port, "http.response.status_code": "200", "network.protocol.version": "1.1",
			"http.response.header.request-id": "11112222-3333-4444-5555-666677778888", "error.type": "",
		},
		{
			"name": "POST /v1.0/directoryRoles(roleTemplateId='{id}')/members/{id}/refused", "http.request.method": "POST", "http.response.status_code": "403", "error.type": "403",
			"url.full": graph.URL + "/v1.0/directoryRoles(roleTemplateId='62e90394-69f5-4237-9190-012177145e10')/members/lAPpYvVpN0KRkAEhdxReEJC2sEqbR_9Hr48lds9SGHI-1/refused",
		},
		{"name": "GET /nobody", "server.port": "1", "http.response.status_code": "", "error.type": "syscall.Errno"},
	} {
		got := spans[i]
		if !got.Client() || got.Name != want["name"] || got.Failed() != (want["error.type"] != "") {
			t.Errorf("span %v, want %s", got, want["name"])
		}
		delete(want, "name")
		for key, value := range want {
			if got.Text(key) != value {
				t.Errorf("%s: %s is %q, want %q", got.Name, key, got.Text(key), value)
			}
		}
	}
	if strings.Contains(string(collector.Raw()), "hunter2") || strings.Contains(string(collector.Raw()), "filter") {
		t.Error("the query of an address is in a span")
	}
}

// oneSpan sends a span and closes.
func oneSpan(t *testing.T, tracer *telemetry.Tracer) {
	_, span := telemetry.Start(tracer.Into(t.Context()), "run")
	span.End()
	tracer.Close(t.Context())
}

func TestBusyCollectorIsAskedAgain(t *testing.T) {
	collector, said, c := tracetest.New(t), &lines{}, &clock{}
	left := 2
	collector.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		if left--; left < 0 {
			return false
		}
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	oneSpan(t, traced(t, said, c, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="+collector.URL+"/v1/traces", "OTEL_EXPORTER_OTLP_COMPRESSION=gzip"))
	if len(collector.Spans()) != 1 || len(said.all()) != 0 || !slices.Equal(c.waits, []time.Duration{3 * time.Second, 6 * time.Second}) {
		t.Errorf("%d spans came, %v was waited, %q was said", len(collector.Spans()), c.waits, said.all())
	}
}

func TestCollectorThatFailsIsToldOfOnce(t *testing.T) {
	for _, row := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request) bool
		want   string
		calls  int // for each batch
	}{
		{"it is busy all the time", status(http.StatusTooManyRequests), "HTTP 429", 3},
		{"it refuses the key", status(http.StatusUnauthorized), "HTTP 401", 1},
		{"it leads elsewhere", status(http.StatusTemporaryRedirect), "HTTP 307", 1},
		{"it takes a part", func(w http.ResponseWriter, _ *http.Request) bool {
			raw, _ := proto.Marshal(&collectorpb.ExportTraceServiceResponse{PartialSuccess: &collectorpb.ExportTracePartialSuccess{RejectedSpans: 1, ErrorMessage: "too old"}})
			_, _ = w.Write(raw)
			return true
		}, "it rejected 1 spans: too old", 1},
		{"it hangs up", func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, "EOF", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			collector, said := tracetest.New(t), &lines{}
			collector.Answer(row.answer)
			tracer := traced(t, said, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_EXPORTER_OTLP_HEADERS=key=hunter2")
			for range 600 { // more than one batch
				_, span := telemetry.Start(tracer.Into(t.Context()), "run")
				span.End()
			}
			tracer.Close(t.Context())
			tracer.Close(t.Context())
			text := strings.Join(said.all(), "\n")
			if len(said.all()) != 1 || !strings.Contains(text, row.want) || !strings.Contains(text, strings.TrimPrefix(collector.URL, "http://")) || strings.Contains(text, "hunter2") {
				t.Errorf("said %q, want %q once", said.all(), row.want)
			}
			if n := len(collector.Requests()); n < 2*row.calls || n%row.calls != 0 {
				t.Errorf("%d requests, want %d for each of at least two batches", n, row.calls)
			}
		})
	}
}

func status(code int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Location", "/v1/traces")
		w.WriteHeader(code)
		return true
	}
}

// A collector that never answers holds up the end for as long as the timeout says, and no longer; the test
// would hang otherwise.
func TestCollectorThatHangsIsGivenUp(t *testing.T) {
	collector, said := tracetest.New(t), &lines{}
	over := make(chan struct{})
	defer close(over)
	collector.Answer(func(http.ResponseWriter, *http.Request) bool { <-over; return true })
	tracer := traced(t, said, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_EXPORTER_OTLP_TIMEOUT=50")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	ctx, run := telemetry.Start(tracer.Into(ended), "run")
	for range 8000 {
		_, span := telemetry.Start(ctx, "step")
		span.End()
	}
	run.End()
	tracer.Close(ended)
	if n := len(collector.Requests()); n > 8000/512 {
		t.Errorf("%d requests: the end waits for each batch, and not for the timeout in all", n)
	}
	if text := strings.Join(said.all(), "\n"); !strings.Contains(text, "no answer within 50ms") {
		t.Errorf("said %q", text)
	}
}

func TestNobodyListens(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	said := &lines{}
	oneSpan(t, traced(t, said, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+address))
	if text := strings.Join(said.all(), "\n"); !strings.Contains(text, "connection refused") {
		t.Errorf("said %q", text)
	}
}

// A command that goes on for hours is seen while it does.
func TestSpansAreSentBeforeTheEnd(t *testing.T) {
	for _, row := range []struct {
		name  string
		spans int
		later time.Duration // by when the last of them ends
	}{
		{"there are as many as are sent at a time", 512, 0},
		{"one waited for long enough", 2, 5 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			collector, c, came := tracetest.New(t), &clock{}, make(chan struct{}, 1)
			collector.Answer(func(http.ResponseWriter, *http.Request) bool { came <- struct{}{}; return false })
			tracer := traced(t, &lines{}, c, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
			ctx, run := telemetry.Start(tracer.Into(t.Context()), "run")
			for n := range row.spans {
				if n == row.spans-1 {
					c.mu.Lock()
					c.ahead = row.later
					c.mu.Unlock()
				}
				_, span := telemetry.Start(ctx, "step")
				span.End()
			}
			patience, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			select {
			case <-came:
			case <-patience.Done():
				t.Fatal("nothing was sent while the run went on")
			}
			run.End()
			tracer.Close(t.Context())
			if n := len(collector.Spans()); n != row.spans+1 {
				t.Errorf("%d spans came, want %d", n, row.spans+1)
			}
		})
	}
}

// Spans that nobody fetches may not fill the memory.
func TestSpansThatWaitAreBounded(t *testing.T) {
	collector := tracetest.New(t)
	over := make(chan struct{})
	collector.Answer(func(http.ResponseWriter, *http.Request) bool { <-over; return false })
	tracer := traced(t, &lines{}, &clock{}, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	ctx, root := telemetry.Start(tracer.Into(t.Context()), "run")
	for range 20_000 {
		_, span := telemetry.Start(ctx, "step")
		span.End()
	}
	root.End()
	close(over)
	tracer.Close(t.Context())
	if n := len(collector.Spans()); n < 8192 || n > 8192+512 {
		t.Errorf("%d spans came of those that waited, want about 8192", n)
	}
}

func TestErrorsInOneWord(t *testing.T) {
	for _, row := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("adele@contoso.example"), "error"},
		{fmt.Errorf("step: %w", context.DeadlineExceeded), "timeout"},
		{fmt.Errorf("step: %w", &os.PathError{Op: "open", Path: "/secret", Err: os.ErrNotExist}), "*fs.PathError"},
	} {
		if got := telemetry.TypeOf(row.err); got != row.want {
			t.Errorf("%v is %q, want %q", row.err, got, row.want)
		}
	}
}
