package evidence

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// flushes is what was flushed to the disk, in its order, and what was signed by then.
type flushes struct {
	mutex  sync.Mutex
	root   string
	paths  []string
	signed map[string]bool // by path: a signed file was there when it was flushed
	full   string          // the disk is full for this path
}

func (f *flushes) sync(file *os.File) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	relative, err := filepath.Rel(f.root, file.Name())
	if err != nil {
		return err
	}
	at := filepath.ToSlash(relative)
	f.paths = append(f.paths, at)
	_, svr := os.Stat(filepath.Join(f.root, svrName))
	_, statement := os.Stat(filepath.Join(f.root, statementName))
	f.signed[at] = svr == nil || statement == nil
	if at == f.full {
		return syscall.ENOSPC
	}
	return file.Sync()
}

// flushedRun is a run with a proof that has a picture and events, not closed.
func flushedRun(t *testing.T) (*Run, *flushes) {
	t.Helper()
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	run, err := Create(t.TempDir(), RunInfo{ID: "7f3a", Command: "reprompt prove", Started: at})
	if err != nil {
		t.Fatal(err)
	}
	f := &flushes{root: run.Dir(), signed: map[string]bool{}}
	run.store.sync = f.sync
	s, err := run.Scenario("Every activation asks again", "")
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.Event("step", "sign in", at)
	}
	if s.Screenshot("password", "The password page", []byte("a picture")) == "" {
		t.Fatal("the picture was not kept")
	}
	o := verdict.Observation{Started: at, Finished: at.Add(time.Minute)}
	if err := s.Finish(o, verdict.Decide(o)); err != nil {
		t.Fatal(err)
	}
	return run, f
}

// A proof does not wait for the disk while it runs. Once the bundle is signed, everything that the manifest names
// has got there, and the signed files too.
func TestABundleIsOnTheDiskBeforeItIsSigned(t *testing.T) {
	run, f := flushedRun(t)
	if len(f.paths) != 0 {
		t.Errorf("while the run lasted, it waited for the disk for %q", f.paths)
	}
	if err := run.Close(Result{}); err != nil {
		t.Fatal(err)
	}
	files, err := run.store.list()
	if err != nil {
		t.Fatal(err)
	}
	for _, needed := range []string{runName, "scenarios/01-every-activation-asks-again/" + eventsName, "scenarios/01-every-activation-asks-again/01-password.png"} {
		if !slices.ContainsFunc(files, func(file File) bool { return file.Path == needed }) {
			t.Fatalf("the bundle has no %s", needed)
		}
	}
	for _, file := range append(files, File{Path: manifestName}) {
		if signed, flushed := f.signed[file.Path]; !flushed || signed {
			t.Errorf("%s: flushed %v, after something was signed %v", file.Path, flushed, signed)
		}
	}
	for _, last := range []string{svrName, statementName} {
		if !slices.Contains(f.paths, last) {
			t.Errorf("%s was not flushed", last)
		}
	}
}

// What the disk refuses at the end comes out when the run is closed, by name, and nothing is signed.
func TestABundleThatTheDiskRefusesIsNotSigned(t *testing.T) {
	run, f := flushedRun(t)
	f.full = "scenarios/01-every-activation-asks-again/01-password.png"
	err := run.Close(Result{})
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), f.full) {
		t.Errorf("Close: %v, want the full disk and the picture", err)
	}
	for _, name := range []string{svrName, statementName} {
		if _, err := os.Stat(filepath.Join(run.Dir(), name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}
	v, err := Verify(run.Dir(), VerifyOptions{})
	if err == nil && v.Outcome == Verified {
		t.Error("it verifies")
	}
}

// A machine that loses its power while a run lasts can leave any file of it empty. None of them passes for evidence.
func TestARunWithAFileThatNeverReachedTheDiskIsNotVerified(t *testing.T) {
	dir := "scenarios/01-every-activation-asks-again"
	for _, name := range []string{runName, path.Join(dir, eventsName), path.Join(dir, "01-password.png"), path.Join(dir, observationName), path.Join(dir, verdictName)} {
		t.Run(path.Base(name), func(t *testing.T) {
			run, _ := flushedRun(t)
			if err := os.Truncate(filepath.Join(run.Dir(), filepath.FromSlash(name)), 0); err != nil {
				t.Fatal(err)
			}
			v, err := Verify(run.Dir(), VerifyOptions{})
			if err != nil {
				if name != runName || !strings.Contains(err.Error(), runName) {
					t.Errorf("Verify: %v, want a verification that names %s", err, name)
				}
				return
			}
			named := slices.ContainsFunc(v.Problems, func(p Problem) bool { return p.Code == Unfinished || p.Path == name })
			if v.Outcome == Verified || !named {
				t.Errorf("%s with %v, want a bundle that is named as cut off", v.Outcome, v.Problems)
			}
		})
	}
}
