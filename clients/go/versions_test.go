package clients_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

var requirement = regexp.MustCompile(`(?m)^\s*(?:require )?(\S+\.\S+/\S+) (v\S+)`)

func requirements(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, match := range requirement.FindAllStringSubmatch(string(text), -1) {
		all[match[1]] = match[2]
	}
	return all
}

// What this module and the program's own both need has one version: the Graph SDK takes minutes
// to compile, and would be compiled twice.
func TestSharedDependenciesHaveOneVersion(t *testing.T) {
	root, err := tenant.Root()
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := requirements(t, filepath.Join(root, "go.mod")), requirements(t, "go.mod")
	shared := 0
	for _, module := range slices.Sorted(maps.Keys(ours)) {
		version, both := theirs[module]
		if !both {
			continue
		}
		shared++
		if version != ours[module] {
			t.Errorf("%s is %s here and %s in the program", module, ours[module], version)
		}
	}
	if shared < 20 {
		t.Errorf("only %d modules are shared: the files were not read", shared)
	}
}
