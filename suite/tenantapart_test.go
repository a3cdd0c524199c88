package suite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
)

const (
	// tenantIn, before a folder as the value of REPROMPT_ROLES, says that this process was started to serve
	// the tenant of a benchmark from it.
	tenantIn = "tenant in "
	// tenantServes is what that process says once its files are there.
	tenantServes = "the tenant serves"
)

// serveTenant is that process. It ends with its standard input, and so with whoever started it.
func serveTenant(b *testing.B, dir string) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	serving := func(EmulatorAccess) { fmt.Println(tenantServes) }
	if err := ServeEmulator(ctx, EmulatorOptions{Dir: dir, Serving: serving}); err != nil {
		b.Fatal(err)
	}
}

// tenantApart is an embedded tenant in a process of its own, as a real one is: what it remembers of each role
// is not the harness's. benchmark is the one that serves it.
func tenantApart(b *testing.B, benchmark string) (tenant *config.Tenant, pid int) {
	b.Helper()
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	own, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	cmd := exec.Command(own, "-test.run=^$", "-test.bench=^"+benchmark+"$", "-test.benchtime=1x", "-test.timeout=60m")
	cmd.Env, cmd.Stderr = append(os.Environ(), "REPROMPT_ROLES="+tenantIn+dir), os.Stderr
	alive, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(said)
	b.Cleanup(func() {
		_ = alive.Close()
		for lines.Scan() { // to its end
		}
		if err := cmd.Wait(); err != nil {
			b.Errorf("the tenant's process: %v", err)
		}
	})
	for lines.Scan() {
		if strings.Contains(lines.Text(), tenantServes) {
			if tenant, err = config.Load(dir + "/tenant.yaml"); err != nil {
				b.Fatal(err)
			}
			return tenant, cmd.Process.Pid
		}
	}
	b.Fatal("the tenant's process ended before it served")
	return nil, 0
}
