package reprompt_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Whoever verifies evidence must be able to do so offline, and with nothing in the program that could
// do more: what decides and verifies drives no browser and speaks to nobody.
func TestWhatVerifiesIsOffline(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "./evidence", "./verdict", "./tokens").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(listed))
	if len(packages) < 50 {
		t.Fatalf("only %d packages: the list is not right", len(packages))
	}
	for _, name := range packages {
		for _, barred := range []string{"net/http", "github.com/chromedp/", "github.com/microsoftgraph/", "github.com/microsoft/", "github.com/Azure/"} {
			if strings.HasPrefix(name, barred) {
				t.Errorf("evidence, verdict or tokens depends on %s", name)
			}
		}
	}
}

// The program notes nowhere where memory is allocated: the tables of Go's heap profiler grow as long as it runs, by
// 4 MiB in a thousand scenarios, and the linker leaves them out only where nothing could read them.
func TestTheProgramHasNoHeapProfiler(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "./cmd/reprompt").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(listed))
	if !slices.Contains(packages, "github.com/reprompt/reprompt/suite") {
		t.Fatalf("%d packages: the list is not right", len(packages))
	}
	for _, barred := range []string{"runtime/pprof", "net/http/pprof"} {
		if slices.Contains(packages, barred) {
			t.Errorf("reprompt depends on %s", barred)
		}
	}
}
