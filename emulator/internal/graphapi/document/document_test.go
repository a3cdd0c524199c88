package document_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

func text(t *testing.T, o *document.Object) string {
	t.Helper()
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOrderAndNullsSurvive(t *testing.T) {
	const in = `{"b":null,"a":[1,{"z":"<&>","y":false}],"n":1.50}`
	o, err := document.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	// encoding/json escapes <, > and & again; Raw does not.
	if diff := cmp.Diff(in, string(o.Raw())); diff != "" {
		t.Error(diff)
	}
	o.Set("a", "x").Set("c", time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC))
	if diff := cmp.Diff(`{"b":null,"a":"x","n":1.50,"c":"2026-01-02T03:04:05.6Z"}`, text(t, o)); diff != "" {
		t.Error(diff)
	}
}

func TestMergeReplacesListsAndNulls(t *testing.T) {
	base := document.MustParse([]byte(`{"a":{"x":1,"y":[1,2]},"b":"old","c":1}`))
	patch := document.MustParse([]byte(`{"a":{"y":[3]},"b":null}`))
	if diff := cmp.Diff(`{"a":{"x":1,"y":[3]},"b":null,"c":1}`, text(t, document.Merge(base, patch))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"a":{"x":1,"y":[1,2]},"b":"old","c":1}`, text(t, base)); diff != "" {
		t.Errorf("Merge changed its base: %s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"a repeated property": `{"a":1,"a":2}`,
		"text after the end":  `{"a":1} x`,
		"a list":              `[1]`,
		"an unfinished value": `{"a":`,
		"nothing":             ``,
	} {
		if o, err := document.Parse([]byte(in)); err == nil {
			t.Errorf("%s: parsed as %v, want an error", name, o)
		}
	}
}
