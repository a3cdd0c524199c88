package activation

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
)

const (
	// giveBackTries bounds the requests by which a role is given back: the first may come a moment
	// before PIM's five minutes are over by PIM's own clock.
	giveBackTries = 3
	// giveBackPause is the pause after a refusal that came when the five minutes should have been over.
	giveBackPause = 30 * time.Second
	// expirySlack is how long after its end an activation is looked for (Entra ends them by a job).
	expirySlack = 5 * time.Second
)

// giveBack deactivates what was activated, once PIM lets it go, and tells the journal. A second
// call does nothing. When it fails the journal still holds the activation.
func (p *proof) giveBack(ctx context.Context) error {
	if p.given == nil || ctx.Err() != nil {
		return nil
	}
	if p.given.pending {
		return p.withdraw(ctx)
	}
	if p.request.LetExpire {
		if gone, err := p.expired(ctx); err != nil || gone {
			return err
		}
	}
	if !p.request.GiveBackAtOnce {
		if err := p.keepForNow(ctx, p.given.at.Add(keep)); err != nil {
			return err
		}
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
		switch {
		case answer.Accepted():
			return p.gaveBack(ctx, true)
		case answer.Code == graph.CodeAssignmentDoesNotExist:
			// What came of a request that was not answered nobody knows: it may wait for an approver.
			if _, err := p.cancelPending(ctx, token.Access); err != nil {
				return err
			}
			return p.gaveBack(ctx, false)
		}
		if !comesBack(answer) || try == giveBackTries {
			return fmt.Errorf("give the role back: HTTP %d %s: %s (request-id %s)", answer.Status, answer.Code, answer.Message, answer.RequestID)
		}
		if err := p.refusedToLetGo(ctx, answer); err != nil {
			return err
		}
	}
}

// comesBack reports whether a refusal to let the role go is one that passes: too early, or too busy.
func comesBack(answer graph.Answer) bool {
	return answer.Code == graph.CodeActiveTooShort || answer.Status == http.StatusTooManyRequests
}

func (p *proof) keepForNow(ctx context.Context, until time.Time) error {
	return p.Clock.Wait(ctx, until, "PIM to let the role go (it keeps one for five minutes)")
}

// refusedToLetGo notes a refusal that came too early, or because PIM is too busy, and waits until the next try is worth it.
func (p *proof) refusedToLetGo(ctx context.Context, answer graph.Answer) error {
	p.event("deactivation", "PIM does not let the role go yet: HTTP %d %s", answer.Status, answer.Code)
	if p.isCurrent(p.given) && answer.Code == graph.CodeActiveTooShort {
		p.current().GiveBackRefusals++
	}
	until := p.given.at.Add(keep)
	if pause := p.now().Add(max(giveBackPause, answer.RetryAfter)); pause.After(until) {
		until = pause
	}
	return p.keepForNow(ctx, until)
}

// isCurrent reports whether that is what the last activation made, and no token that was tried.
func (p *proof) isCurrent(given *granted) bool {
	return len(p.seen.Activations) > 0 && given.n == len(p.seen.Activations)
}

// expired leaves the activation alone until its time is over, and reports whether it is gone. One that
// is not is given back like any other.
func (p *proof) expired(ctx context.Context) (bool, error) {
	end := p.given.at.Add(p.request.Duration + expirySlack)
	if err := p.Clock.Wait(ctx, end, "the activation to end by itself"); err != nil {
		return false, err
	}
	role := p.request.Role
	left, err := p.Reader.Assignments(ctx, graph.Holding{
		PrincipalID: p.AdminID, RoleDefinitionID: role.DefinitionID, DirectoryScopeID: role.DirectoryScopeID,
	})
	if err != nil {
		return false, fmt.Errorf("look whether the activation has ended: %w", err)
	}
	if len(left) > 0 {
		p.event("deactivation", "the activation is over its time and still there: it is given back")
		return false, nil
	}
	p.event("deactivation", "the activation ended by itself")
	if p.isCurrent(p.given) {
		p.current().Expired = true
	}
	return true, p.gaveBack(ctx, false)
}

// withdraw takes back a request that waits for approval: there is nothing to deactivate, and left
// alone it would stand in the way of the next one.
func (p *proof) withdraw(ctx context.Context) error {
	token, err := p.tokenToGiveBack(ctx)
	if err != nil {
		return fmt.Errorf("withdraw the request: %w", err)
	}
	requests, err := p.cancelPending(ctx, token.Access)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(requests, func(r graph.ScheduleRequest) bool {
		return madeActive(r.Status) && !r.Created.Before(p.given.at.Add(-clockSlack))
	}) {
		p.event("approval", "an approver agreed meanwhile: the role is given back")
		p.becameActive()
		return p.giveBack(ctx)
	}
	return p.gaveBack(ctx, false)
}

// cancelPending takes back what still waits of this proof's requests, and returns all of them as they
// were before.
func (p *proof) cancelPending(ctx context.Context, token secret.Text) ([]graph.ScheduleRequest, error) {
	requests, err := p.ownRequests(ctx, token)
	if err != nil {
		return nil, fmt.Errorf("withdraw the request: %w", err)
	}
	for _, r := range requests {
		if !strings.HasPrefix(r.Status, "Pending") {
			continue
		}
		answer, err := p.Reader.Cancel(ctx, token, r.ID)
		if err != nil {
			return nil, fmt.Errorf("withdraw the request: %w", err)
		}
		if !answer.Accepted() {
			return nil, fmt.Errorf("withdraw the request: HTTP %d %s: %s (request-id %s)", answer.Status, answer.Code, answer.Message, answer.RequestID)
		}
		p.event("deactivation", "the request that waited for approval was withdrawn")
		if p.isCurrent(p.given) {
			p.current().Withdrawn = true
		}
	}
	return requests, nil
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
		if p.isCurrent(given) {
			p.current().Deactivated = true
		}
	}
	if err := given.done(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("tell the journal that the role was given back: %w", err)
	}
	return nil
}
