package emulator_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator"
)

// docs/control.md explains every field of emulator.json.
func TestEveryFieldOfAccessIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/control.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n## emulator.json\n")
	if !found {
		t.Fatal("docs/control.md has no section on emulator.json")
	}
	for _, name := range fieldNames(reflect.TypeFor[emulator.Access]()) {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("docs/control.md does not explain %s", name)
		}
	}
}

// fieldNames are the keys of a struct in JSON, and of the structs in it.
func fieldNames(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		if name := field.Tag.Get("json"); name != "-" {
			names = append(names, name)
		}
		if field.Type.Kind() == reflect.Struct {
			names = append(names, fieldNames(field.Type)...)
		}
	}
	return names
}
