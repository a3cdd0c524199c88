package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
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

// Write prints the report as a table for people: result, what, what was found, and under it how to
// mend it.
func (r Report) Write(w io.Writer) error {
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.What))
	}
	var b strings.Builder
	for _, c := range r.Checks {
		result := string(c.Result)
		if c.Result == Failed || c.Result == Unknown {
			result = strings.ToUpper(result)
		}
		fmt.Fprintf(&b, "%-8s %-*s  %s\n", result, width, c.What, c.Found)
		if c.Mend != "" {
			fmt.Fprintf(&b, "%-8s %-*s  mend: %s\n", "", width, "", c.Mend)
		}
	}
	b.WriteString(r.sentence() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
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
