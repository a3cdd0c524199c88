package graphapi

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
)

// shape says which properties a request body may have. The service refuses any other
// one, and takes values of an enumeration in any case; checking writes them in the
// spelling of the service.
type shape map[string]kind

// kind checks one value and returns it in the service's spelling.
type kind func(path string, v any) (any, error)

// conform checks a body against a shape and returns a copy in the service's spelling.
// Annotations ("@odata.type", "x@odata.bind") pass.
func (s shape) conform(typeName, path string, o *document.Object) (*document.Object, error) {
	out := &document.Object{}
	for _, k := range o.Keys() {
		v, _ := o.Get(k)
		if strings.Contains(k, "@") {
			out.Set(k, v)
			continue
		}
		check, ok := s[k]
		if !ok {
			return nil, badRequest("The property '%s' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", path+k, typeName)
		}
		if v == nil {
			out.Set(k, nil)
			continue
		}
		value, err := check(path+k, v)
		if err != nil {
			return nil, err
		}
		out.Set(k, value)
	}
	return out, nil
}

func wrongType(path, want string) error {
	return badRequest("Cannot convert the value of property '%s' to the expected type '%s'.", path, want)
}

func text(path string, v any) (any, error) {
	if _, ok := v.(string); !ok {
		return nil, wrongType(path, "Edm.String")
	}
	return v, nil
}

func boolean(path string, v any) (any, error) {
	if _, ok := v.(bool); !ok {
		return nil, wrongType(path, "Edm.Boolean")
	}
	return v, nil
}

func integer(path string, v any) (any, error) {
	n, ok := v.(json.Number)
	if _, err := n.Int64(); !ok || err != nil {
		return nil, wrongType(path, "Edm.Int32")
	}
	return v, nil
}

// moment is a date and time with an offset from UTC.
func moment(path string, v any) (any, error) {
	s, ok := v.(string)
	if _, err := time.Parse(time.RFC3339Nano, s); !ok || err != nil {
		return nil, wrongType(path, "Edm.DateTimeOffset")
	}
	return v, nil
}

func anything(_ string, v any) (any, error) { return v, nil }

func texts(path string, v any) (any, error) {
	list, ok := v.([]any)
	if !ok || slices.ContainsFunc(list, func(e any) bool { _, isText := e.(string); return !isText }) {
		return nil, wrongType(path, "Collection(Edm.String)")
	}
	return v, nil
}

// oneOf is an enumeration.
func oneOf(values ...string) kind {
	return func(path string, v any) (any, error) {
		s, _ := v.(string)
		for _, known := range values {
			if strings.EqualFold(known, s) {
				return known, nil
			}
		}
		return nil, badRequest("Invalid value '%v' specified for property '%s' of resource.", v, path)
	}
}

// someOf is a list of values of an enumeration.
func someOf(values ...string) kind {
	element := oneOf(values...)
	return func(path string, v any) (any, error) {
		list, ok := v.([]any)
		if !ok {
			return nil, wrongType(path, "Collection(Edm.String)")
		}
		return eachOf(path, list, element)
	}
}

// flagsOf is an enumeration whose values are joined by commas.
func flagsOf(values ...string) kind {
	element := oneOf(values...)
	return func(path string, v any) (any, error) {
		s, ok := v.(string)
		if !ok {
			return nil, wrongType(path, "Edm.String")
		}
		parts := strings.Split(s, ",")
		for i, part := range parts {
			value, err := element(path, strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			parts[i] = value.(string)
		}
		return strings.Join(parts, ","), nil
	}
}

func eachOf(path string, list []any, element kind) (any, error) {
	out := make([]any, len(list))
	for i, e := range list {
		v, err := element(path, e)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// objectOf is a nested object.
func objectOf(typeName string, s shape) kind {
	return func(path string, v any) (any, error) {
		o, ok := v.(*document.Object)
		if !ok {
			return nil, wrongType(path, typeName)
		}
		return s.conform(typeName, path+"/", o)
	}
}

// objectsOf is a list of nested objects.
func objectsOf(typeName string, s shape) kind {
	element := objectOf(typeName, s)
	return func(path string, v any) (any, error) {
		list, ok := v.([]any)
		if !ok {
			return nil, wrongType(path, "Collection("+typeName+")")
		}
		return eachOf(path, list, element)
	}
}
