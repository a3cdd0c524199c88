package main

import (
	"fmt"
	"slices"
	"strings"
)

// namesOf is the golden list of what ran: a line each.
func namesOf(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.key() + "\n")
	}
	return b.String()
}

// named are the lines of a golden list.
func named(list string) []string {
	return slices.DeleteFunc(strings.Split(list, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}

// stray says what the golden list names that did not run, and what ran that it does not name: a list
// that lags behind protects nobody.
func stray(rows []row, list string) []string {
	want := named(list)
	var strayed, ran []string
	for _, r := range rows {
		ran = append(ran, r.key())
		if !slices.Contains(want, r.key()) {
			strayed = append(strayed, "golden.txt does not name "+r.key()+"; take it in with -update")
		}
	}
	for _, name := range want {
		if !slices.Contains(ran, name) {
			strayed = append(strayed, "did not run: "+name)
		}
	}
	return strayed
}

// goldenFigures are the figures of a run in which everything that the list names came out well.
func goldenFigures(list string) (figures, error) {
	var rows []row
	for _, name := range named(list) {
		k, _, _ := strings.Cut(name, ": ")
		if !slices.Contains(kinds, kind(k)) {
			return nil, fmt.Errorf("read the golden list: %q begins with none of %v", name, kinds)
		}
		rows = append(rows, row{kind: kind(k), good: true})
	}
	return count(rows), nil
}
