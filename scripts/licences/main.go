// Command licences reads a bill of materials (CycloneDX, JSON) from standard input and fails when a
// part has a licence that is not on the list, or none that is known. It prints one line per offender.
//
// It judges what the tool that made the bill found in the licence files; it reads none itself.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// permitted are licences under which a part may be shipped inside a program that is Apache-2.0. The
// Go project's own modules are BSD-3-Clause; the tool calls that text BSD-Source-Code.
var permitted = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-Source-Code", "ISC", "MIT", "MPL-2.0"}

func main() {
	if err := check(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bill is what is read of a bill of materials.
type bill struct {
	Components []struct {
		Name, Version string
		Licenses      []choice
		Evidence      struct{ Licenses []choice }
	}
}

type choice struct {
	License    struct{ ID, Name string }
	Expression string
}

func check(r io.Reader) error {
	var b bill
	if err := json.NewDecoder(r).Decode(&b); err != nil {
		return fmt.Errorf("licences: read the bill of materials: %w", err)
	}
	if len(b.Components) == 0 {
		return errors.New("licences: the bill of materials names no part")
	}
	var offenders []error
	for _, part := range b.Components {
		found := append(part.Licenses, part.Evidence.Licenses...)
		if !slices.ContainsFunc(found, func(c choice) bool { return slices.Contains(permitted, c.License.ID) }) {
			offenders = append(offenders, fmt.Errorf("licences: %s %s is under %s; permitted are %v", part.Name, part.Version, names(found), permitted))
		}
	}
	return errors.Join(offenders...)
}

// names are licences for people.
func names(found []choice) string {
	if len(found) == 0 {
		return "no licence that is known"
	}
	text := ""
	for _, c := range found {
		text += c.License.ID + c.License.Name + c.Expression + " "
	}
	return text[:len(text)-1]
}
