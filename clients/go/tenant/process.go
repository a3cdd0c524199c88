package tenant

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programVariable names the reprompt to run; empty means that it is built first.
const programVariable = "REPROMPT"

var program string

// Main runs the tests of a package: it builds the product when nobody did, and removes it
// afterwards. Every package with tests that call [Twice] calls it from TestMain.
func Main(m *testing.M) {
	program = os.Getenv(programVariable)
	if program != "" || inner() {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "reprompt-clients-")
	if err == nil {
		program = filepath.Join(dir, "reprompt")
		err = build(program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the product:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func build(out string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	command := exec.Command("go", "build", "-o", out, "./cmd/reprompt")
	command.Dir = root
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, text)
	}
	return nil
}

// Root is the folder of the project, found from the folder of the test.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "cmd", "reprompt")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no folder above this one holds cmd/reprompt")
		}
		dir = parent
	}
}

// serve starts the product and returns the folder that it serves from, once it serves.
func serve(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, program, "emulator", "--dir", dir, "--sample")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	says, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		var ended *exec.ExitError
		// Interrupted is how it ends; any other code is a defect.
		if err := command.Wait(); err != nil && !errors.Is(err, context.Canceled) && !(errors.As(err, &ended) && ended.ExitCode() == 130) {
			t.Errorf("the emulator ended with: %v", err)
		}
	})
	lines := bufio.NewScanner(says)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.HasPrefix(lines.Text(), "serving") {
			return dir
		}
	}
	t.Fatalf("the emulator does not serve:\n%s", strings.Join(said, "\n"))
	return ""
}
