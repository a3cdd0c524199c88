package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

const plain = "correct horse battery staple"

// holder keeps a secret the way other packages do; fmt calls no methods on its fields.
type holder struct {
	name  string
	text  secret.Text
	ptr   *secret.Text
	many  []secret.Text
	named map[string]secret.Text
}

func newHolder() holder {
	t := secret.New(plain)
	return holder{"x", t, &t, []secret.Text{t}, map[string]secret.Text{"k": t}}
}

func mustHide(t *testing.T, how, got string) {
	t.Helper()
	for _, form := range []string{plain, fmt.Sprintf("%x", plain), fmt.Sprintf("%X", plain), fmt.Sprintf("%d", []byte(plain)), fmt.Sprintf("%U", []rune(plain))} {
		if strings.Contains(got, form) {
			t.Errorf("%s shows the secret: %s", how, got)
		}
	}
}

func TestNoVerbPrintsASecret(t *testing.T) {
	text := secret.New(plain)
	h := newHolder()
	values := map[string]any{
		"value": text, "pointer": &text, "struct": h, "pointer to struct": &h,
		"slice": []secret.Text{text}, "map": map[string]secret.Text{"k": text}, "interface slice": []any{text},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b", "%c", "%U", "%e", "%g", "%t", "%p", "%T", "%10s", "%-40q"} {
			mustHide(t, name+" by "+verb, fmt.Sprintf(verb, v))
		}
		mustHide(t, name+" by Sprint", fmt.Sprint(v))
		mustHide(t, name+" wrapped in an error", fmt.Errorf("sign in: %v: %w", v, errors.ErrUnsupported).Error())
	}
}

func TestPrintedFormSaysRedacted(t *testing.T) {
	text := secret.New(plain)
	for how, got := range map[string]string{
		"%v": fmt.Sprintf("%v", text), "%#v": fmt.Sprintf("%#v", text), "%d": fmt.Sprintf("%d", text),
		"String": text.String(), "GoString": text.GoString(),
	} {
		if got != "[redacted]" {
			t.Errorf("%s prints %q, want [redacted]", how, got)
		}
	}
}

func TestNoEncodingShowsASecret(t *testing.T) {
	type exported struct {
		Text secret.Text
		Ptr  *secret.Text
		Map  map[string]secret.Text
	}
	text := secret.New(plain)
	asJSON, err := json.Marshal(exported{text, &text, map[string]secret.Text{"k": text}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Text":"[redacted]","Ptr":"[redacted]","Map":{"k":"[redacted]"}}`; string(asJSON) != want {
		t.Errorf("JSON is %s, want %s", asJSON, want)
	}
	asXML, err := xml.Marshal(&struct {
		XMLName xml.Name `xml:"x"`
		Text    secret.Text
		Attr    secret.Text `xml:"attr,attr"`
	}{Text: text, Attr: text})
	if err != nil {
		t.Fatal(err)
	}
	if want := `<x attr="[redacted]"><Text>[redacted]</Text></x>`; string(asXML) != want {
		t.Errorf("XML is %s, want %s", asXML, want)
	}
}

func TestNoLogHandlerShowsASecret(t *testing.T) {
	var out bytes.Buffer
	text := secret.New(plain)
	h := newHolder()
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).With("with", text).WithGroup("g").
			Info("m", "value", text, "pointer", &text, "struct", h, "pointer to struct", &h, "slice", []secret.Text{text}, slog.Group("in", "text", text))
	}
	mustHide(t, "slog", out.String())
	if n := strings.Count(out.String(), "[redacted]"); n < 6 {
		t.Errorf("log says [redacted] %d times, want each attribute redacted:\n%s", n, out.String())
	}
}

func TestLogHandlersSeeAString(t *testing.T) {
	if v := slog.AnyValue(secret.New(plain)).Resolve(); v.Kind() != slog.KindString || v.String() != "[redacted]" {
		t.Errorf("a handler of another make sees %s of kind %s", v, v.Kind())
	}
}

func TestASecretIsReadFromJSON(t *testing.T) {
	var got struct{ Text, Missing, Null, Empty secret.Text }
	if err := json.Unmarshal([]byte(`{"Text":"`+plain+`","Null":null,"Empty":""}`), &got); err != nil {
		t.Fatal(err)
	}
	if got.Text.Reveal() != plain || !got.Missing.Empty() || !got.Null.Empty() || !got.Empty.Empty() {
		t.Errorf("read %q; empty: %v %v %v", got.Text.Reveal(), got.Missing.Empty(), got.Null.Empty(), got.Empty.Empty())
	}
	mustHide(t, "a value that was read", fmt.Sprintf("%+v", got))
}

func TestRevealReturnsThePlainText(t *testing.T) {
	if got := secret.New(plain).Reveal(); got != plain {
		t.Errorf("Reveal() = %q", got)
	}
}

func TestEmpty(t *testing.T) {
	for _, row := range []struct {
		text secret.Text
		want bool
	}{{secret.Text{}, true}, {secret.New(""), true}, {secret.New(" "), false}} {
		if got := row.text.Empty(); got != row.want {
			t.Errorf("Empty() = %v, want %v", got, row.want)
		}
		if row.want && row.text.Reveal() != "" {
			t.Error("an empty secret reveals text")
		}
	}
}
