package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The program as it is run leaves no memory behind when it goes down, and no other account's debugger, nor
// one of its own account, may look into it.
func TestTheProgramIsNotDumped(t *testing.T) {
	command := exec.Command("reprompt", "emulator", "--dir", filepath.Join(t.TempDir(), "tenant"))
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Signal(syscall.SIGINT)
		_ = command.Wait()
	}()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("it said %q, %v", line, err)
	}
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", command.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(string(limits)) {
		if fields := strings.Fields(line); strings.HasPrefix(line, "Max core file size") {
			found = true
			if fields[4] != "0" || fields[5] != "0" {
				t.Errorf("core dumps are on: %s", line)
			}
		}
	}
	if !found {
		t.Errorf("the limits tell of no core dumps: %s", limits)
	}
	if os.Getuid() != 0 {
		if _, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", command.Process.Pid)); err == nil {
			t.Error("its environment can be read")
		}
	}
}
