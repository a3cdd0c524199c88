package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestExamplesInTheDocumentation runs what stands between ```txtar and ``` in the documentation, word
// for word.
func TestExamplesInTheDocumentation(t *testing.T) {
	for _, page := range []string{"evidence.md", "getting-started.md"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, found := strings.Cut(string(content), "```txtar\n")
		script, _, closed := strings.Cut(rest, "```\n")
		if !found || !closed {
			t.Fatalf("docs/%s has no example", page)
		}
		file := filepath.Join(t.TempDir(), strings.TrimSuffix(page, ".md")+".txtar")
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		testscript.Run(t, testscript.Params{Files: []string{file}, Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("REPROMPT_BROWSER", os.Getenv("REPROMPT_BROWSER"))
			return nil
		}})
	}
}
