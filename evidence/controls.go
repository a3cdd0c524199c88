package evidence

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// MappedControl is one control of a framework that a proof can speak to: a row of controls.yaml.
type MappedControl struct {
	// ID is the control's, as an OSCAL token: "ia-11". It is unique.
	ID        string `json:"id" yaml:"id"`
	Framework string `json:"framework" yaml:"framework"` // whose control it is
	Label     string `json:"label" yaml:"label"`         // as people write it: "IA-11"
	Title     string `json:"title" yaml:"title"`         // in the words of the framework
	// Source is where the control is published, an https address. There is no row without one.
	Source string `json:"source" yaml:"source"`
	// Objective is the id that an OSCAL finding targets; empty means ID.
	Objective string `json:"objective,omitempty" yaml:"objective"`
	// Needs are what a proof must have shown, all of it.
	Needs []Need `json:"needs" yaml:"needs"`
	// Supports is true where the control asks for more than a proof can show, so that a proof supports
	// it and never satisfies it.
	Supports bool   `json:"supports,omitempty" yaml:"supports"`
	Says     string `json:"says" yaml:"says"`     // what a proof that shows all of Needs says of it
	Limits   string `json:"limits" yaml:"limits"` // what it does not say
}

// ControlMap says which controls a proof speaks to. The zero value maps none.
type ControlMap []MappedControl

// controlsSchema names the form of controls.yaml.
const controlsSchema = "reprompt/controls/v1"

//go:embed controls.yaml
var defaultControls []byte

// DefaultControls are the rows that reprompt comes with.
func DefaultControls() ControlMap {
	controls, err := ParseControls(defaultControls)
	if err != nil {
		panic(err) // our own file; the first test finds it
	}
	return controls
}

// ParseControls reads a file in the form of controls.yaml. The error names every row that is not as it
// should be, and how to mend it.
func ParseControls(content []byte) (ControlMap, error) {
	var file struct {
		Schema   string     `yaml:"schema"`
		Controls ControlMap `yaml:"controls"`
	}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.DisallowUnknownField()).Decode(&file); err != nil {
		return nil, fmt.Errorf("read controls: %s", onOneLine(err))
	}
	if file.Schema != controlsSchema {
		return nil, fmt.Errorf("read controls: the schema is %q: write \"schema: %s\"", file.Schema, controlsSchema)
	}
	if len(file.Controls) == 0 {
		return nil, errors.New("read controls: there is no row under \"controls:\"")
	}
	var faults []string
	seen := map[string]bool{}
	for i, c := range file.Controls {
		if seen[c.ID] {
			faults = append(faults, fmt.Sprintf("row %d: the id %s is taken by a row above", i+1, c.ID))
		}
		seen[c.ID] = true
		for _, fault := range c.faults() {
			faults = append(faults, fmt.Sprintf("row %d (%s): %s", i+1, c.ID, fault))
		}
	}
	if len(faults) > 0 {
		return nil, errors.New("read controls: " + strings.Join(faults, "; "))
	}
	return file.Controls, nil
}

// onOneLine is what the YAML reader says without the lines of the file that it draws below.
func onOneLine(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

// With are the controls and those of others, whose rows take the place of rows of the same id.
func (m ControlMap) With(others ControlMap) ControlMap {
	all := slices.Clone(m)
	for _, other := range others {
		if i := slices.IndexFunc(all, func(c MappedControl) bool { return c.ID == other.ID }); i >= 0 {
			all[i] = other
			continue
		}
		all = append(all, other)
	}
	return all
}

// controlToken is what OSCAL takes for an id.
var controlToken = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}.\-_]*$`)

func (c MappedControl) faults() []string {
	var faults []string
	if !controlToken.MatchString(c.ID) {
		faults = append(faults, fmt.Sprintf("the id %q must begin with a letter and hold letters, digits, dots, hyphens and underscores only", c.ID))
	}
	if c.Objective != "" && !controlToken.MatchString(c.Objective) {
		faults = append(faults, fmt.Sprintf("the objective %q is no id", c.Objective))
	}
	texts := []struct{ name, text string }{
		{"framework", c.Framework}, {"label", c.Label}, {"title", c.Title}, {"says", c.Says}, {"limits", c.Limits},
	}
	for _, t := range texts {
		if strings.TrimSpace(t.text) == "" {
			faults = append(faults, t.name+" is missing")
		}
	}
	if source, err := url.Parse(c.Source); err != nil || source.Scheme != "https" || source.Host == "" {
		faults = append(faults, fmt.Sprintf("the source %q is no public https address", c.Source))
	}
	if len(c.Needs) == 0 {
		faults = append(faults, "needs is missing: say what a proof must have shown, one or more of "+needList())
	}
	for _, need := range c.Needs {
		if _, known := needs[need]; !known {
			faults = append(faults, fmt.Sprintf("there is no need %q: use one or more of %s", need, needList()))
		}
	}
	return faults
}
