package steps_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"github.com/reprompt/reprompt/features"
	"github.com/reprompt/reprompt/steps"
)

func catalogue(t *testing.T) []steps.Sentence {
	t.Helper()
	all, err := steps.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("the catalogue has %d sentences: it does not see the registrations", len(all))
	}
	return all
}

func TestEverySentenceIsAnchoredAndExplained(t *testing.T) {
	for _, s := range catalogue(t) {
		if !strings.HasPrefix(s.Pattern, "^") || !strings.HasSuffix(s.Pattern, "$") {
			t.Errorf("%s:%d: %s is not anchored", s.File, s.Line, s.Pattern)
		}
		if s.Text == "" {
			t.Errorf("%s:%d: %s: its function has no comment", s.File, s.Line, s.Pattern)
		}
		keyword, text, _ := strings.Cut(s.Example, " ")
		if keyword != s.Keyword {
			t.Errorf("%s:%d: the example %q does not begin with %s", s.File, s.Line, s.Example, s.Keyword)
		}
		if !regexp.MustCompile(s.Pattern).MatchString(text) {
			t.Errorf("%s:%d: %s does not match its own example %q", s.File, s.Line, s.Pattern, s.Example)
		}
	}
}

func TestEverySentenceHasASubject(t *testing.T) {
	proves, asserts := 0, 0
	for _, s := range catalogue(t) {
		if s.Subject == "" {
			t.Errorf("%s:%d: the file has no subject", s.File, s.Line)
		}
		if s.Proves != (s.Keyword == "When") {
			t.Errorf("%s:%d: %s proves: %v", s.File, s.Line, s.Example, s.Proves)
		}
		if s.Proves {
			proves++
		}
		if s.Asserts {
			asserts++
		}
	}
	if proves == 0 || asserts < 3 {
		t.Errorf("%d sentences prove, %d assert: the bodies are not read", proves, asserts)
	}
}

func TestEveryExampleMeansOneSentence(t *testing.T) {
	all := catalogue(t)
	for _, s := range all {
		_, text, _ := strings.Cut(s.Example, " ")
		for _, other := range all {
			if other != s && regexp.MustCompile(other.Pattern).MatchString(text) {
				t.Errorf("%q is matched by %s and by %s", text, s.Pattern, other.Pattern)
			}
		}
	}
}

func TestEverySentenceIsUsedAndEveryStepMeansOne(t *testing.T) {
	all := catalogue(t)
	used := map[string]bool{}
	for _, text := range stepsOfFeatures(t) {
		var matching []string
		for _, s := range all {
			if regexp.MustCompile(s.Pattern).MatchString(text) {
				matching = append(matching, s.Pattern)
				used[s.Pattern] = true
			}
		}
		if len(matching) != 1 {
			t.Errorf("%q is matched by %d sentences: %v", text, len(matching), matching)
		}
	}
	for _, s := range all {
		if !used[s.Pattern] {
			t.Errorf("%s:%d: no feature uses %s", s.File, s.Line, s.Pattern)
		}
	}
}

func stepsOfFeatures(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(features.FS, "*.feature")
	if err != nil || len(names) == 0 {
		t.Fatalf("no features: %v", err)
	}
	var texts []string
	for _, name := range names {
		file, err := features.FS.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		document, err := gherkin.ParseGherkinDocument(file, (&messages.Incrementing{}).NewId)
		if err != nil {
			t.Fatal(err)
		}
		for _, pickle := range gherkin.Pickles(*document, name, (&messages.Incrementing{}).NewId) {
			for _, step := range pickle.Steps {
				texts = append(texts, step.Text)
			}
		}
	}
	return texts
}
