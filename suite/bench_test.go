package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cucumber/godog"

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

// BenchmarkFirstStep is from nothing to the first step of the first scenario: the embedded tenant is there by
// then, and the browser is starting. Closing is not in it.
func BenchmarkFirstStep(b *testing.B) {
	file := filepath.Join(b.TempDir(), "one.feature")
	if err := os.WriteFile(file, []byte("Feature: One\n  Scenario: One\n    Given it begins\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(b.Context(), Options{
			EvidenceDir: b.TempDir(), Command: "go test -bench", Paths: []string{file},
			sentences: func(sc *godog.ScenarioContext) { sc.Step(`^it begins$`, func() { b.StopTimer() }) },
		})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkMemory is the proportional set size at the most, whenever a picture was taken in a proof through the
// portal: of this process, harness and embedded tenant, and of the browser (Linux).
func BenchmarkMemory(b *testing.B) {
	var own, browsers int
	for b.Loop() {
		proofs, err := Prove(b.Context(), Options{EvidenceDir: b.TempDir(), Command: "go test -bench", watch: func(w waited) {
			if w.What == "Page.captureScreenshot" {
				mine, others := memory(b, 0)
				own, browsers = max(own, mine), max(browsers, others)
			}
		}}, ProveRequest{Roles: []string{embeddedRole}, Way: verdict.WayPortal}, nil)
		if err != nil || proofs[0].Verdict.Outcome != verdict.Enforced {
			b.Fatalf("%+v, %v", proofs, err)
		}
	}
	b.ReportMetric(float64(own)/1024, "harness-MiB")
	b.ReportMetric(float64(browsers)/1024, "browser-MiB")
}
