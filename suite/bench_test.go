package suite

import (
	"fmt"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// BenchmarkProve is one proof on a fresh embedded tenant, from nothing to the closed report:
// emulator, browser, both windows, deactivation and evidence are in it.
func BenchmarkProve(b *testing.B) {
	for _, way := range []verdict.Way{verdict.WayGraph, verdict.WayPortal} {
		b.Run(string(way), func(b *testing.B) {
			for b.Loop() {
				proofs, err := Prove(b.Context(), Options{EvidenceDir: b.TempDir(), Command: "go test -bench"},
					ProveRequest{Roles: []string{"Application Administrator"}, Way: way}, nil)
				if err != nil {
					b.Fatal(err)
				}
				if got := proofs[0].Verdict.Outcome; got != verdict.Enforced {
					b.Fatalf("a benchmarked proof came to %s", got)
				}
			}
		})
	}
}

// BenchmarkScenarios is the scenarios of reprompt outside the long tables, by how many run at a time.
func BenchmarkScenarios(b *testing.B) {
	for _, concurrency := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(concurrency), func(b *testing.B) {
			for b.Loop() {
				s, err := Open(b.Context(), Options{EvidenceDir: b.TempDir(), Command: "go test -bench", Tags: "not @matrix and not @embedded", Concurrency: concurrency})
				if err != nil {
					b.Fatal(err)
				}
				result, err := s.Run(b.Context())
				if err != nil || result.Failed != 0 {
					b.Fatalf("result %+v, error %v", result, err)
				}
				if err := s.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
