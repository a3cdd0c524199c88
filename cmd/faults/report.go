package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// report is what came of a whole run.
type report struct {
	rows, runs []result
	seed       uint64
	took       time.Duration
}

func reportOf(rows, runs []result, seed uint64, took time.Duration) report {
	return report{rows: rows, runs: runs, seed: seed, took: took}
}

func bad(results []result) int {
	n := 0
	for _, r := range results {
		if len(r.Wrong) > 0 {
			n++
		}
	}
	return n
}

// good reports whether everything is as it should be.
func (r report) good() bool { return bad(r.rows) == 0 && bad(r.runs) == 0 }

// tally counts how results came out.
type tally struct{ all, struck, right, inconclusive, none, cleaned, bad int }

func count(results []result) tally {
	var t tally
	for _, r := range results {
		t.all++
		if r.Struck {
			t.struck++
		}
		switch {
		case r.Verdict == r.Job.want():
			t.right++
		case r.Verdict == verdict.Inconclusive:
			t.inconclusive++
		case r.Verdict == "":
			t.none++
		}
		if r.Left {
			t.cleaned++
		}
		if len(r.Wrong) > 0 {
			t.bad++
		}
	}
	return t
}

func (t tally) sentence() string {
	text := fmt.Sprintf("%d the verdict without faults, %d inconclusive with the cause", t.right, t.inconclusive)
	if t.none > 0 {
		text += fmt.Sprintf(", %d ended before the proof began and said why", t.none)
	}
	return text + fmt.Sprintf(", %d wrong", t.bad)
}

// sentence is the whole in one line for the terminal.
func (r report) sentence() string {
	return fmt.Sprintf("table: %s; random runs of the seed %d: %s; %s", count(r.rows).sentence(), r.seed, count(r.runs).sentence(), r.took.Round(time.Second))
}

// slowest is the longest that a run of the table took, in seconds.
func slowest(results []result) float64 {
	most := 0.0
	for _, r := range results {
		most = max(most, r.Seconds)
	}
	return most
}

// The markers between which -write puts its part.
const (
	rowsBegin, rowsEnd     = "<!-- faults: begin, written by go run ./cmd/faults -write -->\n", "<!-- faults: end -->\n"
	randomBegin, randomEnd = "<!-- random: begin, written by go run ./cmd/faults -write -->\n", "<!-- random: end -->\n"
)

// writeInto puts what came into the page, between the markers.
func (r report) writeInto(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("read the page: %w; run from the root of the module", err)
	}
	made, err := between(string(text), rowsBegin, rowsEnd, r.table())
	if err == nil && len(r.runs) > 0 {
		made, err = between(made, randomBegin, randomEnd, r.random())
	}
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(made), 0o644)
}

// between replaces what stands between two markers.
func between(text, begin, end, part string) (string, error) {
	before, rest, ok := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("%s has no %q with its end", page, strings.TrimSpace(begin))
	}
	return before + begin + part + end + after, nil
}

// table has a line for each fault: how often it was injected, in which phases, and what came of it.
func (r report) table() string {
	var b strings.Builder
	t := count(r.rows)
	fmt.Fprintf(&b, "%d runs, %d of which the fault struck: %s; %d could not be restored while the fault lasted, said so, and were by `reprompt cleanup` once it was over. The longest took %.1f s of the %s that it may.\n\n",
		t.all, t.struck, t.sentence(), t.cleaned, slowest(r.rows), within+30*time.Second)
	b.WriteString("| fault | injected | runs | struck | right verdict | inconclusive | why inconclusive | left behind |\n|---|---|---|---|---|---|---|---|\n")
	for _, name := range r.names() {
		of := r.of(name)
		t := count(of)
		right := fmt.Sprint(t.right)
		if t.none > 0 {
			right += fmt.Sprintf(" (and %d refused before the proof)", t.none)
		}
		left := "nothing"
		if t.cleaned > 0 {
			left = fmt.Sprintf("nothing (%d by cleanup)", t.cleaned)
		}
		if t.bad > 0 {
			left = fmt.Sprintf("**%d not as it should be**", t.bad)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s | %d | %s | %s |\n", name, strings.Join(phasesOf(of), ", "), t.all, t.struck, right, t.inconclusive, strings.Join(codesOf(of), " "), left)
	}
	return b.String()
}

// names are the faults in the order of the table.
func (r report) names() []string {
	var names []string
	for _, row := range r.rows {
		if !slices.Contains(names, row.Job.Fault.Name) {
			names = append(names, row.Job.Fault.Name)
		}
	}
	return names
}

func (r report) of(name string) []result {
	return slices.DeleteFunc(slices.Clone(r.rows), func(row result) bool { return row.Job.Fault.Name != name })
}

// phasesOf are the ways and phases of some rows: "sign-in (graph, portal)".
func phasesOf(rows []result) []string {
	var order []string
	ways := map[string][]string{}
	for _, row := range rows {
		if !slices.Contains(order, row.Job.Phase) {
			order = append(order, row.Job.Phase)
		}
		way := string(row.Job.Way)
		if row.Job.Scenario != "" {
			way = "scenario"
		}
		if !slices.Contains(ways[row.Job.Phase], way) {
			ways[row.Job.Phase] = append(ways[row.Job.Phase], way)
		}
	}
	for i, phase := range order {
		if len(ways[phase]) == 1 {
			order[i] += " (" + ways[phase][0] + ")"
		}
	}
	return order
}

// codesOf are the reasons of the verdicts that are inconclusive.
func codesOf(rows []result) []string {
	var codes []string
	for _, row := range rows {
		if code := "`" + row.Code + "`"; row.Verdict == verdict.Inconclusive && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// random is what the random runs came to.
func (r report) random() string {
	t := count(r.runs)
	names := map[string]bool{}
	for _, run := range r.runs {
		names[run.Job.Scenario] = true
	}
	return fmt.Sprintf("The last full run had the seed %d: %d runs of %d scenarios, in %d of which a fault struck: %s. In %d the tenant could not be restored while the fault lasted, said so, and was by `reprompt cleanup`. A false verdict came of none.\n\nTo repeat it: `%s=%d go run ./cmd/faults -runs %d`.\n",
		r.seed, t.all, len(names), t.struck, t.sentence(), t.cleaned, SeedVariable, r.seed, t.all)
}
