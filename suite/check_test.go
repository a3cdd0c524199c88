package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkText checks one file and returns what was found as LINE: text.
func checkText(t *testing.T, text string, tags ...string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "own.feature")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	checked, err := Check([]string{file}, tags)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, p := range checked.Problems {
		if p.File != filepath.ToSlash(file) {
			t.Errorf("the file is %s", p.File)
		}
		found = append(found, fmt.Sprintf("%d: %s", p.Line, p.Text))
	}
	return found
}

const good = `Feature: own
  Scenario: one
    Given the tenant has an authentication context "c1" that is published
    When the test admin activates the role in the portal
    Then re-authentication is enforced
`

func TestCheckFindsWhatIsWrong(t *testing.T) {
	given := strings.Split(firstGiven(t), " ")
	text := strings.Replace(good, `the tenant has an authentication context "c1" that is published`, strings.Join(given[1:], " "), 1)
	for name, row := range map[string]struct {
		edit func(string) string
		want string // of one line; empty: nothing
	}{
		"nothing":                    {func(s string) string { return s }, ""},
		"the beginning of sentences": {replace("re-authentication is enforced", "re-authentication is"), `5: there is no such sentence: "re-authentication is"; did you mean "re-authentication is enforced"?`},
		"a misspelt sentence":        {replace("re-authentication is enforced", "re-authentification is enforced"), `5: there is no such sentence: "re-authentification is enforced"; did you mean "re-authentication is enforced"?`},
		"no verdict asserted":        {replace("    Then re-authentication is enforced\n", ""), `2: the scenario "one" comes to a verdict and asserts none`},
		"nothing activated":          {replace("    When the test admin activates the role in the portal\n", ""), `2: the scenario "one" asserts a verdict and activates nothing`},
		"a table that nobody reads": {
			replace("in the portal\n", "in the portal\n      | a | b |\n"), `4: "When the test admin activates the role in the portal" takes no table`,
		},
		"a code that is none": {
			replace("re-authentication is enforced", `the verdict is inconclusive because of "WITHIN_REUSE_WINDOWS"`),
			`5: no verdict ever names "WITHIN_REUSE_WINDOWS"; did you mean WITHIN_REUSE_WINDOW?`,
		},
		"a tag that is none": {replace("  Scenario: one", "  @somke\n  Scenario: one"), `2: the tag @somke is none of reprompt's (@`},
		"a tag of one's own": {replace("  Scenario: one", "  @mine\n  Scenario: one"), ""},
		"a lease":            {replace("  Scenario: one", "  @lease:context:c7 @lease:role:9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3\n  Scenario: one"), ""},
		"a lease on nothing": {
			replace("  Scenario: one", "  @lease:context:7\n  Scenario: one"), "2: the tag @lease:context:7 names no lease: write @lease:role:ID",
		},
		"a scenario that is none": {
			replace("    When", "  Scenario: two\n\n  Scenario: three\n    When"), `4: the scenario "two" has no step`,
		},
		"no Gherkin":         {replace("    When", "    Whenever"), "4: this is no Gherkin: expected:"},
		"no feature":         {func(string) string { return "# nothing\n" }, "1: the file holds no feature"},
		"a feature, no more": {func(string) string { return "Feature: own\n" }, "1: no scenario: nothing would run"},
		"a column too many": {
			func(string) string { return outlineText("<verdict>", "| verdict | way |\n      | enforced | portal |") },
			`6: no step uses the column "way"`,
		},
		"a column too few": {
			func(string) string { return outlineText("<verdict>", "| way |\n      | portal |") }, `4: <verdict> is no column of the Examples in line 5 (way)`,
		},
		"an outline without rows": {
			func(string) string { return outlineText("<verdict>", "| verdict |") }, "5: the Examples have no row",
		},
		"an outline without examples": {replace("Scenario:", "Scenario Outline:"), `2: the outline "one" has no Examples`},
	} {
		t.Run(name, func(t *testing.T) {
			found := checkText(t, row.edit(text), "mine")
			if row.want == "" {
				if len(found) > 0 {
					t.Errorf("found %q", found)
				}
				return
			}
			if !slices.ContainsFunc(found, func(line string) bool { return strings.HasPrefix(line, row.want) }) {
				t.Errorf("found %q, want %q", found, row.want)
			}
		})
	}
}

// firstGiven is the example of some sentence that begins a scenario.
func firstGiven(t *testing.T) string {
	t.Helper()
	all, err := Sentences()
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Example
}

func replace(old, with string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, with, 1) }
}

func outlineText(verdict, examples string) string {
	return "Feature: own\n  Scenario Outline: one\n    When the test admin activates the role in the portal\n    Then re-authentication is " +
		verdict + "\n    Examples:\n      " + examples + "\n"
}

// What reprompt itself runs is sound, and a line chooses one scenario.
func TestCheckOfOurOwnFeatures(t *testing.T) {
	checked, err := Check(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := checked.Err(); err != nil {
		t.Error(err)
	}
	if checked.Files < 10 || checked.Scenarios < 50 {
		t.Errorf("checked only %d files and %d scenarios", checked.Files, checked.Scenarios)
	}
}

func TestCheckOfOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.feature")
	if err := os.WriteFile(file, []byte(good+"\n  Scenario: two\n    Given nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	checked, err := Check([]string{file + ":8"}, nil)
	if err != nil || checked.Scenarios != 1 || len(checked.Problems) != 1 || checked.Problems[0].Line != 8 {
		t.Errorf("%+v, %v", checked, err)
	}
}

func TestGroupsThatTakeCodes(t *testing.T) {
	got, err := codeGroups(`^the (?:first|last) \((verdict|cause)\) is "([A-Z_0-9]+)" before "([A-Z_0-9]+)"$`)
	if err != nil || !slices.Equal(got, []int{2, 3}) {
		t.Errorf("groups %v, want 2 and 3; %v", got, err)
	}
}

func TestSubjectsStandTogether(t *testing.T) {
	all, err := Sentences()
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for i, s := range all {
		if i > 0 && s.Subject != all[i-1].Subject {
			done[all[i-1].Subject] = true
		}
		if s.Subject == "" || done[s.Subject] {
			t.Errorf("%q: its subject %q stands in two places", s.Example, s.Subject)
		}
	}
}
