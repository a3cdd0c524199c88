package tenant

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Variables that tell a process that it is one run of a test.
const (
	runVariable = "REPROMPT_CLIENTS_RUN"
	dirVariable = "REPROMPT_CLIENTS_DIR"
)

// inner says that this process is one run of a test.
func inner() bool { return os.Getenv(runVariable) != "" }

// Twice runs a test in both ways, each with a fresh tenant and in a process whose environment
// holds what the way needs and nothing else that a client would read. The test fails when the
// tenant was asked for something that it has no model for, or asked the other way.
func Twice(t *testing.T, test func(t *testing.T, tenant *Tenant)) {
	t.Helper()
	if inner() {
		run := Run(os.Getenv(runVariable))
		t.Run(string(run), func(t *testing.T) {
			tenant, err := Open(os.Getenv(dirVariable), run)
			if err != nil {
				t.Fatal(err)
			}
			test(t, tenant)
			tenant.check(t)
		})
		return
	}
	for _, run := range []Run{Hosts, Authority} {
		t.Run(string(run), func(t *testing.T) { again(t, run) })
	}
}

// longest is far beyond what a test takes on a loaded machine: one that hangs ends by itself, with
// the stacks of what it waited for, and leaves no process behind.
const longest = 3 * time.Minute

// kept are the variables that a process needs and no client under test reads.
var kept = []string{"PATH", "HOME", "TMPDIR", "USER", "CI", "REPROMPT_BROWSER", "UPDATE_RESULTS"}

// again runs the calling test in a process of its own.
func again(t *testing.T, run Run) {
	t.Helper()
	dir := serve(t)
	tenant, err := Open(dir, run)
	if err != nil {
		t.Fatal(err)
	}
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(t.Name(), "/")
	command := exec.CommandContext(t.Context(), itself, "-test.run=^"+name+"$/^"+string(run)+"$", "-test.v", "-test.count=1", "-test.timeout="+longest.String())
	command.Env = environment(tenant, dir)
	output, err := command.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, output)
	case bytes.Contains(output, []byte("--- SKIP: "+t.Name()+" ")):
		t.Skipf("%s", output)
	case !bytes.Contains(output, []byte("--- PASS: "+t.Name()+" ")):
		t.Errorf("the process did not run %s:\n%s", t.Name(), output)
	}
}

func environment(tenant *Tenant, dir string) []string {
	env := []string{runVariable + "=" + string(tenant.Run), dirVariable + "=" + dir, "SSL_CERT_FILE=" + tenant.CAFile}
	if tenant.Proxy != "" {
		env = append(env, "HTTPS_PROXY="+tenant.Proxy)
	}
	for _, name := range kept {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
