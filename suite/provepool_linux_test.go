package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// A role that was proved is kept on disk, not in memory, while others are proved: of hundreds only those at work are held.
func TestARoleThatWasProvedIsNotKeptInMemory(t *testing.T) {
	tenant := lab(t, false)
	manyRoles(t, tenant, 3, 1)
	var aside string
	progress := said{each: func(line string) {
		if strings.HasPrefix(line, "took") { // every role was proved, and the run is not closed yet
			aside = putAside(t)
		}
	}}
	request := ProveRequest{AllProtected: true, Way: verdict.WayGraph}
	proofs, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir(), Progress: &progress}, request, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	for _, proof := range proofs {
		if line := fmt.Sprintf(`"name": %q`, proof.Role.Name); strings.Count(aside, line) != 1 {
			t.Errorf("%s is on disk %d times before the run is closed, want once:\n%s", proof.Role.Name, strings.Count(aside, line), aside)
		}
	}
	mustVerify(t, proofs[0].Evidence)
}

// putAside is what this process keeps of its runs in files that have no name any more.
func putAside(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Error(err)
	}
	for _, file := range open {
		if name, err := os.Readlink(file); err == nil && strings.Contains(name, "reprompt-evidence-") {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			}
			all.Write(content)
		}
	}
	return all.String()
}
