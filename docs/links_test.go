package docs_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/reprompt/reprompt/docs"
)

// documents are all Markdown files of the repository that people read.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := entry.Name()
		if entry.IsDir() && path != ".." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata" || base == "bin" || base == "dist" || base == "site" && filepath.Dir(path) == "..") {
			return fs.SkipDir
		}
		if strings.HasSuffix(base, ".md") {
			all = append(all, path)
		}
		return nil
	})
	if err != nil || len(all) < 20 {
		t.Fatalf("%d documents, %v", len(all), err)
	}
	return all
}

var (
	fenced   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inline   = regexp.MustCompile("`[^`\n]*`")
	links    = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?[^()\s]*)\)`)
	headings = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// anchorsOf are the anchors that GitHub gives the headings of a document.
func anchorsOf(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found, seen := map[string]bool{}, map[string]int{}
	for _, heading := range headings.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, heading[1])
		if seen[anchor]++; seen[anchor] > 1 {
			anchor += "-" + string(rune('0'+seen[anchor]-1))
		}
		found[anchor] = true
	}
	return found
}

// Every link of a document to a file of the repository leads to one that is there, and to a heading that
// it has.
func TestLinksLeadSomewhere(t *testing.T) {
	looked := 0
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		if err != nil {
			t.Fatal(err)
		}
		prose := inline.ReplaceAllString(fenced.ReplaceAllString(string(text), ""), "code")
		for _, link := range links.FindAllStringSubmatch(prose, -1) {
			file, anchor, _ := strings.Cut(link[1], "#")
			if to, err := url.Parse(link[1]); err != nil || to.Scheme != "" {
				if err != nil || to.Scheme != "https" && to.Scheme != "mailto" {
					t.Errorf("%s links to %s: say https", document, link[1])
				}
				continue
			}
			looked++
			target := document
			if file != "" {
				target = filepath.Join(filepath.Dir(document), filepath.FromSlash(file))
			}
			about, err := os.Stat(target)
			switch {
			case err != nil:
				t.Errorf("%s links to %s, which is not there", document, link[1])
			case anchor != "" && about.IsDir():
				t.Errorf("%s links to a heading of the folder %s: name its file", document, link[1])
			case anchor != "" && !anchorsOf(t, target)[anchor]:
				t.Errorf("%s links to %s, which has no such heading", document, link[1])
			}
		}
	}
	if looked < 150 {
		t.Errorf("only %d links were looked at: the test does not see them", looked)
	}
}

// Each document of this folder is reached from the README, in one step or two.
func TestEveryDocumentIsReached(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	reached := string(readme)
	for _, link := range links.FindAllStringSubmatch(string(readme), -1) {
		if strings.HasPrefix(link[1], "docs/") && strings.HasSuffix(link[1], ".md") {
			text, err := os.ReadFile(filepath.Join("..", link[1]))
			if err != nil {
				t.Fatal(err)
			}
			reached += strings.ReplaceAll(string(text), "](", "](docs/")
		}
	}
	pages, err := filepath.Glob("*.md")
	if err != nil || len(pages) == 0 {
		t.Fatal(err)
	}
	for _, page := range pages {
		if !strings.Contains(reached, "](docs/"+page) {
			t.Errorf("nothing that the README links to leads to docs/%s", page)
		}
	}
}

// The recorded terminal is of a program that says what today's says: its verdict, its lines, and as many
// controls as there are.
func TestTheRecordedTerminalIsOfToday(t *testing.T) {
	text, err := os.ReadFile("terminal.svg")
	if err != nil {
		t.Fatal(err)
	}
	summary, err := os.ReadFile("../evidence/testdata/summary-enforced.txt")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(text), "")
	wanted := []string{"ENFORCED  Application Administrator"}
	for _, line := range strings.Split(string(summary), "\n") {
		if words := strings.Fields(line); strings.HasPrefix(line, "  ") && len(words) > 1 && (words[0] == "witnesses" || words[0] == "controls") {
			wanted = append(wanted, strings.TrimSpace(words[0]))
		}
	}
	controls := 0
	for _, code := range docs.Codes() {
		if code.Kind == "control" {
			controls++
		}
	}
	if len(wanted) != 3 {
		t.Fatalf("the summary has the lines %q", wanted)
	}
	for _, want := range append(wanted, fmt.Sprintf("%d of %d held", controls, controls)) {
		if !strings.Contains(shown, want) {
			t.Errorf("docs/terminal.svg does not show %q: make pictures", want)
		}
	}
}
