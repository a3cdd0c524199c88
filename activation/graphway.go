package activation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// errLoop says that the same demand came again after it was met.
var errLoop = errors.New("the server asked for the context again after the context was given")

// errWithoutCP1 says that the token came back without the capability that PIM insists on.
var errWithoutCP1 = errors.New("the token does not declare cp1, and PIM honours no context from such a client")

// activate runs the nth activation in the way that was asked for.
func (p *proof) activate(ctx context.Context, n int) error {
	current := verdict.Activation{N: n, Requested: p.now()}
	if before := p.newestIDBefore(n); before != nil {
		current.AuthTimeBefore = before.AuthTime
	}
	if last := p.lastAuthentication(); !last.IsZero() {
		current.AuthAge = current.Requested.Sub(last)
	}
	p.seen.Activations = append(p.seen.Activations, current)
	if p.request.Way == verdict.WayPortal {
		return p.throughPortal(ctx)
	}
	return p.throughGraph(ctx)
}

// current is the activation under way.
func (p *proof) current() *verdict.Activation {
	return &p.seen.Activations[len(p.seen.Activations)-1]
}

// throughGraph activates with the own client: a plain token, the documented refusal, a step-up with
// the claims that the refusal names, and the same request with the token that came of it.
func (p *proof) throughGraph(ctx context.Context) error {
	token, err := p.mint(ctx)
	if err != nil {
		return err
	}
	for challenges := 0; ; challenges++ {
		answer, err := p.post(ctx, token, p.current().N, false)
		if err != nil {
			return fmt.Errorf("activate the role: %w", err)
		}
		challenge, demanded := challengeOf(answer)
		if !demanded {
			return p.answered(answer, token)
		}
		p.current().Demands++
		switch {
		case p.seen.Setting.PolicyID != "" && !p.seen.Setting.RequiresContext():
			return &NotReadyError{verdict.TenantNotReady, fmt.Sprintf(
				"PIM demands %v, and the role setting that was read names no context: the read was of an earlier state; prove again once the change has settled", challenge.Contexts)}
		case challenges > 0 && !token.AccessClaims.HasCP1():
			return errWithoutCP1
		case challenges == maxChallenges:
			return errLoop
		}
		if token, err = p.stepUp(ctx, challenge); err != nil {
			return err
		}
	}
}

// challengeOf reads PIM's demand for a context: HTTP 400, the claims in the message.
func challengeOf(answer graph.Answer) (tokens.Challenge, bool) {
	if answer.Status != http.StatusBadRequest || answer.Code != graph.CodeContextRequired {
		return tokens.Challenge{}, false
	}
	challenge, err := tokens.ParseChallenge(answer.Message)
	return challenge, err == nil
}

// stepUp meets a claims challenge with the own client and records the pass.
func (p *proof) stepUp(ctx context.Context, challenge tokens.Challenge) (signin.Result, error) {
	current := p.current()
	current.Challenge = &verdict.Challenge{At: p.now(), Source: "graph", Contexts: challenge.Contexts}
	p.event("challenge", "PIM demands %v (HTTP 400)", challenge.Contexts)
	seen, result, err := p.obtain(ctx, "step-up", p.claims(challenge.Contexts...))
	current.StepUp = seen
	if err != nil {
		return result, err
	}
	current.TokenAt, current.TokenHost = result.Received.UTC(), hostOf(p.Client.Authority)
	current.AuthTimeAfter = result.ID.AuthTime
	p.stepped = steppedUp{token: result, refresh: result}
	p.event("token", "a token with acrs %v came back", result.AccessClaims.ACRS)
	return result, nil
}

// answered records what the server said to the activation, and which token it said it to.
func (p *proof) answered(answer graph.Answer, token signin.Result) error {
	current := p.current()
	claims := token.AccessClaims
	current.At, current.Status, current.Code, current.RequestID = p.now(), answer.Status, answer.Code, answer.RequestID
	current.Token = &claims
	current.Outcome = outcomeOf(answer)
	p.event("activation", "the activation was answered HTTP %d %s", answer.Status, cmp.Or(answer.RequestStatus, answer.Code))
	if current.Outcome == "refused" {
		return &refusedError{answer: answer}
	}
	return nil
}

// outcomeOf says what became of an activation request.
func outcomeOf(answer graph.Answer) string {
	switch {
	case !answer.Accepted():
		return "refused"
	case answer.RequestStatus == "PendingApproval":
		return "pending"
	default:
		return "active"
	}
}
