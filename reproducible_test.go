package reprompt_test

import (
	"bytes"
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// One source comes to one program, byte for byte, wherever and with whatever cache it is built, with the
// flags of a release. Here the smallest program of the module is built, from nothing; make reproducible
// builds reprompt itself, which takes minutes.
func TestTwoBuildsAreTheSameProgram(t *testing.T) {
	one, other := built(t, "one"), built(t, "another-folder")
	if !bytes.Equal(one, other) {
		t.Errorf("two builds of one source differ: %d and %d bytes", len(one), len(other))
	}
	if stamp := commitOf(t, one); stamp == "" {
		t.Error("the program does not say which commit it was built from")
	}
	if folder := []byte(filepath.Dir(t.TempDir())); bytes.Contains(one, folder) {
		t.Errorf("the program holds the folder that it was built in: %s", folder)
	}
}

// built copies the program's source into a folder and builds it there, with an empty cache.
func built(t *testing.T, folder string) []byte {
	t.Helper()
	root := filepath.Join(t.TempDir(), folder)
	sources, err := filepath.Glob("scripts/licences/*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no source was found: %v", err)
	}
	for _, name := range append(sources, "go.mod", "go.sum") {
		content, err := os.ReadFile(name)
		if err == nil {
			err = os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(root, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	commit(t, root)
	program := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=true", "-ldflags", "-s -w", "-o", program, "./scripts/licences")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOCACHE="+t.TempDir(), "GOFLAGS=-mod=readonly")
	if printed, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, printed)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// commit makes a folder a repository with one commit, the same one wherever and whenever it is made.
func commit(t *testing.T, root string) {
	t.Helper()
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "one"}} {
		git := exec.Command("git", args...)
		git.Dir = root
		git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		for _, who := range []string{"AUTHOR", "COMMITTER"} {
			git.Env = append(git.Env, "GIT_"+who+"_NAME=n", "GIT_"+who+"_EMAIL=n@example.org", "GIT_"+who+"_DATE=2026-01-02T03:04:05Z")
		}
		if printed, err := git.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", git.Args, err, printed)
		}
	}
}

// commitOf is the commit that a program says it was built from.
func commitOf(t *testing.T, program []byte) string {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return ""
}
