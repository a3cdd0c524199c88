package suite

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/steps.md")

// The page is what the program prints. Rewrite it with: go test ./suite -run TestStepsPage -update
func TestStepsPage(t *testing.T) {
	sentences, err := Sentences()
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	WriteSentencesPage(&page, sentences)
	const file = "../docs/steps.md"
	if *update {
		if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, page.Bytes()) {
		t.Error("docs/steps.md is not what the sentences are: go test ./suite -run TestStepsPage -update")
	}
}

func TestScaffoldIsSoundAndKeepsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	written, err := Scaffold(dir, "Reader is  protected!")
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "features", "reader_is_protected.feature"); written[0] != want || len(written) != 4 {
		t.Fatalf("wrote %q, want %s and three more", written, want)
	}
	checked, err := Check(written[:1], nil)
	if err != nil || checked.Scenarios != 1 {
		t.Fatalf("%+v, %v", checked, err)
	}
	if err := checked.Err(); err != nil {
		t.Error(err)
	}

	if _, err := Scaffold(dir, "reader is protected"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("the second time: %v", err)
	}
	if _, err := Scaffold(dir, "!"); err == nil || !strings.Contains(err.Error(), "no letter or digit") {
		t.Errorf("without a name: %v", err)
	}
	settings := filepath.Join(dir, ".vscode", "settings.json")
	if err := os.WriteFile(settings, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	written, err = Scaffold(dir, "another")
	if err != nil || slices.Contains(written, settings) {
		t.Errorf("wrote %q, %v", written, err)
	}
	if got, err := os.ReadFile(settings); err != nil || string(got) != "mine" {
		t.Errorf("the settings became %q, %v", got, err)
	}
}
