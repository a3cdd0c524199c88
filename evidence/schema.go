package evidence

import (
	"bytes"
	embedding "embed" // picture.go has a function of that name
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are the JSON Schemas (draft 2020-12) of the documents of a bundle. They are made from the
// types that write the documents and from their comments (go test ./evidence -run Schemas -update).
// They allow members that they do not know: a later version may add some.
//
//go:embed schema/*.json
var schemas embedding.FS

// compiled are the schemas by name, "run" for run.json, made ready when the first is needed.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	entries, err := schemas.ReadDir("schema")
	if err != nil {
		return nil, err
	}
	all := map[string]*jsonschema.Schema{}
	for _, e := range entries {
		content, err := schemas.ReadFile("schema/" + e.Name())
		if err != nil {
			return nil, err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("read the schema %s: %w", e.Name(), err)
		}
		compiler := jsonschema.NewCompiler()
		compiler.DefaultDraft(jsonschema.Draft2020)
		compiler.AssertFormat()
		if err := compiler.AddResource(e.Name(), document); err != nil {
			return nil, fmt.Errorf("read the schema %s: %w", e.Name(), err)
		}
		schema, err := compiler.Compile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the schema %s: %w", e.Name(), err)
		}
		all[strings.TrimSuffix(e.Name(), ".schema.json")] = schema
	}
	return all, nil
})

// conforms says in one sentence where a document does not have the form of its schema.
func conforms(schema string, content []byte) error {
	all, err := compiled()
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("it is no JSON: %w", err)
	}
	if err := plainNumbers(document); err != nil {
		return err
	}
	err = all[schema].Validate(document)
	if wrong := new(jsonschema.ValidationError); errors.As(err, &wrong) {
		for len(wrong.Causes) > 0 {
			wrong = wrong.Causes[0]
		}
		return errors.New(printable(wrong.Error()))
	}
	return err
}

// longestNumber is the longest that a whole number of 64 bits is written, with its sign.
const longestNumber = 20

// plainNumbers refuses a number that is not written as a plain whole one: no document of a bundle holds
// any, and to compare 1e1000000 takes the validator a thirtieth of a second each time.
func plainNumbers(value any) error {
	switch v := value.(type) {
	case json.Number:
		if len(v) > longestNumber || strings.ContainsAny(v.String(), ".eE") {
			return fmt.Errorf("it holds the number %s, where whole ones are", printable(v.String()))
		}
	case []any:
		for _, item := range v {
			if err := plainNumbers(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, item := range v {
			if err := plainNumbers(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// SchemaNames and Schema give the schemas to others.
func SchemaNames() []string {
	entries, _ := schemas.ReadDir("schema") // embedded
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Schema is the JSON Schema of that name.
func Schema(name string) ([]byte, error) { return schemas.ReadFile("schema/" + name) }
