package contract_test

import (
	"os"
	"path/filepath"
	"testing"
)

// published is the folder of what Microsoft published, beside the project.
func published(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "graph", name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing: in continuous integration the published schema and examples have to be beside the project", path)
	}
	t.Skipf("%s is not here: without Microsoft's published schema and examples nothing can be held against them", path)
	return ""
}
