package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// caught words for a row of each kind that came out well, and badly.
var words = map[kind][2]string{
	mutant:       {"caught", "SURVIVED"},
	rightSetup:   {"left alone", "ACCUSED"},
	brokenServer: {"not trusted", "TRUSTED"},
}

func (r row) word() string {
	switch {
	case r.good:
		return words[r.kind][0]
	case r.got == "":
		return "NO VERDICT"
	case r.kind != rightSetup && r.got != "enforced":
		return "NOT AS EXPECTED" // found out, but not for what is wrong with it
	}
	return words[r.kind][1]
}

// printTable prints a line per row, why those that failed did, and the figures.
func printTable(w io.Writer, rows []row, strayed []string) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tEXPECTED\tGOT\tCAUSE\t")
	for _, r := range rows {
		fmt.Fprintf(table, "%s: %s\t%s\t%s\t%s\t%s\n", strings.TrimSuffix(r.feature, ".feature"), r.name, r.expected, r.got, r.cause, r.word())
	}
	_ = table.Flush() // to standard output; there is nobody to tell
	for _, r := range rows {
		if !r.good {
			fmt.Fprintf(w, "%s: %s: %s\n", r.word(), r.name, r.why)
		}
	}
	for _, text := range strayed {
		fmt.Fprintln(w, text)
	}
	fmt.Fprintln(w, count(rows).sentence())
}

// titles head the parts of the page.
var titles = map[kind]string{
	mutant:       "Mutants: tenants with a fault, which must be found out",
	rightSetup:   "Right setups: tenants that ask every time, which must be left alone",
	brokenServer: "Broken servers: tenants whose services do what Entra never should, which must never be trusted",
}

// markdown is the page that -write writes. It holds no times, so that it changes only when what it
// says does.
func markdown(rows []row) string {
	var b strings.Builder
	b.WriteString("# What the suite is held against\n\n" +
		"Written by `go run ./cmd/mutants -write`; `make mutants` runs all of it, and fails when a mutant survives, a right setup is\n" +
		"accused, a broken server is trusted, or one of them is missing.\n\n" +
		"**" + count(rows).sentence() + ".**\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n## %s\n\n| Tenant | Expected | Verdict | Decisive cause or reason | |\n|---|---|---|---|---|\n", titles[k])
		for _, r := range rows {
			if r.kind == k {
				fmt.Fprintf(&b, "| [%s](../features/%s) | %s | %s | %s | %s |\n", r.name, r.feature, r.expected, r.got, r.cause, r.word())
			}
		}
	}
	return b.String()
}
