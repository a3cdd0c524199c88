package contract_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// least is what an operation asks for at the least: one permission, or several together.
// Nil means that this kind of caller cannot call it.
type least struct {
	delegated, application []string
}

// variables are the parts of a path that differ from name to name.
var variables = regexp.MustCompile(`\{[^}]*\}|'principal'`)

// leastPermissions are those of the v1.0 operations, by "GET /users/{}".
func leastPermissions(t testing.TB) map[string]least {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "internal", "graphapi", "testdata", "permissions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]least{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if strings.HasPrefix(line, "#") || len(cells) != 3 || !strings.Contains(cells[0], " v1.0 ") {
			continue
		}
		all[anonymous(strings.Replace(cells[0], " v1.0", "", 1))] = least{together(cells[1]), together(cells[2])}
	}
	return all
}

// anonymous takes the names of the variables out of an operation.
func anonymous(operation string) string {
	return variables.ReplaceAllString(strings.ReplaceAll(operation, "'{on}'", "{on}"), "{}")
}

func together(cell string) []string {
	if cell == "-" {
		return nil
	}
	return strings.Split(cell, "+")
}
