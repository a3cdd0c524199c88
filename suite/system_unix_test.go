//go:build !windows

package suite

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheJournalIsInTheStateFolder(t *testing.T) {
	home, state := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	for name, row := range map[string]struct{ state, want string }{
		"named":     {state, filepath.Join(state, "reprompt", "journal", "tenant.db")},
		"not named": {"", filepath.Join(home, ".local", "state", "reprompt", "journal", "tenant.db")},
	} {
		t.Setenv("XDG_STATE_HOME", row.state)
		if got, err := journalPath("tenant"); err != nil || got != row.want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, row.want)
		}
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := journalPath("tenant"); err == nil || !strings.Contains(err.Error(), "set XDG_STATE_HOME") {
		t.Errorf("without a home: %v", err)
	}
}
