package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkVersion is `reprompt version` from its start to its end: what every command costs before it does
// anything. The program is built as `make build` builds it; its size is a figure of its own.
func BenchmarkVersion(b *testing.B) {
	program := filepath.Join(b.TempDir(), "reprompt")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-ldflags", "-s -w", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for b.Loop() {
		if out, err := exec.CommandContext(b.Context(), program, "version").Output(); err != nil || len(out) == 0 {
			b.Fatalf("%q, %v", out, err)
		}
	}
	info, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
