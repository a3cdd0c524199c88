package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// table compares the two. A scenario's figures are over all scenarios of all rounds, the others over the rounds.
func table(feature, ours string, a []sample, peer string, b []sample) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%s, %d rounds of %d scenarios\n\n| what | %s | spread | %s | spread | ratio |\n|---|---|---|---|---|---|\n",
		strings.ReplaceAll(feature, "_", " "), len(a), len(a[0].scenarios), ours, peer)
	for _, row := range []struct {
		what, unit string
		of         func([]sample) []float64
	}{
		{"one scenario", "ms", scenarios},
		{"start to end, a scenario", "ms", each(func(s sample) float64 { return float64(s.whole.Milliseconds()) / float64(len(s.scenarios)) })},
		{"memory of the driver", "MiB", each(func(s sample) float64 { return float64(s.own) / 1024 })},
		{"memory with the browser", "MiB", each(func(s sample) float64 { return float64(s.all) / 1024 })},
	} {
		x, y := row.of(a), row.of(b)
		fmt.Fprintf(&out, "| %s | %.0f %s | %s | %.0f %s | %s | %.2f |\n", row.what,
			median(x), row.unit, spread(x), median(y), row.unit, spread(y), median(x)/median(y))
	}
	return out.String()
}

func scenarios(samples []sample) (all []float64) {
	for _, s := range samples {
		all = append(all, s.scenarios...)
	}
	return all
}

func each(of func(sample) float64) func([]sample) []float64 {
	return func(samples []sample) (all []float64) {
		for _, s := range samples {
			all = append(all, of(s))
		}
		return all
	}
}

// median of values, of which there is at least one.
func median(values []float64) float64 { return quantile(values, 0.5) }

// spread is the middle half.
func spread(values []float64) string {
	return fmt.Sprintf("%.0f to %.0f", quantile(values, 0.25), quantile(values, 0.75))
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low, high := sorted[int(math.Floor(at))], sorted[int(math.Ceil(at))]
	return low + (high-low)*(at-math.Floor(at))
}
