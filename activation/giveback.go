package activation

import (
	"context"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/signin"
)

// giveBackTries bounds the requests by which a role is given back: the first may come a moment
// before PIM's five minutes are over by PIM's own clock.
const giveBackTries = 3

// giveBack deactivates what was activated, once PIM lets it go, and tells the journal. A second
// call does nothing. When it fails the journal still holds the activation.
func (p *proof) giveBack(ctx context.Context) error {
	if p.given == nil || ctx.Err() != nil {
		return nil
	}
	if err := p.Clock.Wait(ctx, p.given.at.Add(keep), "PIM to let the role go (it keeps one for five minutes)"); err != nil {
		return err
	}
	for try := 1; ; try++ {
		token, err := p.tokenToGiveBack(ctx)
		if err != nil {
			return fmt.Errorf("give the role back: %w", err)
		}
		answer, err := p.Reader.Deactivate(ctx, token.Access, p.activationRequest())
		if err != nil {
			return fmt.Errorf("give the role back: %w", err)
		}
		if answer.Accepted() || answer.Code == graph.CodeAssignmentDoesNotExist {
			return p.gaveBack(ctx, answer.Accepted())
		}
		if answer.Code != graph.CodeActiveTooShort || try == giveBackTries {
			return fmt.Errorf("give the role back: HTTP %d %s: %s (request-id %s)", answer.Status, answer.Code, answer.Message, answer.RequestID)
		}
		if err := p.Clock.Wait(ctx, p.now().Add(30*time.Second), "PIM to let the role go"); err != nil {
			return err
		}
	}
}

// tokenToGiveBack is a plain token of now, or, where none is to be had that verifies, the first one
// of the session: what a token must hold to activate a role it need not hold to give it back, and a
// service that issues tokens nobody should believe must not leave the role active.
func (p *proof) tokenToGiveBack(ctx context.Context) (signin.Result, error) {
	token, err := p.mint(ctx)
	switch {
	case err == nil:
		p.keepRefresh(token)
		return token, nil
	case ctx.Err() == nil && !p.first.Access.Empty() && p.first.AccessClaims.Expires.After(p.now()):
		p.event("token", "no plain token of now is to be had; the first one of the session is used to give the role back")
		return p.first, nil
	}
	return token, err
}

// gaveBack records that nothing is active any more. The journal is told even when the context is
// over by now: the record would otherwise speak of an activation that no longer is.
func (p *proof) gaveBack(ctx context.Context, was bool) error {
	given := p.given
	p.given = nil
	if was {
		p.event("deactivation", "the role was given back")
		if len(p.seen.Activations) > 0 && given.n == len(p.seen.Activations) {
			p.current().Deactivated = true
		}
	}
	if err := given.done(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("tell the journal that the role was given back: %w", err)
	}
	return nil
}
