package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"
	"github.com/google/go-cmp/cmp"
)

// Line numbers matter here: a test below names them.
const orchard = `@fruit
Feature: Orchard

  Background:
    Given a ladder

  # a remark
  @red @ripe
  Scenario: Apples
    When apples are picked
      """
      Scenario: not one
      """

  @embedded
  Scenario: Cherries
    When cherries are picked

  Scenario Outline: Pears of <kind>
    When <kind> are picked

    Examples:
      | kind     |
      | Conference |
      | Williams |

    @ripe
    Examples:
      | kind  |
      | Abate |

  @cellar
  Rule: What is stored
    Background:
      Given a cellar

    Scenario: Quinces
      When quinces are stored
`

type selectionTest struct {
	name         string
	tags         string
	names        []string
	lines        []int
	embedded     bool
	want         []string
	needEmbedded int
}

func (tt selectionTest) run(t *testing.T) {
	f, err := newFilter(tt.tags, tt.names, tt.embedded)
	if err != nil {
		t.Fatal(err)
	}
	got, err := choose([]source{{name: "orchard.feature", content: []byte(orchard), lines: tt.lines}}, f)
	if err != nil {
		t.Fatal(err)
	}
	if got.total != 6 {
		t.Errorf("total = %d, want 6", got.total)
	}
	if got.needEmbedded != tt.needEmbedded {
		t.Errorf("needEmbedded = %d, want %d", got.needEmbedded, tt.needEmbedded)
	}
	if got.selected != len(tt.want) {
		t.Errorf("selected = %d, want %d", got.selected, len(tt.want))
	}
	if diff := cmp.Diff(tt.want, picklesOf(t, got)); diff != "" {
		t.Errorf("scenarios that godog will run (-want +got):\n%s", diff)
	}
}

// picklesOf reads the chosen features as godog will, and returns the name of each scenario
// with the line of its last step.
func picklesOf(t *testing.T, s selection) []string {
	t.Helper()
	var names []string
	for _, f := range s.features {
		document, err := gherkin.ParseGherkinDocument(strings.NewReader(string(f.content)), (&messages.Incrementing{}).NewId)
		if err != nil {
			t.Fatalf("what is left of the feature does not parse: %v\n%s", err, f.content)
		}
		if got, want := strings.Count(string(f.content), "\n"), strings.Count(orchard, "\n"); got != want {
			t.Errorf("lines moved: %d lines, want %d", got, want)
		}
		for _, pickle := range gherkin.Pickles(*document, f.name, (&messages.Incrementing{}).NewId) {
			names = append(names, pickle.Name)
		}
	}
	return names
}

