package pim

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// misjudge is where the defects of [store.Misbehaviour] that belong to activation change what was
// said of the context. Validation-only requests are always judged rightly.
func (j *judge) misjudge(rules Rules, in Input, judged error) error {
	required := rules.Context()
	if required == "" || in.ValidationOnly {
		return judged
	}
	switch j.t.Settings.Misbehaviour {
	case store.ActivatesUnchallenged:
		return nil
	case store.ChallengesForEver:
		return challenge(required)
	case store.ChallengesOtherContext:
		if judged != nil {
			return challenge(neighbour(required))
		}
	}
	return judged
}

// neighbour is the context with the next number; the last one's is the first.
func neighbour(context string) string {
	const last = 99 // documented: c1 to c99
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(context), "c"))
	if err != nil {
		return "c1"
	}
	return fmt.Sprintf("c%d", n%last+1)
}
