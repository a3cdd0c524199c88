package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/secret"
)

// A scenario's error may quote what must not be kept: the rest of the messages is kept all the same.
func TestWhatAScenarioSaysIsKeptWithoutSecrets(t *testing.T) {
	const password = "correct horse battery"
	for name, row := range map[string]struct{ written, want string }{
		"a secret is withheld": {
			`{"meta":{}}` + "\n" + `{"x":{"message":"typed correct horse battery","status":"FAILED"}}` + "\n" + `{"testRunFinished":{}}` + "\n",
			`{"x":{"message":"[withheld: it held something that must not be kept]","status":"FAILED"}}`,
		},
		"another format is not kept": {"1 scenarios (1 passed)\n", ""},
		"what was cut off is not":    {`{"meta":{}}` + "\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := evidence.Create(t.TempDir(), evidence.RunInfo{ID: "7f3a", Started: time.Unix(0, 0)})
			if err != nil {
				t.Fatal(err)
			}
			run.Guard(secret.New(password))
			s := &Suite{target: &target{run: run}}
			now, err := s.begin(nil, 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := now.messages.Write([]byte(row.written)); err != nil {
				t.Fatal(err)
			}
			if err := s.keepMessages(); err != nil {
				t.Fatal(err)
			}
			content, _ := os.ReadFile(filepath.Join(run.Dir(), messagesName)) // not there: empty
			if !strings.Contains(string(content), row.want) || (row.want == "") != (len(content) == 0) || strings.Contains(string(content), password) {
				t.Errorf("kept is %q, want %q in it", content, row.want)
			}
		})
	}
}
