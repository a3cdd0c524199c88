package evidence_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/verdict"
)

// released is where a bundle of every released version of the format stays. The newest is written
// anew with -update while its version is not released; the others never again.
const released = "testdata/bundles"

const newest = "v1"

func TestBundlesOfEveryReleasedVersionVerify(t *testing.T) {
	if *update {
		made := proved(t, proveInfo(t))
		dir := filepath.Join(released, newest)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
	}
	versions, err := os.ReadDir(released)
	if err != nil || len(versions) == 0 {
		t.Fatalf("no bundle of a released version: %v", err)
	}
	for _, version := range versions {
		t.Run(version.Name(), func(t *testing.T) {
			dir := filepath.Join(released, version.Name())
			key, err := os.ReadFile(filepath.Join(dir, "signer.pem"))
			if err != nil {
				t.Fatal(err)
			}
			trusted, err := evidence.ParsePublicKey(key)
			if err != nil {
				t.Fatal(err)
			}
			v := verified(t, dir, evidence.VerifyOptions{Keys: []evidence.PublicKey{trusted}})
			for _, p := range v.Problems {
				t.Errorf("problem: %s", p)
			}
			if v.Outcome != evidence.Verified || len(v.Scenarios) != 1 || v.Scenarios[0].Decided != verdict.Enforced {
				t.Errorf("it comes to %s, %+v: when the rules changed, raise verdict.Rules and keep the old ones beside them", v.Outcome, v.Scenarios)
			}
		})
	}
}
