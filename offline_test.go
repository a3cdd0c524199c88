package reprompt_test

import (
	"os/exec"
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
