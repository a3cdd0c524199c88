package suite

import (
	"fmt"
	"io"
	"strings"

	"github.com/reprompt/reprompt/steps"
)

// Sentence is one sentence that a scenario may use.
type Sentence struct {
	Keyword string `json:"keyword"` // Given, When or Then
	Pattern string `json:"pattern"` // the regular expression, anchored
	Text    string `json:"text"`    // what it does
	Example string `json:"example"` // as a scenario would write it
	Subject string `json:"subject"` // what it is about
}

// Sentences lists every sentence that a scenario may use, those of one subject together.
func Sentences() ([]Sentence, error) {
	catalogue, err := steps.Catalogue()
	if err != nil {
		return nil, err
	}
	all := make([]Sentence, len(catalogue))
	for i, s := range catalogue {
		all[i] = Sentence{Keyword: s.Keyword, Pattern: s.Pattern, Text: s.Text, Example: s.Example, Subject: s.Subject}
	}
	return all, nil
}

// WriteSentences prints the sentences for a terminal, grouped by subject.
func WriteSentences(w io.Writer, sentences []Sentence) {
	subject := ""
	for _, s := range sentences {
		if s.Subject != subject {
			subject = s.Subject
			fmt.Fprintf(w, "%s\n%s\n\n", subject, strings.Repeat("=", len(subject)))
		}
		fmt.Fprintf(w, "%s\n%s\n    %s\n\n", s.Example, NewScreen(w).Fold("    "+s.Text, 4), s.Pattern)
	}
}

// WriteSentencesPage prints them as the page docs/steps.md.
func WriteSentencesPage(w io.Writer, sentences []Sentence) {
	fmt.Fprint(w, "# Sentences\n\nEvery sentence that a scenario may use, as `reprompt steps` prints them. Examples are shown; the pattern says what may vary.\n")
	subject := ""
	for _, s := range sentences {
		if s.Subject != subject {
			subject = s.Subject
			fmt.Fprintf(w, "\n## %s\n", subject)
		}
		fmt.Fprintf(w, "\n```gherkin\n%s\n```\n\n%s\n\n`%s`\n", s.Example, s.Text, s.Pattern)
	}
}
