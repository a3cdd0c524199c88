package suite

import (
	"regexp"
	"strings"
	"time"

	"github.com/reprompt/reprompt/planner"
	"github.com/reprompt/reprompt/steps"
)

// catalogue is reprompt's own sentences by what a plan has to know of them.
type catalogue struct {
	all, proves, looks sentences
}

// catalogue reads the sentences. What cannot be read is not known: a test looks for that.
func (s *Suite) catalogue() (c catalogue) {
	all, err := steps.Catalogue()
	if err != nil {
		return c
	}
	for _, sentence := range all {
		re, err := regexp.Compile(sentence.Pattern)
		if err != nil {
			continue
		}
		c.all = append(c.all, re)
		if sentence.Proves {
			c.proves = append(c.proves, re)
		}
		if sentence.Keyword == "Then" {
			c.looks = append(c.looks, re)
		}
	}
	return c
}

// Sentences of the catalogue, by their texts.
var (
	// makesAdmin has the scenario let its test admin go before it proves anything.
	makesAdmin = sentences{regexp.MustCompile(`^a test admin made for this scenario`)}
	// keepsAdmin has it keep the test admin to its end: what it makes has to do with accounts, or the browser is used
	// beside the proof.
	keepsAdmin = sentences{
		regexp.MustCompile(`a second role|in another session already|has a passkey|another account is signed in|another role setting`),
		regexp.MustCompile(`\b(group|another user|approver|administrative unit)\b|is active for the test admin|the same power`),
	}
)

// activating are the stretches of a proof by the sentence that activates the role.
func activating(sentence string, costs planner.Costs) []planner.Stage {
	has := func(words string) bool { return strings.Contains(sentence, words) }
	stretches := costs.Proof(has("twice") || has("again later"), 0)
	switch {
	case has("right after signing in"):
		stretches[0].Wait = 0
	case has("within the window"):
		stretches[0].Wait, stretches[2].Wait = 0, 0
	case has("more than an hour after"):
		stretches[0].Wait = 61 * time.Minute
	case has("lets the activation expire"):
		stretches[1].Wait = 30*time.Minute + 5*time.Second // half an hour is the shortest activation
	}
	return stretches
}
