package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// nothing is an id that no object has.
const nothing = "00000000-dead-4000-8000-000000000000"

// TestWrongIds sends every operation that names an object to one that is not there.
func TestWrongIds(t *testing.T) {
	x := newTour(t)
	bodies := map[string]string{}
	for _, s := range steps {
		bodies[s.operation] = s.body
	}
	variables := strings.NewReplacer("{id}", nothing, "{mid}", nothing, "{ruleId}", "Nothing_EndUser_Assignment", "{on}", "principal")
	sent := 0
	for _, operation := range x.schema.operations() {
		method, path, _ := strings.Cut(operation, " ")
		if !strings.Contains(path, "{id}") {
			continue
		}
		sent++
		want := http.StatusNotFound
		if operation == "PATCH /identity/conditionalAccess/authenticationContextClassReferences/{id}" {
			want = http.StatusBadRequest // a PATCH makes a context (documented), of an id from c1 to c99
		}
		x.variables["country"], x.variables["strength"] = nothing, nothing
		got := x.do(x.as("", everyPermission(t)...), method, "/v1.0"+variables.Replace(path), x.fill(bodies[operation]))
		x.refused(t, operation, got, want, "")
	}
	if sent < 25 {
		t.Errorf("only %d operations name an object", sent)
	}
}

// refused wants a refusal in the published envelope that names what is wrong.
func (x *tour) refused(t *testing.T, what string, got exchange, status int, names string) {
	t.Helper()
	if got.answered.Code != status {
		t.Errorf("%s: status %d, want %d: %s", what, got.answered.Code, status, got.answered.Body)
		return
	}
	if _, err := x.schema.judge(got, false); err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if message := got.answer(t).Object("error").String("message"); !strings.Contains(message, names) {
		t.Errorf("%s: %q does not name %s", what, message, names)
	}
}

// TestWrongBodies sends every body of the tour with a property that is none, and with each
// value of an enumeration replaced by one that is none.
func TestWrongBodies(t *testing.T) {
	x := newTour(t)
	enumerations := x.schema.enumerations()
	sent := 0
	for _, s := range steps {
		if s.body != "" {
			body := document.MustParse([]byte(x.fill(s.body)))
			x.sendWrong(t, s, body.Clone().Set("colour", "red"), "colour")
			for _, wrong := range wrongly(body, enumerations) {
				sent++
				x.sendWrong(t, s, wrong, "sideways")
			}
		}
		x.run(t, s)
	}
	if sent < 29 {
		t.Errorf("only %d values of enumerations were sent wrongly", sent)
	}
}

func (x *tour) sendWrong(t *testing.T, s step, body *document.Object, names string) {
	t.Helper()
	method, path, _ := strings.Cut(s.operation, " ")
	if s.path != "" {
		path = s.path
	}
	path = "/v1.0" + x.fill(strings.ReplaceAll(path, "{id}", "{"+s.id+"}"))
	got := x.do(x.as(x.variables[s.as], everyPermission(t)...), method, path, string(body.Raw()))
	x.refused(t, s.operation+" with "+names, got, http.StatusBadRequest, names)
}

// enumerations are the names of the properties whose values are enumerated in some type. In
// the bodies of the tour these names are of no other property.
func (s *schema) enumerations() []string {
	// Values joined by commas are texts with a pattern in the schema.
	names := []string{"allowedCombinations", "transferMethods", "guestOrExternalUserTypes"}
	for _, of := range s.document.Components.Schemas {
		for name, property := range of.Value.Properties {
			if !strings.HasPrefix(name, "@") && isEnumeration(property) {
				names = append(names, name)
			}
		}
	}
	return names
}

func isEnumeration(property *openapi3.SchemaRef) bool {
	v := property.Value
	if v.Items != nil {
		v = v.Items.Value
	}
	return len(v.Enum) > 0
}

// wrongly returns a copy of the body for each enumerated value in it, with this one wrong.
func wrongly(body *document.Object, enumerations []string) []*document.Object {
	var out []*document.Object
	for _, name := range body.Keys() {
		value, _ := body.Get(name)
		switch v := value.(type) {
		case *document.Object:
			for _, inner := range wrongly(v, enumerations) {
				out = append(out, body.Clone().Set(name, inner))
			}
		case string:
			if slices.Contains(enumerations, name) {
				out = append(out, body.Clone().Set(name, "sideways"))
			}
		case []any:
			if slices.Contains(enumerations, name) {
				out = append(out, body.Clone().Set(name, []string{"sideways"}))
			}
		}
	}
	return out
}
