package reprompt_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// mostDependencies is how many modules go.mod may require directly.
const mostDependencies = 25

var (
	required = regexp.MustCompile(`(?m)^\t(\S+) v\S+$`)
	listed   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.+) \\|$")
)

// Each direct dependency is justified in one line of docs/dependencies.md, and they are few.
func TestDependenciesAreJustified(t *testing.T) {
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	why := map[string]string{}
	for _, match := range listed.FindAllStringSubmatch(string(page), -1) {
		why[match[1]] = match[2]
	}
	direct := map[string]bool{}
	for _, match := range required.FindAllStringSubmatch(string(module), -1) { // lines that end in // indirect do not match
		direct[match[1]] = true
		if strings.TrimSpace(why[match[1]]) == "" {
			t.Errorf("docs/dependencies.md does not say why %s is needed", match[1])
		}
	}
	for name := range why {
		if !direct[name] {
			t.Errorf("docs/dependencies.md justifies %s, which go.mod does not require directly", name)
		}
	}
	if len(direct) == 0 || len(direct) > mostDependencies {
		t.Errorf("go.mod requires %d modules directly; at most %d are allowed", len(direct), mostDependencies)
	}
}
