package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const (
	// tries are the requests for one batch, and firstPause, which doubles, the wait between them where the
	// collector does not say how long.
	tries, firstPause = 3, time.Second
	// largestAnswer bounds what is read of a collector's answer.
	largestAnswer = 64 << 10
	contentType   = "application/x-protobuf"
	// schemaURL names the semantic conventions that names and attributes are taken from.
	schemaURL = "https://opentelemetry.io/schemas/1.37.0"
	scopeName = "github.com/reprompt/reprompt"
)

// refusedError is an answer other than 2xx.
type refusedError struct {
	status int
	after  string // Retry-After
}

func (e *refusedError) Error() string { return fmt.Sprintf("HTTP %d", e.status) }

// temporary reports whether OTLP lets the request be repeated (OTLP 1.x, "Retryable Response Codes").
func (e *refusedError) temporary() bool {
	switch e.status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// export sends spans, and again where the collector is too busy, for no longer than the timeout.
func (t *Tracer) export(ctx context.Context, spans []*tracepb.Span) error {
	body, err := t.encode(spans)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, t.settings.timeout)
	defer cancel()
	pause := firstPause
	for try := 1; ; try++ {
		err := t.post(ctx, body)
		busy := new(refusedError)
		if err == nil || !errors.As(err, &busy) || !busy.temporary() || try == tries {
			return err
		}
		if seconds, err := strconv.Atoi(strings.TrimSpace(busy.after)); err == nil && seconds >= 0 {
			pause = max(pause, time.Duration(seconds)*time.Second)
		}
		until := t.clock.Now().Add(pause)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause || t.clock.Wait(ctx, until, "the collector of traces") != nil {
			return err
		}
		pause *= 2
	}
}

// encode is the body of a request.
func (t *Tracer) encode(spans []*tracepb.Span) ([]byte, error) {
	raw, err := proto.Marshal(&collectorpb.ExportTraceServiceRequest{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource:  &resourcepb.Resource{Attributes: t.settings.resource},
		SchemaUrl: schemaURL,
		ScopeSpans: []*tracepb.ScopeSpans{{
			Scope: &commonpb.InstrumentationScope{Name: scopeName, Version: t.settings.version}, SchemaUrl: schemaURL, Spans: spans,
		}},
	}}})
	if err != nil {
		return nil, fmt.Errorf("encode spans: %w", err)
	}
	if !t.settings.gzip {
		return raw, nil
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err = w.Write(raw); err == nil {
		err = w.Close()
	}
	return packed.Bytes(), err
}

// post sends one request. The error names no address, which may hold a key, and no header.
func (t *Tracer) post(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.settings.endpoint.String(), bytes.NewReader(body))
	if err != nil {
		return errors.New("the endpoint is no address")
	}
	for name, value := range t.settings.headers {
		request.Header.Set(name, value.Reveal())
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("User-Agent", "reprompt/"+t.settings.version)
	if t.settings.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := t.http.Do(request)
	if at := new(url.Error); errors.As(err, &at) {
		err = at.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("no answer within %s", t.settings.timeout)
	}
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, largestAnswer)) // what is not there says nothing
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return &refusedError{response.StatusCode, response.Header.Get("Retry-After")}
	}
	return rejected(answer)
}

// rejected is the error of an answer that took a part of the spans only.
func rejected(answer []byte) error {
	var said collectorpb.ExportTraceServiceResponse
	if proto.Unmarshal(answer, &said) != nil || said.GetPartialSuccess().GetRejectedSpans() == 0 {
		return nil
	}
	return fmt.Errorf("it rejected %d spans: %s", said.GetPartialSuccess().GetRejectedSpans(), said.GetPartialSuccess().GetErrorMessage())
}
