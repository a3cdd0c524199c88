package telemetry

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
)

// longestText bounds a text in a span, in bytes.
const longestText = 1024

// userName is a user principal name or a mail address, also as it stands in a path.
var userName = regexp.MustCompile(`(?i)[^\s/@"'<>(),;=]+(?:@|%40)[a-z0-9-]+(?:\.[a-z0-9-]+)+`)

// Withhold has every text of a span pass a guard from now on, which returns another in its place where it
// holds what must not be kept, as the guard of the evidence does. The returned func takes that back. A nil
// Tracer takes nothing.
func (t *Tracer) Withhold(instead func(text string) string) (over func()) {
	if t == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	guard := &instead
	t.guards = append(t.guards, guard)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.guards = slices.DeleteFunc(t.guards, func(g *func(string) string) bool { return g == guard })
	}
}

// clean is a text as it may be in a span.
func (t *Tracer) clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD") // protobuf takes no other
	t.mu.Lock()
	guards := slices.Clone(t.guards)
	t.mu.Unlock()
	for _, instead := range guards {
		text = (*instead)(text)
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
