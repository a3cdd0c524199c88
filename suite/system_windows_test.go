package suite

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheJournalIsInTheLocalFolder(t *testing.T) {
	local, state := t.TempDir(), t.TempDir()
	t.Setenv("LocalAppData", local)
	for name, row := range map[string]struct{ state, want string }{
		"named":     {state, filepath.Join(state, "reprompt", "journal", "tenant.db")},
		"not named": {"", filepath.Join(local, "reprompt", "journal", "tenant.db")},
	} {
		t.Setenv("XDG_STATE_HOME", row.state)
		if got, err := journalPath("tenant"); err != nil || got != row.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, row.want)
		}
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("LocalAppData", "")
	if _, err := journalPath("tenant"); err == nil || !strings.Contains(err.Error(), "set XDG_STATE_HOME") {
		t.Errorf("without a folder: %v", err)
	}
}
