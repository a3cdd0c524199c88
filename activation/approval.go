package activation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// approvalLook is the pause between two looks whether an approver has decided, by the tenant's clock:
// a person takes minutes, and PIM's own page says no sooner.
const approvalLook = 30 * time.Second

// Values of verdict.Activation.Approval, beside PIM's own status of a request that ended otherwise.
const (
	approved  = "approved"
	undecided = "undecided"
)

// awaitApproval waits, for Request.AwaitApproval at the most, until an approver has decided about the
// activation. What was observed of the prompt stands however it ends; an approved role is active from
// then on and is given back like any other. A look that fails ends the wait, not the proof.
func (p *proof) awaitApproval(ctx context.Context) error {
	if p.given == nil || !p.given.pending {
		return nil
	}
	until := p.now().Add(p.request.AwaitApproval)
	p.event("wait", "until %s at the latest, for an approver", until.Format(time.RFC3339))
	for {
		status, err := p.approvalStatus(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			p.event("approval", "whether an approver has decided could not be read: %v", err)
			return nil
		case !strings.HasPrefix(status, "Pending"):
			p.decided(status)
			return nil
		case !until.After(p.now()):
			p.current().Approval = undecided
			p.event("approval", "nobody decided within %s; the request is withdrawn", p.request.AwaitApproval)
			return nil
		}
		if err := p.letDecide(ctx); err != nil {
			return err
		}
		next := p.now().Add(approvalLook)
		if next.After(until) {
			next = until
		}
		why := fmt.Sprintf("an approver to decide (until %s at the latest), next look", until.Format(time.TimeOnly))
		if err := p.Clock.Wait(ctx, next, why); err != nil {
			return err
		}
	}
}

// letDecide has the approver of a scenario decide, once.
func (p *proof) letDecide(ctx context.Context) error {
	decide := p.Approver
	if decide == nil {
		return nil
	}
	p.Approver = nil
	p.event("approval", "the approver of the scenario decides now")
	if err := decide(ctx); err != nil {
		return fmt.Errorf("have the approver decide: %w", err)
	}
	return nil
}

// decided records what became of the request.
func (p *proof) decided(status string) {
	if !madeActive(status) {
		p.current().Approval = status
		p.event("approval", "the request ended as %s: the role did not become active", status)
		return
	}
	p.current().Approval = approved
	p.event("approval", "an approver agreed: the role is active since at the latest %s", p.now().Format(time.RFC3339))
	p.becameActive()
}

// becameActive notes that what waited for approval has to be given back now. When it became active
// nobody says, so PIM's five minutes count from now.
func (p *proof) becameActive() { p.given.pending, p.given.at = false, p.now() }

// approvalStatus is PIM's status of the request that waits; of several the newest.
func (p *proof) approvalStatus(ctx context.Context) (string, error) {
	token, err := p.ownToken(ctx)
	if err != nil {
		return "", err
	}
	requests, err := p.ownRequests(ctx, token)
	if err != nil {
		return "", err
	}
	if len(requests) == 0 {
		return "", fmt.Errorf("PIM does not show the request")
	}
	return slices.MaxFunc(requests, func(a, b graph.ScheduleRequest) int { return a.Created.Compare(b.Created) }).Status, nil
}

// ownToken is the newest plain token while it lives, else a new one.
func (p *proof) ownToken(ctx context.Context) (secret.Text, error) {
	if !p.latest.Access.Empty() && p.latest.AccessClaims.Expires.After(p.now().Add(time.Minute)) {
		return p.latest.Access, nil
	}
	token, err := p.mint(ctx)
	return token.Access, err
}

// ownRequests are the activations of this proof's role that carry its justification.
func (p *proof) ownRequests(ctx context.Context, token secret.Text) ([]graph.ScheduleRequest, error) {
	all, err := p.Reader.OwnAssignmentRequests(ctx, token)
	return slices.DeleteFunc(all, func(r graph.ScheduleRequest) bool {
		return r.RoleDefinitionID != p.request.Role.DefinitionID || r.Justification != p.request.Justification ||
			!strings.EqualFold(r.Action, graph.ActionSelfActivate)
	}), err
}

// madeActive reports whether a request with this status made the role active.
func madeActive(status string) bool { return status == "Provisioned" || status == "Granted" }
