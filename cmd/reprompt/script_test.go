package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"reprompt": main, "az": azure})
}

// TestScripts runs the command line as a user does; each script is one subject.
func TestScripts(t *testing.T) {
	released, err := filepath.Abs(filepath.Join("..", "..", "evidence", "testdata", "bundles", "v1"))
	if err != nil {
		t.Fatal(err)
	}
	guide, err := filepath.Abs(filepath.Join("..", "..", "docs", "real-tenant.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("REPROMPT_GUIDE", guide)
	testscript.Run(t, testscript.Params{
		Dir:             filepath.Join("testdata", "script"),
		UpdateScripts:   *update,
		ContinueOnError: true,
		Cmds:            commands,
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUNDLE", released)
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "state"))
			env.Setenv("REPROMPT_BROWSER", os.Getenv("REPROMPT_BROWSER"))
			return nil
		},
	})
}
