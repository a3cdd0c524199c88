// Package document holds JSON objects whose order of properties and explicit
// nulls survive, which the vendor's answers have and encoding/json's maps lose:
//
//	d, err := document.Parse([]byte(`{"b":null,"a":[1]}`))
//	d.Set("c", "x")
//	text, err := json.Marshal(d) // {"b":null,"a":[1],"c":"x"}
//
// A value is nil, bool, string, json.Number, []any or *Object; [Object.Set] takes
// the usual Go values and brings them into this form.
package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Object is an ordered JSON object. The zero value is an empty one.
type Object struct {
	keys   []string
	values map[string]any
}

// Of makes an object of alternating names and values. It panics when a name is
// not a string or a value has no JSON form, which is a defect of the program.
func Of(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// Set adds a property, or replaces its value at its old place.
func (o *Object) Set(name string, value any) *Object {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[name]; !ok {
		o.keys = append(o.keys, name)
	}
	o.values[name] = normal(value)
	return o
}

// Get returns a property's value; ok tells null from absent.
func (o *Object) Get(name string) (value any, ok bool) {
	if o == nil {
		return nil, false
	}
	value, ok = o.values[name]
	return value, ok
}

// Has reports whether the property is there, null or not.
func (o *Object) Has(name string) bool {
	_, ok := o.Get(name)
	return ok
}

// String returns a string property, "" when it is absent, null or of another type.
func (o *Object) String(name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// Bool returns a boolean property, false when it is absent, null or of another type.
func (o *Object) Bool(name string) bool {
	v, _ := o.Get(name)
	b, _ := v.(bool)
	return b
}

// Int returns an integer property; ok is false when it is not one.
func (o *Object) Int(name string) (n int, ok bool) {
	v, _ := o.Get(name)
	number, isNumber := v.(json.Number)
	if !isNumber {
		return 0, false
	}
	n, err := strconv.Atoi(number.String())
	return n, err == nil
}

// Object returns a property that is an object, nil otherwise.
func (o *Object) Object(name string) *Object {
	v, _ := o.Get(name)
	child, _ := v.(*Object)
	return child
}

// Strings returns the strings of a property that is a list.
func (o *Object) Strings(name string) []string {
	v, _ := o.Get(name)
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// Delete removes a property.
func (o *Object) Delete(name string) {
	if !o.Has(name) {
		return
	}
	delete(o.values, name)
	for i, k := range o.keys {
		if k == name {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// Keys lists the properties in order.
func (o *Object) Keys() []string {
	if o == nil {
		return nil
	}
	return append([]string(nil), o.keys...)
}

// Clone copies the object and everything in it.
func (o *Object) Clone() *Object {
	if o == nil {
		return nil
	}
	c := &Object{}
	for _, k := range o.keys {
		c.Set(k, cloneValue(o.values[k]))
	}
	return c
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case *Object:
		return v.Clone()
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = cloneValue(e)
		}
		return list
	}
	return v
}

// Merge returns base with the properties of patch put over it: objects are merged
// property by property, everything else is replaced, null included.
func Merge(base, patch *Object) *Object {
	out := base.Clone()
	if out == nil {
		out = &Object{}
	}
	for _, k := range patch.Keys() {
		v, _ := patch.Get(k)
		child, isObject := v.(*Object)
		if old := out.Object(k); isObject && old != nil {
			out.Set(k, Merge(old, child))
			continue
		}
		out.Set(k, cloneValue(v))
	}
	return out
}

// MarshalJSON writes the properties in order, without escaping HTML.
func (o *Object) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := writeValue(&b, k); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := writeValue(&b, o.values[k]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func writeValue(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

// Raw is the object's JSON text.
func (o *Object) Raw() json.RawMessage {
	text, err := o.MarshalJSON()
	if err != nil {
		panic(fmt.Sprintf("marshal document: %v", err)) // normal let no such value in
	}
	return text
}

// Parse reads one JSON object and nothing after it. A repeated property is an error.
func Parse(text []byte) (*Object, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON object")
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, errors.New("not a JSON object")
	}
	return o, nil
}

// MustParse is [Parse] for text that the program itself wrote.
func MustParse(text []byte) *Object {
	o, err := Parse(text)
	if err != nil {
		panic(fmt.Sprintf("parse document: %v", err))
	}
	return o
}

func readValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return readObject(d)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return token, nil
}

func readObject(d *json.Decoder) (*Object, error) {
	o := &Object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		key := name.(string)
		if o.Has(key) {
			return nil, fmt.Errorf("property %q is repeated", key)
		}
		v, err := readValue(d)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
	}
	_, err := d.Token()
	return o, err
}

// normal brings a Go value into the package's form.
func normal(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number, []any:
		return v
	case *Object:
		if v == nil {
			return nil
		}
		return v
	case int:
		return json.Number(strconv.Itoa(v))
	case time.Time:
		return Instant(v)
	case *time.Time:
		if v == nil {
			return nil
		}
		return Instant(*v)
	case *string:
		if v == nil {
			return nil
		}
		return *v
	case []string:
		return List(v)
	case []*Object:
		return List(v)
	case json.RawMessage:
		return MustParse(v)
	}
	panic(fmt.Sprintf("value of type %T has no place in a document", v))
}

// List makes a JSON list; a nil slice becomes an empty one.
func List[T any](values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = normal(any(v))
	}
	return list
}

// Null is nil for the empty string and the string otherwise.
func Null(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Instant writes a time as Microsoft Graph does: UTC, up to seven decimals.
func Instant(t time.Time) string {
	s := t.UTC().Format("2006-01-02T15:04:05.0000000")
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") + "Z"
}
