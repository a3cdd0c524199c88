package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASecondEmulatorLeavesTheFolderOfTheFirstAlone(t *testing.T) {
	dir := t.TempDir()
	first, stop := context.WithCancel(t.Context())
	serving, ended := make(chan EmulatorAccess, 1), make(chan error, 1)
	go func() {
		ended <- ServeEmulator(first, EmulatorOptions{Dir: dir, Serving: func(a EmulatorAccess) { serving <- a }})
	}()
	select {
	case <-serving:
	case err := <-ended:
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "tenant.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	second, cancel := context.WithCancel(t.Context())
	err = ServeEmulator(second, EmulatorOptions{Dir: dir, Serving: func(EmulatorAccess) { cancel() }})
	cancel()
	requirement := new(RequirementError)
	if !errors.As(err, &requirement) || !strings.Contains(err.Error(), fmt.Sprintf("process id %d ", os.Getpid())) {
		t.Errorf("error = %v, want one that names the process", err)
	}
	if after, err := os.ReadFile(filepath.Join(dir, "tenant.yaml")); err != nil || string(after) != string(before) {
		t.Errorf("tenant.yaml was overwritten (%v)", err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// What an emulator that has ended left is no obstacle.
	third, end := context.WithCancel(t.Context())
	defer end()
	if err := ServeEmulator(third, EmulatorOptions{Dir: dir, Serving: func(EmulatorAccess) { end() }}); err != nil {
		t.Error(err)
	}
}
