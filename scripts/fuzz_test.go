// Package scripts holds what tests there are of the shell scripts beside it.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A run of a fuzz target that Go ends with nothing but its own deadline is repeated; whatever else fails, fails.
func TestOnlyGosOwnDeadlineIsFuzzedAgain(t *testing.T) {
	const deadline = "--- FAIL: F (4.02s)\n    context deadline exceeded\nFAIL\n"
	for name, row := range map[string]struct {
		first, later string // what go prints when it fails; empty: it passes
		passes       bool
		begun        int // how often the first target was run
	}{
		"it passes":                  {"", "", true, 1},
		"the deadline, once":         {deadline, "", true, 2},
		"the deadline, each time":    {deadline, deadline, false, 3},
		"the deadline, and an input": {deadline + "    Failing input written to testdata/fuzz/F/1\n", "", false, 1},
		"something else":             {"--- FAIL: F (4.02s)\n    panic: F\n", "", false, 1},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"first": row.first, "later": row.later} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		fake := "#!/bin/sh\ncase $1 in list) exit 0 ;; esac\ncd '" + dir + "'\n" +
			"says=later; [ -e begun ] || says=first\npwd >>begun\n[ -s $says ] || exit 0\ncat $says\nexit 1\n"
		program := filepath.Join(dir, "go")
		if err := os.WriteFile(program, []byte(fake), 0o700); err != nil {
			t.Fatal(err)
		}
		script := exec.CommandContext(t.Context(), "sh", "fuzz.sh", "3s", "light")
		script.Env = append(os.Environ(), "GO="+program)
		said, err := script.CombinedOutput()
		if (err == nil) != row.passes {
			t.Errorf("%s: %v\n%s", name, err, said)
		}
		begun, err := os.ReadFile(filepath.Join(dir, "begun"))
		if err != nil {
			t.Fatal(err)
		}
		targets := strings.Count(string(said), " Fuzz") - strings.Count(string(said), ": again")
		if runs := strings.Count(string(begun), "\n"); runs-targets+1 != row.begun {
			t.Errorf("%s: %d runs of %d targets\n%s", name, runs, targets, said)
		}
		if !row.passes && !strings.Contains(string(said), row.first) {
			t.Errorf("%s: what failed is not told: %s", name, said)
		}
	}
}
