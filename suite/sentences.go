package suite

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	messages "github.com/cucumber/messages/go/v21"
)

// sentences are the patterns of which a step has to match one.
type sentences []*regexp.Regexp

// ownSentences are those of the catalogue.
func ownSentences() (sentences, error) {
	catalogue, err := Sentences()
	if err != nil {
		return nil, err
	}
	var known sentences
	for _, s := range catalogue {
		re, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, fmt.Errorf("read sentence %q: %w", s.Pattern, err)
		}
		known = append(known, re)
	}
	return known, nil
}

func (known sentences) has(text string) bool {
	return slices.ContainsFunc(known, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

// unknownIn names each sentence of the chosen scenarios that nobody knows, one a line, where it
// stands. A sentence of a background, or of an outline, is named once.
func (known sentences) unknownIn(chosen selection) error {
	var unknown []error
	said := map[string]bool{}
	for _, f := range chosen.features {
		for _, pickle := range f.pickles {
			for _, step := range pickle.Steps {
				if known.has(step.Text) {
					continue
				}
				text := fmt.Sprintf("%s:%d: %s", f.name, f.lines[step.AstNodeIds[0]], noSuchSentence(step.Text))
				if !said[text] {
					said[text] = true
					unknown = append(unknown, errors.New(text))
				}
			}
		}
	}
	return errors.Join(unknown...)
}

// withoutSteps is the error of a chosen scenario that says nothing: godog would call it passed.
func withoutSteps(pickle *messages.Pickle, file string, line int) error {
	if len(pickle.Steps) > 0 {
		return nil
	}
	return fmt.Errorf("%s:%d: the scenario %q has no step; write one, or remove it", file, line, pickle.Name)
}
