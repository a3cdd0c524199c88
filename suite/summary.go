package suite

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// A summary fits on a screen. Beyond these numbers the report has the rest.
const (
	// spelt is up to how many scenarios each is named with its verdict and reason.
	spelt = 5
	// mostFailures is how many failures are told of in full.
	mostFailures = 4
	// mostWhy is how many lines of an error are shown.
	mostWhy = 3
)

// WriteSummary prints the result for people: what failed and why, the counts, where the
// evidence is, and on what the scenarios ran.
func (r *Result) WriteSummary(w io.Writer) {
	r.writeVerdicts(w)
	r.writeFailures(w)
	counts := fmt.Sprintf("%s: %d passed", plural(r.Selected, "scenario"), r.Passed)
	if r.Flaky > 0 {
		counts += fmt.Sprintf(" (%d flaky)", r.Flaky)
	}
	if r.Failed > 0 {
		counts += fmt.Sprintf(", %d failed", r.Failed)
	}
	if notRun := r.Selected - r.Passed - r.Failed; notRun > 0 {
		counts += fmt.Sprintf(", %d not run", notRun)
	}
	fmt.Fprintf(w, "%s, %.1f s\n", counts, r.Seconds)
	if r.NeedEmbedded > 0 {
		fmt.Fprintf(w, "%s left out: only the embedded tenant can run them\n", plural(r.NeedEmbedded, "scenario"))
	}
	if r.Evidence != "" {
		fmt.Fprintf(w, "evidence: %s\nreport:   %s\n", r.Evidence, r.Report)
	}
	if r.Target == string(evidence.Embedded) {
		fmt.Fprintln(w, "this ran on the embedded tenant: it says nothing about yours; see "+r.hint("prove --help"))
	}
}

// writeVerdicts prints what the scenarios that passed came to: each by name where they are few, else how
// many came to which verdict; and which of them are flaky.
func (r *Result) writeVerdicts(w io.Writer) {
	by := map[verdict.Outcome]int{}
	for _, s := range latest(r.Scenarios) {
		if s.Outcome != Passed {
			continue
		}
		by[s.Verdict]++
		if r.Selected <= spelt {
			fmt.Fprintf(w, "%-13s %s\n", s.Verdict, s.Name)
			if s.Summary != "" {
				fmt.Fprintln(w, NewScreen(w).Fold(fmt.Sprintf("%-13s %s", "", s.Summary), 14))
			}
		}
	}
	if r.Selected > spelt && len(by) > 0 {
		var parts []string
		for _, outcome := range []verdict.Outcome{verdict.Enforced, verdict.NotEnforced, verdict.Inconclusive, ""} {
			if by[outcome] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", by[outcome], map[bool]string{true: "without a verdict", false: string(outcome)}[outcome == ""]))
			}
		}
		fmt.Fprintf(w, "as demanded: %s\n", strings.Join(parts, ", "))
	}
	r.writeFlaky(w)
}

func (r *Result) writeFlaky(w io.Writer) {
	var flaky []string
	for _, s := range latest(r.Scenarios) {
		if s.Outcome == Passed && s.Attempt > 1 {
			flaky = append(flaky, fmt.Sprintf("flaky:  %s (%s), passed at attempt %d", s.Name, s.place(), s.Attempt))
		}
	}
	for _, line := range capped(flaky, mostFailures, "flaky one") {
		fmt.Fprintln(w, line)
	}
}

func (r *Result) writeFailures(w io.Writer) {
	var failed []string
	for _, s := range latest(r.Scenarios) {
		if s.Outcome != Failed {
			continue
		}
		failed = append(failed, r.failure(s))
	}
	for _, text := range capped(failed, mostFailures, "failure") {
		fmt.Fprintln(w, NewScreen(w).Fold(text, indent))
	}
}

// failure is what a person asks of a scenario that failed: where, why, what is at fault, and what to do.
func (r *Result) failure(s ScenarioResult) string {
	lines := []string{fmt.Sprintf("failed: %s (%s)", s.Name, s.place())}
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("  %-6s %s", label+":", text))
		}
	}
	add("at", s.Step)
	add("why", strings.Join(capped(strings.Split(s.Error, "\n"), mostWhy, "line"), "\n         "))
	add("cause", s.Cause)
	add("mend", s.Mend)
	if codes := s.codes(); len(codes) > 0 {
		add("see", r.hint("explain "+strings.Join(codes, " ")))
	}
	return strings.Join(lines, "\n")
}

// hint is a command that can be typed as it stands.
func (r *Result) hint(rest string) string { return cmp.Or(r.program, "reprompt") + " " + rest }

// capped are the first of some texts and, where there are more, how many.
func capped(texts []string, most int, noun string) []string {
	if len(texts) <= most {
		return texts
	}
	return append(slices.Clone(texts[:most]), fmt.Sprintf("and %d more %s: see the report", len(texts)-most, strings.TrimPrefix(plural(len(texts)-most, noun), fmt.Sprint(len(texts)-most)+" ")))
}

// codes are the decisive reason of a verdict that was not demanded, and the decisive cause.
func (s ScenarioResult) codes() []string {
	var codes []string
	if len(s.Reasons) > 0 {
		codes = append(codes, string(s.Reasons[0]))
	}
	if len(s.Causes) > 0 && !slices.Contains(codes, string(s.Causes[0])) {
		codes = append(codes, string(s.Causes[0]))
	}
	return codes
}
