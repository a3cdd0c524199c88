package telemetry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/trace/v1"
)

// Attr is one attribute of a span. Make it with String, Strings, Int or Bool.
type Attr struct {
	key   string
	value any
}

// String is an attribute that is a text; an empty one is left out.
func String(key, value string) Attr { return Attr{key, value} }

// Strings is an attribute that is a list of texts; an empty one is left out.
func Strings[S ~string](key string, values []S) Attr {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return Attr{key, texts}
}

// Int is an attribute that is a whole number.
func Int(key string, value int) Attr { return Attr{key, value} }

// Bool is an attribute that is true or false.
func Bool(key string, value bool) Attr { return Attr{key, value} }

// Span is one thing that was done. Its methods take nil, which is what Start returns where nothing is
// recorded. It is safe for concurrent use.
type Span struct {
	tracer *Tracer
	trace  *epoch
	root   bool // nothing of this process is around it
	id     []byte

	mu    sync.Mutex
	data  *tracepb.Span
	ended bool
}

// epoch is what the spans of one trace share. Their times are its wall clock plus the monotonic time since,
// so that they nest even when somebody sets the clock.
type epoch struct {
	id    []byte
	began time.Time
}

func (e *epoch) now() uint64 {
	return uint64(e.began.UnixNano() + time.Since(e.began).Nanoseconds())
}

type carrierKey struct{}

// carrier is what a context knows: who records, and in which span; the span is nil before the first.
type carrier struct {
	tracer *Tracer
	span   *Span
}

func carried(ctx context.Context) carrier {
	c, _ := ctx.Value(carrierKey{}).(carrier)
	return c
}

// Into has what is done with the returned context recorded. A nil Tracer records nothing.
func (t *Tracer) Into(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, carrierKey{}, carrier{tracer: t})
}

// Current is the span that the context is in; nil where it is in none.
func Current(ctx context.Context) *Span { return carried(ctx).span }

// Tracer is who records the span; nil where the span is.
func (s *Span) Tracer() *Tracer {
	if s == nil {
		return nil
	}
	return s.tracer
}

// In is a context in which the span goes on: what is begun with it is within the span, whatever ctx was in.
func (s *Span) In(ctx context.Context) context.Context {
	if s == nil {
		return ctx
	}
	return context.WithValue(ctx, carrierKey{}, carrier{s.tracer, s})
}

// Around is In, unless ctx is in a span already.
func (s *Span) Around(ctx context.Context) context.Context {
	if carried(ctx).span != nil {
		return ctx
	}
	return s.In(ctx)
}

// Start begins a span within that of the context, which the returned context is in. End it.
func Start(ctx context.Context, name string, attrs ...Attr) (context.Context, *Span) {
	return start(ctx, name, tracepb.Span_SPAN_KIND_INTERNAL, attrs)
}

func start(ctx context.Context, name string, kind tracepb.Span_SpanKind, attrs []Attr) (context.Context, *Span) {
	c := carried(ctx)
	if c.tracer == nil {
		return ctx, nil
	}
	s := c.tracer.newSpan(c.span)
	s.data.Name, s.data.Kind = name, kind
	s.Set(attrs...)
	return context.WithValue(ctx, carrierKey{}, carrier{c.tracer, s}), s
}

// Bits of a span's flags (opentelemetry-proto, SpanFlags): sampled, whether the parent is of another
// process is known, and it is.
const (
	flagSampled     = 0x001
	flagKnowsRemote = 0x100
	flagIsRemote    = 0x200
)

// newSpan begins a span in another one; nil begins a trace, or goes on with the caller's of this process.
func (t *Tracer) newSpan(parent *Span) *Span {
	s := &Span{tracer: t, id: random(8)}
	s.data = &tracepb.Span{SpanId: s.id, TraceState: t.settings.parent.state, Flags: flagSampled | flagKnowsRemote}
	switch outer := t.settings.parent; {
	case parent != nil:
		s.trace, s.data.ParentSpanId = parent.trace, parent.id
	case outer.trace != nil:
		s.root, s.trace, s.data.ParentSpanId = true, &epoch{outer.trace, time.Now()}, outer.span
		s.data.Flags |= flagIsRemote
	default:
		s.root, s.trace = true, &epoch{random(16), time.Now()}
	}
	s.data.TraceId, s.data.StartTimeUnixNano = s.trace.id, s.trace.now()
	return s
}

func random(n int) []byte {
	id := make([]byte, n)
	_, _ = rand.Read(id) // never fails (documented)
	return id
}

// Set adds attributes; one of the same key takes the place of an earlier one.
func (s *Span) Set(attrs ...Attr) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	for _, a := range attrs {
		if value := s.tracer.valueOf(a.value); value != nil {
			s.setLocked(a.key, value)
		}
	}
}

func (s *Span) setLocked(key string, value *commonpb.AnyValue) {
	for _, there := range s.data.Attributes {
		if there.Key == key {
			there.Value = value
			return
		}
	}
	s.data.Attributes = append(s.data.Attributes, &commonpb.KeyValue{Key: key, Value: value})
}

// Fail says that what was done failed, and in which way: a code, or the type of an error, of which there
// are few (error.type of the semantic conventions). The text of an error is not for spans.
func (s *Span) Fail(kind string) {
	if s == nil || kind == "" {
		return
	}
	s.Set(String("error.type", kind))
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.data.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR}
	}
}

// End ends the span now. A second call does nothing.
func (s *Span) End() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	s.data.EndTimeUnixNano = s.trace.now()
	s.data.Name = s.tracer.clean(s.data.Name)
	s.tracer.add(s.data, s.root)
}

// EndWith ends the span; with an error, as failed.
func (s *Span) EndWith(err error) {
	if s == nil {
		return
	}
	s.Fail(TypeOf(err))
	s.End()
}

// TypeOf is an error in one word: cancelled, timeout, or the Go type of the innermost error that has one
// of its own. It is empty without an error.
func TypeOf(err error) string {
	var late interface{ Timeout() bool }
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case errors.As(err, &late) && late.Timeout(), errors.Is(err, os.ErrDeadlineExceeded):
		return "timeout"
	}
	kind := "error"
	for ; err != nil; err = errors.Unwrap(err) {
		switch name := fmt.Sprintf("%T", err); name {
		case "*fmt.wrapError", "*fmt.wrapErrors", "*errors.errorString", "*errors.joinError":
		default:
			kind = name
		}
	}
	return kind
}
