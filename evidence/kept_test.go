package evidence_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// keptRun writes the bundle of one proof below dir, as far as the test lets it come.
func keptRun(t *testing.T, dir, id string, failure string, closes bool) string {
	t.Helper()
	i := proveInfo(t)
	i.ID = id
	run, err := evidence.Create(dir, i)
	if err != nil {
		t.Fatal(err)
	}
	prove(t, run, "Application Administrator", recorded(t))
	if closes {
		if err := run.Close(evidence.Result{Finished: started, Failure: failure}); err != nil {
			t.Fatal(err)
		}
	}
	return run.Dir()
}

func TestAFinishedProofIsKept(t *testing.T) {
	dir := t.TempDir()
	if proofs, err := evidence.Kept(filepath.Join(dir, "not there")); err != nil || proofs != nil {
		t.Errorf("no folder: %v, %v", proofs, err)
	}
	whole := keptRun(t, dir, "whole", "", true)
	proofs, err := evidence.Kept(dir)
	if err != nil || len(proofs) != 1 {
		t.Fatalf("%d proofs, %v, want 1", len(proofs), err)
	}
	o := recorded(t)
	p := proofs[0]
	if want := verdict.Decide(o); p.Verdict.Outcome != want.Outcome || p.Proved.RoleDefinitionID != o.Role.DefinitionID || p.Dir != whole || !p.At.Equal(o.Finished) {
		t.Errorf("kept %+v", p)
	}
}

func TestWhatIsNotFinishedOrNotWholeIsNotKept(t *testing.T) {
	for name, make := range map[string]func(dir string){
		"still open": func(dir string) { keptRun(t, dir, "open", "", false) },
		"it broke":   func(dir string) { keptRun(t, dir, "broke", "interrupted", true) },
		"was changed": func(dir string) {
			run := keptRun(t, dir, "changed", "", true)
			if err := os.WriteFile(filepath.Join(run, "added"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"no bundle": func(dir string) {
			if err := os.MkdirAll(filepath.Join(dir, "folder"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			make(dir)
			if proofs, err := evidence.Kept(dir); err != nil || len(proofs) > 0 {
				t.Errorf("kept %d proofs, %v, want none", len(proofs), err)
			}
		})
	}
}
