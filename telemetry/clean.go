package telemetry

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
)

const (
	// longestText bounds a text in a span, in bytes.
	longestText = 1024
	// withheld stands for a text that a guard knows.
	withheld = "[withheld]"
)

// userName is a user principal name or a mail address, also as it stands in a path.
var userName = regexp.MustCompile(`(?i)[^\s/@"'<>(),;=]+(?:@|%40)[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// Withhold keeps a text out of the spans that end from now on: holds reports whether one holds what must
// not be kept, as the guard of the evidence does. The returned func takes that back. A nil Tracer takes
// nothing.
func (t *Tracer) Withhold(holds func(text string) bool) (over func()) {
	if t == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	guard := &holds
	t.guards = append(t.guards, guard)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.guards = slices.DeleteFunc(t.guards, func(g *func(string) bool) bool { return g == guard })
	}
}

// clean is a text as it may be in a span.
func (t *Tracer) clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD") // protobuf takes no other
	t.mu.Lock()
	guards := slices.Clone(t.guards)
	t.mu.Unlock()
	for _, holds := range guards {
		if (*holds)(text) {
			return withheld
		}
	}
	text = userName.ReplaceAllString(text, "{user}")
	if len(text) <= longestText {
		return text
	}
	cut := longestText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// valueOf is the value of an attribute, cleaned; nil is left out.
func (t *Tracer) valueOf(value any) *commonpb.AnyValue {
	switch value := value.(type) {
	case string:
		if value == "" {
			return nil
		}
		return textValue(t.clean(value))
	case []string:
		if len(value) == 0 {
			return nil
		}
		list := &commonpb.ArrayValue{}
		for _, text := range value {
			list.Values = append(list.Values, textValue(t.clean(text)))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	case int:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(value)}}
	case bool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: value}}
	}
	return nil
}

func textValue(text string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: text}}
}
