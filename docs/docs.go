// Package docs holds the documents that the program itself prints: the meaning of every code
// (codes.md), for `reprompt explain`.
package docs

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

//go:embed codes.md
var codes string

// Code is one section of codes.md.
type Code struct {
	// Name is the code as it stands in a verdict, such as WITHIN_REUSE_WINDOW, or the name of a
	// control, such as session-primed.
	Name string `json:"code"`
	// Kind is reason, cause, control, verdict or verification. A name may stand in two: ROLE_ALREADY_ACTIVE is
	// a reason and a cause.
	Kind string `json:"kind"`
	// Text is Markdown, in a few sentences: what it means, and where there is something to do, what.
	Text string `json:"text"`
}

// kinds are the chapters of codes.md.
var kinds = map[string]string{"Verdicts": "verdict", "Reasons": "reason", "Causes": "cause", "Controls": "control", "Verification": "verification"}

var heading = regexp.MustCompile("(?m)^(##|###) (.+)$")

// Codes are all sections, in the order of the document.
func Codes() []Code {
	var all []Code
	kind := ""
	for _, at := range heading.FindAllStringSubmatchIndex(codes, -1) {
		title := codes[at[4]:at[5]]
		if codes[at[2]:at[3]] == "##" {
			kind = kinds[title]
			continue
		}
		text := codes[at[1]:]
		if next := heading.FindStringIndex(text); next != nil {
			text = text[:next[0]]
		}
		all = append(all, Code{Name: strings.Trim(title, "`"), Kind: kind, Text: strings.TrimSpace(text)})
	}
	return all
}

// Explain finds the sections of a code, whatever its case, and with - for _ or the reverse.
func Explain(name string) []Code {
	same := func(a string) string { return strings.ToLower(strings.ReplaceAll(a, "-", "_")) }
	return slices.DeleteFunc(Codes(), func(c Code) bool { return same(c.Name) != same(name) })
}
