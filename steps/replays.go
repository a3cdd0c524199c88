package steps

import (
	"context"
	"fmt"

	"github.com/reprompt/reprompt/verdict"
)

func registerReplays(sc sentences) {
	sc.Then(`^the tokens from before the step-up were refused$`, replaysRefused)
	sc.Then(`^the (stepped-up token|refresh token of the stepped-up session) was (accepted|refused) later$`, triedLater)
	sc.Then(`^the tokens from before the step-up passed validation$`, replaysValidated)
}

// replaysRefused passes when the first plain token of the session and one minted just before were
// both tried and both refused with a challenge for the context.
//
// Example: Then the tokens from before the step-up were refused
func replaysRefused(ctx context.Context) error {
	return of(ctx).plainTokensWere(verdict.AnswerRefused)
}

// replaysValidated passes when the same two tokens were tried by requests that are only to be
// validated, and were let through. It shows nothing: nobody knows what a validation looks at.
//
// Example: Then the tokens from before the step-up passed validation
func replaysValidated(ctx context.Context) error {
	return of(ctx).plainTokensWere(verdict.AnswerAccepted)
}

func (s *scenario) plainTokensWere(want verdict.ReplayAnswer) error {
	for _, token := range []verdict.ReplayToken{verdict.ReplayFirst, verdict.ReplayPlain} {
		if err := s.tokenWas(token, want); err != nil {
			return err
		}
	}
	return nil
}

// triedLater passes when, after both re-use windows, what the step-up left in the hands of whoever
// holds the session was tried for one more activation, with that answer.
//
// Example: Then the stepped-up token was refused later
func triedLater(ctx context.Context, what, answer string) error {
	token := map[string]verdict.ReplayToken{
		"stepped-up token": verdict.ReplaySteppedUp, "refresh token of the stepped-up session": verdict.ReplayRefresh,
	}[what]
	return of(ctx).tokenWas(token, map[string]verdict.ReplayAnswer{
		"accepted": verdict.AnswerAccepted, "refused": verdict.AnswerRefused,
	}[answer])
}

// tokenWas passes when the last try of a token got that answer.
func (s *scenario) tokenWas(token verdict.ReplayToken, want verdict.ReplayAnswer) error {
	proof, err := s.outcome()
	if err != nil {
		return err
	}
	var got verdict.ReplayAnswer
	for _, replay := range proof.Observation.Replays {
		if replay.Token == token {
			got = replay.Answer
		}
	}
	switch got {
	case want:
		return nil
	case "":
		return fmt.Errorf("the %s token was not tried", token)
	}
	return fmt.Errorf("the %s token was %s, expected %s", token, got, want)
}
