package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/reprompt/reprompt/suite"
)

// pretty writes each attempt with its steps, once it has ended: scenarios that run side by side stand
// one behind the other.
type pretty struct {
	w       io.Writer
	colour  bool
	feature string
}

// ScenarioEnded implements suite.Reporter.
func (f *pretty) ScenarioEnded(r suite.ScenarioResult) {
	if r.Outcome == suite.NotRun {
		return
	}
	if f.feature != r.Feature {
		fmt.Fprintf(f.w, "%s\n", f.paint("1", r.Feature))
		f.feature = r.Feature
	}
	head := fmt.Sprintf("  Scenario: %s", r.Name)
	if r.Attempt > 1 {
		head += fmt.Sprintf(" (attempt %d of %d)", r.Attempt, r.Attempts)
	}
	fmt.Fprintf(f.w, "%s  %s\n", f.paint("1", head), f.paint("2", fmt.Sprintf("%s:%d", r.Feature, r.Line)))
	told := false
	for _, step := range r.Steps {
		fmt.Fprintf(f.w, "    %s\n", f.paint(stepColour(step.Status), stepMark(step.Status)+" "+step.Keyword+step.Text))
		if r.Outcome == suite.Failed && !told && step.Line == r.StepLine && stepMark(step.Status) == "✗" {
			told = true
			f.why(r)
		}
	}
	if r.Outcome == suite.Failed && !told { // in no step: while it was prepared, or undone
		f.why(r)
	}
	end := r.Outcome
	if r.Verdict != "" {
		end = fmt.Sprintf("%s: %s", r.Verdict, r.Summary)
	}
	fmt.Fprintf(f.w, "    %s\n\n", f.paint("2", fmt.Sprintf("%s (%.1f s)", end, r.Seconds)))
}

func (f *pretty) why(r suite.ScenarioResult) {
	for line := range strings.Lines(strings.TrimSpace(r.Error)) {
		fmt.Fprintf(f.w, "        %s\n", f.paint("31", strings.TrimRight(line, "\n")))
	}
	if r.Cause != "" {
		fmt.Fprintf(f.w, "        %s\n        mend: %s\n", r.Cause, r.Mend)
	}
}

func (f *pretty) paint(code, text string) string { return painted(f.colour, code, text) }

// painted is a text in a colour of the terminal, by its number in ECMA-48.
func painted(colour bool, code, text string) string {
	if !colour || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func stepMark(status string) string {
	switch status {
	case "passed":
		return "✓"
	case "skipped":
		return "-"
	default:
		return "✗"
	}
}

func stepColour(status string) string {
	return map[string]string{"passed": "32", "skipped": "2"}[status] + map[bool]string{true: "31"}[stepMark(status) == "✗"]
}

// dots writes one letter a step, as Cucumber does: . passed, F failed, U undefined, P pending, - skipped.
type dots struct {
	w      io.Writer
	colour bool
	column int
}

// columnsOfDots are how many letters stand on one line.
const columnsOfDots = 72

// ScenarioEnded implements suite.Reporter.
func (d *dots) ScenarioEnded(r suite.ScenarioResult) {
	if r.Outcome == suite.NotRun {
		return
	}
	letters := map[string]string{"passed": ".", "skipped": "-", "undefined": "U", "pending": "P", "ambiguous": "A"}
	failed := false
	for _, step := range r.Steps {
		letter, known := letters[step.Status]
		if !known {
			letter = "F"
		}
		failed = failed || letter != "." && letter != "-"
		d.letter(letter, stepColour(step.Status))
	}
	if r.Outcome == suite.Failed && !failed {
		d.letter("F", "31") // in no step
	}
}

func (d *dots) letter(letter, colour string) {
	if d.column == columnsOfDots {
		d.end()
	}
	fmt.Fprint(d.w, painted(d.colour, colour, letter))
	d.column++
}

// end ends the line.
func (d *dots) end() {
	if d.column > 0 {
		fmt.Fprintln(d.w)
	}
	d.column = 0
}
