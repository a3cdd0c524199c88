// Package secret holds text that must not be printed: passwords, seeds of one-time codes,
// tokens, client secrets.
//
// A Text prints as
//
//	[redacted]
//
// by every verb of fmt, by encoding/json, encoding/xml and log/slog, alone and inside an
// unexported field of another struct. Its text sits behind an unexported pointer: fmt calls
// no method on an unexported field, and would otherwise print the text itself by %#v or %d.
//
// What it does not do: the text stays in memory until it is collected, and whoever calls
// Reveal has the plain string.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is what every form of printing yields.
const redacted = "[redacted]"

// Text is a secret. The zero value is empty. Two Texts made from equal strings are not ==,
// because the text is held by pointer; compare what Reveal returns.
type Text struct{ s *string }

// New makes a secret of s.
func New(s string) Text {
	if s == "" {
		return Text{}
	}
	return Text{s: &s}
}

// Reveal returns the plain text. Call it where the text is sent and nowhere else.
func (t Text) Reveal() string {
	if t.s == nil {
		return ""
	}
	return *t.s
}

// Empty reports whether there is no text.
func (t Text) Empty() bool { return t.s == nil }

// Format implements fmt.Formatter, so that no verb reaches the pointer.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns the redacted form.
func (Text) String() string { return redacted }

// GoString returns the redacted form.
func (Text) GoString() string { return redacted }

// MarshalJSON yields the redacted form as a JSON string. It never fails.
func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText yields the redacted form. It never fails.
func (Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes a text as the secret, so that what is read from JSON is never a plain string.
// What MarshalText wrote does not come back: it is redacted. It never fails.
func (t *Text) UnmarshalText(text []byte) error {
	*t = New(string(text))
	return nil
}

// LogValue implements slog.LogValuer.
func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }
