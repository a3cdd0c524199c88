package activation

import (
	"context"
	"errors"
	"fmt"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// steppedUp is what the last step-up left in the hands of whoever holds the session. It stays in
// memory.
type steppedUp struct {
	token signin.Result // only Access and AccessClaims; empty when there is none
	// legacy is the activation that the portal sent to the legacy PIM host with token; nil when token is
	// for Graph.
	legacy  *browser.Exchange
	refresh signin.Result // a result whose Refresh was issued to the stepped-up session
}

// keepFromWire keeps the token with which the portal activated after it stepped up.
func (p *proof) keepFromWire(w wire) {
	p.stepped = steppedUp{}
	if w.stepUp == nil || w.activation == nil {
		return
	}
	access := secret.New(w.activation.Bearer())
	claims, err := tokens.ReadAccess(access)
	if err != nil {
		return
	}
	p.stepped.token = signin.Result{Access: access, AccessClaims: claims}
	if !isOnGraph(*w.activation) {
		p.stepped.legacy = w.activation
	}
}

// keepRefresh keeps the refresh token of a session that the portal has just stepped up: the portal's
// own is bound to its origin (documented for single-page applications).
func (p *proof) keepRefresh(minted signin.Result) {
	challenged := len(p.seen.Activations) > 0 && p.current().Challenge != nil
	if challenged && p.stepped.refresh.Refresh.Empty() {
		p.stepped.refresh = minted
	}
}

// trySteppedUp tries, once both windows are over, whether what the last step-up left is enough
// before the nth activation: the token that was stepped up, and a refresh token of the session. No
// document says whether PIM refuses them. What is accepted is an activation: it is given back, and
// the proof goes on.
func (p *proof) trySteppedUp(ctx context.Context, n int) error {
	if p.request.WithinWindow || !p.seen.Setting.RequiresContext() {
		return nil
	}
	if p.stepped.token.Access.Empty() {
		p.event("replay", "there is no stepped-up token to try again")
	} else if err := p.tryToken(ctx, n); err != nil {
		return err
	}
	return p.tryRefresh(ctx, n)
}

// tryToken tries the stepped-up token where it was good before, and gives back what it activated.
func (p *proof) tryToken(ctx context.Context, n int) error {
	err := p.tryBy(n, verdict.ReplaySteppedUp, p.stepped.token.AccessClaims, func() (graph.Answer, error) {
		switch sent := p.stepped.legacy; {
		case sent == nil:
			return p.post(ctx, p.stepped.token, 0, p.request.ValidateReplays)
		case p.request.ValidateReplays:
			return p.postAgain(ctx, *sent)
		default:
			return p.journalled(ctx, 0, func() (graph.Answer, error) { return p.postAgain(ctx, *sent) })
		}
	})
	if err != nil {
		return err
	}
	return p.giveBack(ctx)
}

// tryRefresh redeems the refresh token for the context, without a browser, and tries the token that
// comes of it. That the sign-in host wants the admin to act first is a refusal too.
func (p *proof) tryRefresh(ctx context.Context, n int) error {
	held := p.stepped.refresh
	if held.Refresh.Empty() {
		p.event("replay", "there is no refresh token of the stepped-up session to try")
		return nil
	}
	result, err := p.Client.Refresh(ctx, held.Refresh, signin.Request{Claims: p.claims(p.seen.Setting.ContextID)})
	var refused *signin.Error
	switch {
	case errors.As(err, &refused):
		p.refreshRefused(n, held, refused)
		return nil
	case err != nil:
		return fmt.Errorf("try the refresh token: %w", err)
	}
	if err := p.try(ctx, n, verdict.ReplayRefresh, result); err != nil {
		return err
	}
	last := &p.seen.Replays[len(p.seen.Replays)-1]
	last.Age = last.At.Sub(held.Received) // of the refresh token, not of what came of it
	return p.giveBack(ctx)
}

// refreshRefused records the sign-in host's answer. Only its demand for interaction is a refusal;
// a refresh token that expired or was revoked for another reason shows nothing.
func (p *proof) refreshRefused(n int, held signin.Result, refused *signin.Error) {
	replay := verdict.Replay{
		N: n, Token: verdict.ReplayRefresh, Mode: p.replayMode(), At: p.now(), Age: p.now().Sub(held.Received),
		Answer: verdict.AnswerNotObserved, Status: refused.Status, Code: fmt.Sprintf("AADSTS%d", refused.AADSTS),
	}
	if refused.Code == "interaction_required" {
		replay.Answer, replay.Context = verdict.AnswerRefused, p.seen.Setting.ContextID
	}
	p.seen.Replays = append(p.seen.Replays, replay)
	p.event("replay", "the refresh token was %s (HTTP %d %s AADSTS%d)", replay.Answer, refused.Status, refused.Code, refused.AADSTS)
}

// replayMode names how tokens are tried.
func (p *proof) replayMode() string {
	if p.request.ValidateReplays {
		return "validation"
	}
	return "real"
}

// afterLast are the steps that try what the last step-up left when no further activation follows.
func (p *proof) afterLast() []step {
	if !p.request.ReplaySteppedUp || p.request.Twice {
		return nil
	}
	return []step{
		{"wait until both re-use windows are over", p.leaveWindows},
		{"try the stepped-up token again", func(ctx context.Context) error { return p.trySteppedUp(ctx, 2) }},
	}
}

// settles reports whether an answer to a replay settles the whole proof: a plain token that is
// really taken does.
func settles(kind verdict.ReplayToken, mode string, answer verdict.ReplayAnswer) bool {
	plain := kind == verdict.ReplayFirst || kind == verdict.ReplayPlain
	return plain && mode == "real" && answer == verdict.AnswerAccepted
}
