package activation

import (
	"errors"
	"fmt"
	"testing"

	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/signin"
)

func TestAFailureIsOneSentenceThatSaysEachLayerOnce(t *testing.T) {
	const mismatch = "AADSTS50011: The redirect URI 'http://localhost:1' does not match."
	stopped := func(text string) error {
		page := &entra.Blocked{Page: "error", AADSTS: 50011, Text: text}
		return fmt.Errorf("sign-in: %w", fmt.Errorf("sign in: %w", page))
	}
	want := `stopped at the page "error": AADSTS50011: The redirect URI 'http://localhost:1' does not match`
	for name, row := range map[string]struct {
		err        error
		step, want string
	}{
		"ids on lines of their own": {stopped(mismatch + "\r\nTrace ID: 1\r\nTimestamp: 2"), "sign in", want},
		"ids on the same line":      {stopped(mismatch + " Trace ID: 1 Correlation ID: 2"), "sign in", want},
		"in another step": {
			fmt.Errorf("priming: %w", fmt.Errorf("sign in: %w", &entra.Blocked{Page: "error", AADSTS: 50011, Text: mismatch})),
			"prime the session", "priming: sign in: " + want,
		},
		"refused without a page": {
			fmt.Errorf("mint a plain token: %w", &signin.Error{Code: "interaction_required", Status: 400, Description: "AADSTS50076: Due to a change. Trace ID: 1"}),
			"try the plain tokens", "mint a plain token: the sign-in host refused: interaction_required, HTTP 400: AADSTS50076: Due to a change",
		},
		"nothing but the step": {errors.New("sign in"), "sign in", "sign in"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := sentenceOf(row.err, row.step); got != row.want {
				t.Errorf("got  %s\nwant %s", got, row.want)
			}
		})
	}
}
