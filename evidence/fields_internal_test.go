package evidence

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// fieldsFile is the reference of every field of every document, made from the types as the schemas are.
const fieldsFile = "../docs/evidence-fields.md"

func TestTheReferenceOfFieldsIsThatOfTheTypes(t *testing.T) {
	r := &reference{words: wordsOf(t, ".", "../verdict", "../tokens"), done: map[reflect.Type]bool{}}
	r.printf("# Every field of a bundle\n\nMade from the types (`go test ./evidence -run Fields -update`); [evidence.md](evidence.md) says what the files are for.\n" +
		"Times are RFC 3339 in UTC; a zero time (`0001-01-01T00:00:00Z`), an empty text and `null` mean \"not observed\", never \"no\".\n" +
		"A member `…_ns` is in nanoseconds. A digest is a SHA-256 in lower-case hexadecimal.\n")
	for _, d := range documents {
		r.printf("\n## %s\n\nSchema: [%s](../evidence/schema/%s.schema.json).\n", d.title, d.name, d.name)
		r.table(d.of)
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(fieldsFile, []byte(r.text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(fieldsFile); err != nil || string(got) != r.text.String() {
		t.Errorf("%s is not what the types say (%v): go test ./evidence -run Fields -update", fieldsFile, err)
	}
}

// reference writes one table per type, where it occurs first.
type reference struct {
	words map[string]string
	done  map[reflect.Type]bool
	text  strings.Builder
}

func (r *reference) printf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

func (r *reference) table(of reflect.Type) {
	if r.done[of] {
		return
	}
	r.done[of] = true
	name := typeName(of)
	_, short, _ := strings.Cut(name, ".")
	r.printf("\n**%s.** %s\n\n| field | type | |\n|---|---|---|\n", cmp.Or(short, name), inTable(r.words[name]))
	var below []reflect.Type
	for i := range of.NumField() {
		field := of.Field(i)
		member, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		typed, inner := wordFor(field.Type)
		r.printf("| `%s` | %s | %s |\n", member, typed, inTable(r.about(name, field)))
		if inner != nil {
			below = append(below, inner)
		}
	}
	for _, inner := range below {
		r.table(inner)
	}
}

// about is what is said of a field, or of its type.
func (r *reference) about(name string, field reflect.StructField) string {
	of := field.Type
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	switch own := r.words[name+"."+field.Name]; {
	case own != "":
		return own
	case of.Kind() == reflect.Struct && of != reflect.TypeFor[time.Time]():
		return "see " + typeName(of)[strings.IndexByte(typeName(of), '.')+1:]
	case of.PkgPath() != "" && of != reflect.TypeFor[time.Time]():
		return r.words[typeName(of)]
	}
	return "by its name"
}

// wordFor names a type as JSON has it, and the structure in it.
func wordFor(of reflect.Type) (string, reflect.Type) {
	switch {
	case of == reflect.TypeFor[time.Time]():
		return "time", nil
	case of == reflect.TypeFor[[]byte]():
		return "base64", nil
	case of == reflect.TypeFor[time.Duration]():
		return "nanoseconds", nil
	}
	switch of.Kind() {
	case reflect.Pointer:
		word, inner := wordFor(of.Elem())
		return word + " or null", inner
	case reflect.Slice:
		word, inner := wordFor(of.Elem())
		return "list of " + word, inner
	case reflect.Map:
		return "object of text", nil
	case reflect.Struct:
		_, short, _ := strings.Cut(typeName(of), ".")
		return cmp.Or(short, typeName(of)), of
	case reflect.Bool:
		return "true or false", nil
	case reflect.Int, reflect.Int64:
		return "whole number", nil
	}
	return "text", nil
}

func inTable(text string) string { return strings.ReplaceAll(text, "|", "\\|") }
