package main

import (
	"strings"
	"testing"
)

func TestQuantiles(t *testing.T) {
	values := []float64{4, 1, 3, 2}
	if m, s := median(values), spread(values); m != 2.5 || s != "2 to 3" {
		t.Errorf("median %v, spread %q", m, s)
	}
}

func TestTableComparesOursWithThePeer(t *testing.T) {
	ours := []sample{{scenarios: []float64{100, 120}, whole: 300e6, own: 40 * 1024, all: 200 * 1024}}
	peer := []sample{{scenarios: []float64{220, 220}, whole: 600e6, own: 160 * 1024, all: 400 * 1024}}
	got := table("sign_in", "reprompt", ours, "Playwright", peer)
	for _, want := range []string{
		"sign in, 1 rounds of 2 scenarios",
		"| one scenario | 110 ms | 105 to 115 | 220 ms | 220 to 220 | 0.50 |",
		"| start to end, a scenario | 150 ms | 150 to 150 | 300 ms | 300 to 300 | 0.50 |",
		"| memory of the driver | 40 MiB | 40 to 40 | 160 MiB | 160 to 160 | 0.25 |",
		"| memory with the browser | 200 MiB | 200 to 200 | 400 MiB | 400 to 400 | 0.50 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
