package results_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/clients/go/results"
)

func TestARecordHasOneFormat(t *testing.T) {
	const good = `[
  {
    "client": "a 1",
    "operations": [
      "GET /users",
      "POST /users",
      "GET /users/{id}"
    ]
  }
]
`
	for name, row := range map[string]struct{ text, problem string }{
		"in the format":     {good, ""},
		"in another order":  {strings.NewReplacer("GET /users\"", "POST /users\"", "POST /users\"", "GET /users\"").Replace(good), "not in the format"},
		"with a time":       {strings.Replace(good, `"client"`, `"at": "now", "client"`, 1), "unknown field"},
		"without a newline": {strings.TrimSpace(good), "not in the format"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.json")
			if err := os.WriteFile(path, []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := results.Read(path)
			if (err == nil) != (row.problem == "") || err != nil && !strings.Contains(err.Error(), row.problem) {
				t.Errorf("read: %v, want %q", err, row.problem)
			}
		})
	}
}
