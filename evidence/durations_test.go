package evidence_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/evidence"
)

// A bundle, also one that holds others, tells how long each scenario and each role took; of several tries the
// longest counts.
func TestABundleTellsHowLongItsProofsTook(t *testing.T) {
	dir, _ := merged(t)
	// How long a try takes here is the machine's business: what is read is written beforehand.
	id := ""
	takes := map[string]time.Duration{"inside the window": time.Minute, "outside the window": 2 * time.Minute, "Application Administrator": 17 * time.Minute}
	tries := rewriteScenarios(t, dir, func(try int, s map[string]any) {
		s["took_ns"] = int(takes[s["name"].(string)]) / try
		if s["feature"] == "" {
			id = s["proved"].(map[string]any)["role_definition_id"].(string)
		}
	})
	if tries != 6 || id == "" {
		t.Fatalf("the bundle holds %d tries, and the role is %q", tries, id)
	}
	for _, path := range []string{dir, filepath.Join(dir, "run.json")} {
		d, err := evidence.ReadDurations(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"inside the window", "outside the window"} {
			key := evidence.Key("features/windows.feature", name, []string{"the test admin activates the role"})
			if got := d.Scenario(key); got != takes[name] {
				t.Errorf("%s: %s took %s, want %s", path, name, got, takes[name])
			}
		}
		for _, named := range []string{id, strings.ToUpper(id), "application administrator"} {
			if got := d.Role(named); got != 17*time.Minute {
				t.Errorf("%s: the proof of %s took %s, want 17m", path, named, got)
			}
		}
		if d.Scenario("another") != 0 || d.Role("Janitor") != 0 {
			t.Errorf("%s: what is not there took %s and %s", path, d.Scenario("another"), d.Role("Janitor"))
		}
	}
	for _, wrong := range []string{t.TempDir(), filepath.Join(dir, "manifest.json"), filepath.Join(dir, "gone")} {
		if _, err := evidence.ReadDurations(wrong); err == nil || !strings.HasPrefix(err.Error(), "read durations: ") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// rewriteScenarios changes each scenario of a bundle's run.json, which is not sealed any more then. try counts,
// from 1, how often one of its name came before.
func rewriteScenarios(t *testing.T, dir string, change func(try int, s map[string]any)) (n int) {
	t.Helper()
	path := filepath.Join(dir, "run.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var run map[string]any
	if err := json.Unmarshal(text, &run); err != nil {
		t.Fatal(err)
	}
	tries := map[any]int{}
	for _, s := range run["scenarios"].([]any) {
		s := s.(map[string]any)
		tries[s["name"]]++
		change(tries[s["name"]], s)
		n++
	}
	if text, err = json.Marshal(run); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}
