package login

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// What a language does not say would be English in the middle of it.
func TestNoTextIsMissingInALanguage(t *testing.T) {
	for _, language := range []string{store.German, store.French, store.Polish} {
		said := texts[language]
		for key, english := range texts[store.English] {
			switch got, ok := said[key]; {
			case !ok || got == "":
				t.Errorf("%s does not say %s (%q)", language, key, english)
			case strings.Count(got, "%") != strings.Count(english, "%"):
				t.Errorf("%s: %s lacks what is put in: %q", language, key, got)
			}
		}
		if len(said) != len(texts[store.English]) {
			t.Errorf("%s has %d texts, English has %d", language, len(said), len(texts[store.English]))
		}
	}
}
