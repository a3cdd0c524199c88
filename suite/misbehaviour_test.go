package suite

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/features"
)

// Every defect that the embedded tenant can be given is tried by a scenario: one that is modelled and
// never switched on shows nothing. The names are those that the control listener lists.
func TestEveryDefectOfTheServerIsTried(t *testing.T) {
	server, err := emulator.Start(t.Context(), emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	listener, _ := controlOf(server)
	refused := listener.settings(t.Context(), "", map[string]any{"misbehaviour": "no-such-defect"})
	if refused == nil {
		t.Fatal("a defect that nobody knows was accepted")
	}
	_, list, _ := strings.Cut(refused.Error(), "is none of ")
	known := regexp.MustCompile(`[a-z]+(?:_[a-z]+)+`).FindAllString(list, -1)
	if len(known) < 20 {
		t.Fatalf("%d defects are known, by %q", len(known), list)
	}
	tried := allFeatures(t)
	for _, defect := range known {
		if !regexp.MustCompile(`[|"]\s*` + defect + `\s*[|"]`).MatchString(tried) {
			t.Errorf("no scenario gives the tenant the defect %s", defect)
		}
	}
}

func allFeatures(t *testing.T) string {
	t.Helper()
	names, err := fs.Glob(features.FS, "*.feature")
	if err != nil || len(names) == 0 {
		t.Fatalf("no features: %v", err)
	}
	var text strings.Builder
	for _, name := range names {
		content, err := fs.ReadFile(features.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(content)
	}
	return text.String()
}
