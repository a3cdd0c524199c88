// Package results keeps the record of what the Graph clients really called: clients/results,
// one JSON file per language, in the format that clients/README.md sets out.
//
//	[
//	  {
//	    "client": "github.com/microsoftgraph/msgraph-sdk-go v1.96.0",
//	    "operations": [
//	      "GET /users",
//	      "GET /users/{id}"
//	    ]
//	  }
//	]
package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// UpdateVariable, set to anything, makes tests write the record instead of comparing with it.
const UpdateVariable = "UPDATE_RESULTS"

// Client is a client library with the operations that it called: each was sent by its own code,
// answered 2xx in both runs, and read without an error.
type Client struct {
	Client     string   `json:"client"`     // package, space, version
	Operations []string `json:"operations"` // "GET /users/{id}", as the schema spells them
}

// Read reads a record and refuses one that is not in the format, which is one for each content.
func Read(path string) ([]Client, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var clients []Client
	if err := decoder.Decode(&clients); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	again, err := Format(clients)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, text) {
		return nil, fmt.Errorf("read %s: not in the format of clients/README.md (order, doubles, indentation): run its tests with %s=1", path, UpdateVariable)
	}
	return clients, nil
}

// Format writes a record: clients and operations once, in order.
func Format(clients []Client) ([]byte, error) {
	sorted := slices.Clone(clients)
	slices.SortFunc(sorted, func(a, b Client) int { return cmp.Compare(a.Client, b.Client) })
	for i := range sorted {
		sorted[i].Operations = slices.Compact(slices.SortedFunc(slices.Values(sorted[i].Operations), ByPath))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sorted); err != nil {
		return nil, fmt.Errorf("write the record: %w", err)
	}
	return out.Bytes(), nil
}

// ByPath orders operations by path and then by method.
func ByPath(a, b string) int {
	methodA, pathA, _ := strings.Cut(a, " ")
	methodB, pathB, _ := strings.Cut(b, " ")
	return cmp.Or(cmp.Compare(pathA, pathB), cmp.Compare(methodA, methodB))
}