func TestSelection(t *testing.T) {
	apples, cherries, quinces := "Apples", "Cherries", "Quinces"
	conference, williams, abate := "Pears of Conference", "Pears of Williams", "Pears of Abate"
	for _, tt := range []selectionTest{
		{name: "everything on the embedded tenant", embedded: true, want: []string{apples, cherries, conference, williams, abate, quinces}},
		{name: "everything that a real tenant can run", want: []string{apples, conference, williams, abate, quinces}, needEmbedded: 1},
		{name: "a tag", tags: "@ripe", want: []string{apples, abate}},
		{name: "a negation", tags: "not @ripe", embedded: true, want: []string{cherries, conference, williams, quinces}},
		{name: "an and", tags: "@ripe and @red", want: []string{apples}},
		{name: "an or with parentheses", tags: "@fruit and (@red or @cellar)", want: []string{apples, quinces}},
		{name: "the tag of a rule", tags: "@cellar", want: []string{quinces}},
		{name: "what other filters leave out does not count as needing the embedded tenant", tags: "@red", want: []string{apples}},
		{name: "the line of a scenario", lines: []int{9}, want: []string{apples}},
		{name: "the line of one row of examples", lines: []int{25}, want: []string{williams}},
		{name: "the line of an outline", lines: []int{19}, want: []string{conference, williams, abate}},
		{name: "a line inside a scenario", lines: []int{12}, want: []string{apples}},
		{name: "a line inside an outline", lines: []int{20}, want: []string{conference, williams, abate}},
		{name: "a line of a background", lines: []int{5}},
		{name: "a line on which nothing stands", lines: []int{1}},
		{name: "a name", names: []string{"^Quinces$"}, want: []string{quinces}},
		{name: "a name of one row", names: []string{"Abate"}, want: []string{abate}},
		{name: "two names", names: []string{"Quinces", "Apples"}, want: []string{apples, quinces}},
		{name: "nothing", tags: "@blue"},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestFilterRefuses(t *testing.T) {
	for name, tags := range map[string]string{
		"the old negation":            "~@slow",
		"the old or":                  "@smoke,@slow",
		"a forgotten at sign":         "smoke",
		"a forgotten at sign later":   "@smoke and slow",
		"two tags without a word":     "@smoke @slow",
		"two tags run together":       "@smoke@slow",
		"C operators":                 "@smoke && @slow",
		"an unclosed parenthesis":     "(@smoke",
		"an operator without operand": "@smoke and",
	} {
		if _, err := newFilter(tags, nil, true); err == nil {
			t.Errorf("%s: %q was accepted", name, tags)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %q", name, err)
		}
	}
	if _, err := newFilter("", []string{"("}, true); err == nil {
		t.Error("a broken name pattern was accepted")
	}
}

func TestBrokenFeatureIsOneLine(t *testing.T) {
	for name, content := range map[string]string{"syntax": "Feature: x\n  Scenario: y\n    Given z\n    oops\n", "empty": "# nothing\n"} {
		_, err := choose([]source{{name: "broken.feature", content: []byte(content)}}, filter{embedded: true})
		if err == nil || !strings.Contains(err.Error(), "broken.feature") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error = %v, want one line that names the file", name, err)
		}
	}
}

func TestSourcesFrom(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a.feature": orchard, "deep/b.feature": orchard, "notes.txt": orchard, "empty/x.txt": orchard,
		".git/c.feature": orchard, "node_modules/d/e.feature": orchard,
		"evidence-out/run-1/run.json": `{"schema":"reprompt/bundle/v1"}`, "evidence-out/run-1/features/01-a.feature": orchard,
		"deep/run.json": `{"script":"run"}`,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	embedded := fstest.MapFS{"own.feature": {Data: []byte(orchard)}, "own.go": {Data: []byte("package own")}}
	a, b := filepath.Join(dir, "a.feature"), filepath.Join(dir, "deep", "b.feature")
	kept := filepath.Join(dir, "evidence-out", "run-1", "features", "01-a.feature")
	for _, tt := range []struct {
		name  string
		paths []string
		want  map[string][]int
	}{
		{"no path means the embedded features", nil, map[string][]int{"own.feature": nil}},
		{"a folder and all below it, but for what runs left and tools keep", []string{dir}, map[string][]int{a: nil, b: nil}},
		{"what a run left, when it is named", []string{filepath.Join(dir, "evidence-out", "run-1")}, map[string][]int{kept: nil}},
		{"a file", []string{a}, map[string][]int{a: nil}},
		{"two lines of one file", []string{a + ":9", a + ":19"}, map[string][]int{a: {9, 19}}},
		{"a file and a line of it", []string{a, a + ":19"}, map[string][]int{a: nil}},
	} {
		got, err := sourcesFrom(embedded, tt.paths)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		lines := map[string][]int{}
		for _, src := range got {
			lines[src.name] = src.lines
		}
		if diff := cmp.Diff(tt.want, lines); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	for _, p := range []string{filepath.Join(dir, "missing.feature"), filepath.Join(dir, "empty")} {
		if _, err := sourcesFrom(embedded, []string{p}); err == nil {
			t.Errorf("%s was accepted", p)
		}
	}
}
