package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Schema is the form of a report as JSON.
const Schema = "reprompt/doctor/v1"

// Result is how a check came out.
type Result string

// The results; see the package doc.
const (
	OK      Result = "ok"
	Failed  Result = "failed"
	Unknown Result = "unknown"
	Note    Result = "note"
)

// Check is one thing that was looked at.
type Check struct {
	Name   string `json:"name"` // stable; of the list in the package doc
	What   string `json:"what"` // for people
	Result Result `json:"result"`
	Found  string `json:"found"`
	Mend   string `json:"mend"` // empty where there is nothing to mend
}

// Report is every check that was made or could not be made.
type Report struct {
	Schema   string  `json:"schema"`
	TenantID string  `json:"tenant_id"`
	Result   Result  `json:"result"` // Failed before Unknown before OK
	Checks   []Check `json:"checks"`
}

func newReport(tenantID string, checks []Check) Report {
	r := Report{Schema: Schema, TenantID: tenantID, Result: OK, Checks: checks}
	for _, worse := range []Result{Unknown, Failed} {
		if slices.ContainsFunc(checks, func(c Check) bool { return c.Result == worse }) {
			r.Result = worse
		}
	}
	return r
}

// Columns of the table.
const (
	resultColumns = len("UNKNOWN  ")
	leastText     = 40 // that what was found needs to be read beside the rest
)

// Write prints the report as a table for people: result, what, what was found, and under it how to
// mend it. columns is how wide the terminal is: what does not fit goes on below itself, and where there is
// little room beside what was looked at, stands behind it. 0 is a file, whose lines are never broken.
func (r Report) Write(w io.Writer, columns int) error {
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.What)+len("  "))
	}
	narrow := columns > 0 && columns-resultColumns-width < leastText
	if narrow {
		width = 0
	}
	var b strings.Builder
	for _, c := range r.Checks {
		result, what := string(c.Result), fmt.Sprintf("%-*s", width, c.What)
		if c.Result == Failed || c.Result == Unknown {
			result = strings.ToUpper(result)
		}
		found := c.Found
		if narrow {
			what, found = "", c.What+": "+found
		}
		fmt.Fprintf(&b, "%-8s %s%s\n", result, what, below(found, resultColumns+width, columns))
		if c.Mend != "" {
			fmt.Fprintf(&b, "%*s%s\n", resultColumns+width, "", below("mend: "+c.Mend, resultColumns+width, columns))
		}
	}
	b.WriteString(below(r.sentence(), 0, columns) + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// below divides text, which begins behind indent columns, between words into lines that fit into columns
// and begin there, too. A word that is longer stands whole; 0 columns divide nothing.
func below(text string, indent, columns int) string {
	if columns == 0 {
		return text
	}
	var b strings.Builder
	at := indent
	for i, word := range strings.Fields(text) {
		long := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case at+1+long <= columns:
			b.WriteByte(' ')
			at++
		default:
			fmt.Fprintf(&b, "\n%*s", indent, "")
			at = indent
		}
		b.WriteString(word)
		at += long
	}
	return b.String()
}

func (r Report) sentence() string {
	count := map[Result]int{}
	for _, c := range r.Checks {
		count[c.Result]++
	}
	text := fmt.Sprintf("%d ok, %d failed, %d could not be made, %d to know", count[OK], count[Failed], count[Unknown], count[Note])
	if r.Result == OK {
		text += ": nothing known is in the way of a proof"
	}
	return text
}
