package activation

import (
	"context"
	"fmt"
	"net/http"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// tryPlainTokens tries tokens that never asked for the context, while the role is not active (an
// active role answers RoleAssignmentExists and hides the answer). It is harmless: a token that is
// accepted makes the activation that we came to make, journalled and undone, and is the finding.
func (p *proof) tryPlainTokens(ctx context.Context, n int) error {
	if !p.seen.Setting.RequiresContext() {
		return nil // there is no context to be refused for; the activation itself decides
	}
	if err := p.sameContexts(ctx); err != nil {
		return err
	}
	if err := p.try(ctx, n, verdict.ReplayFirst, p.first); err != nil || p.over {
		return err
	}
	plain, err := p.mint(ctx)
	if err != nil {
		return err
	}
	if err := p.try(ctx, n, verdict.ReplayPlain, plain); err != nil || p.over {
		return err
	}
	if last := p.seen.Replays[len(p.seen.Replays)-1]; last.Answer != verdict.AnswerRevoked {
		return nil
	}
	// Continuous access evaluation revoked it because of a change of policy just before: that is
	// not PIM's refusal, so a token from after the change is tried, once.
	if plain, err = p.mint(ctx); err != nil {
		return err
	}
	return p.try(ctx, n, verdict.ReplayPlain, plain)
}

// sameContexts refuses to go on where the first token holds the context and one of now does not: nobody asked
// for it, so no policy protected the context when the session began, and one does now. What the first token
// can do says nothing of the tenant as it is.
func (p *proof) sameContexts(ctx context.Context) error {
	id := p.seen.Setting.ContextID
	if !p.first.AccessClaims.HasContext(id) {
		return nil
	}
	now, err := p.mint(ctx)
	if err != nil || now.AccessClaims.HasContext(id) {
		return err
	}
	return &NotReadyError{verdict.TenantNotReady, fmt.Sprintf(
		"the session began with a token that held the context %s unasked, and gets none that does now: a policy on the context took effect meanwhile; prove again once the change has settled", id)}
}

// try requests an activation with a token that should not be enough.
func (p *proof) try(ctx context.Context, n int, kind verdict.ReplayToken, token signin.Result) error {
	return p.tryBy(n, kind, token.AccessClaims, func() (graph.Answer, error) {
		return p.post(ctx, token, 0, p.request.ValidateReplays)
	})
}

// tryBy records a try of a token whose claims are these, and what was answered to it.
func (p *proof) tryBy(n int, kind verdict.ReplayToken, claims tokens.AccessClaims, send func() (graph.Answer, error)) error {
	replay := verdict.Replay{N: n, Token: kind, Mode: p.replayMode(), At: p.now(), Claims: &claims}
	if !claims.IssuedAt.IsZero() {
		replay.Age = replay.At.Sub(claims.IssuedAt)
	}
	answer, err := send()
	if err != nil {
		return fmt.Errorf("try the %s token: %w", kind, err)
	}
	if unheard(answer) {
		return fmt.Errorf("try the %s token: %w", kind, &refusedError{answer: answer}) // no answer to what was asked
	}
	replay.Status, replay.Code, replay.RequestID = answer.Status, answer.Code, answer.RequestID
	replay.Answer, replay.Context = sortAnswer(answer, p.seen.Setting.ContextID)
	p.seen.Replays = append(p.seen.Replays, replay)
	p.event("replay", "the %s token was %s (HTTP %d %s)", kind, replay.Answer, answer.Status, answer.Code)
	p.over = settles(kind, replay.Mode, replay.Answer)
	return nil
}

// unheard reports whether an answer is one to no question: Graph was too busy, failed, or did not take the
// token at all, which is another matter than to demand claims.
func unheard(answer graph.Answer) bool {
	_, code, _ := tokens.ParseAuthenticateHeader(answer.AuthenticateHeader)
	return answer.Status == http.StatusTooManyRequests || answer.Uncertain() || answer.Status == http.StatusUnauthorized && code != "insufficient_claims"
}

// sortAnswer says which of the answers to a replay this is, and which context a refusal named.
// Refused is exactly PIM's 400 that names the context of the role setting.
func sortAnswer(answer graph.Answer, contextID string) (verdict.ReplayAnswer, string) {
	if answer.Accepted() {
		return verdict.AnswerAccepted, ""
	}
	if answer.Status == http.StatusBadRequest && answer.Code == graph.CodeContextRequired {
		challenge, err := tokens.ParseChallenge(answer.Message)
		switch {
		case err != nil || len(challenge.Contexts) != 1:
			return verdict.AnswerNotObserved, ""
		case challenge.Contexts[0] != contextID:
			return verdict.AnswerNotObserved, challenge.Contexts[0]
		}
		return verdict.AnswerRefused, contextID
	}
	_, code, ok := tokens.ParseAuthenticateHeader(answer.AuthenticateHeader)
	if answer.Status == http.StatusUnauthorized && ok && code == "insufficient_claims" {
		return verdict.AnswerRevoked, ""
	}
	return verdict.AnswerNotObserved, ""
}

// post requests the activation with exactly this token. A real request is journalled first, and
// when it is accepted p.given says what has to be given back. n is the number of the activation, 0
// for the try of a token.
func (p *proof) post(ctx context.Context, token signin.Result, n int, validationOnly bool) (graph.Answer, error) {
	request := p.activationRequest()
	request.ValidationOnly = validationOnly
	send := func() (graph.Answer, error) { return p.Reader.Activate(ctx, token.Access, request) }
	if validationOnly {
		return send()
	}
	return p.journalled(ctx, n, send)
}

// journalled sends a real request after it was written to the journal.
func (p *proof) journalled(ctx context.Context, n int, send func() (graph.Answer, error)) (graph.Answer, error) {
	givenBack, err := p.note(ctx)
	if err != nil {
		return graph.Answer{}, err
	}
	answer, err := send()
	if err != nil {
		// Nobody knows whether it arrived: the journal keeps it, and giveBack will ask.
		p.given = &granted{at: p.now(), n: n, done: givenBack}
		return answer, err
	}
	switch {
	case answer.Uncertain(): // as above
		p.given = &granted{at: p.now(), n: n, done: givenBack}
	case answer.Accepted():
		p.given = &granted{at: p.now(), n: n, pending: outcomeOf(answer) == "pending", done: givenBack}
	default:
		p.noted = givenBack
	}
	return answer, nil
}

// note has the journal hold the activation that is asked for next. After a refusal it holds it already: the
// same role for the same admin, under the same justification, by which an undo finds whatever came of either.
func (p *proof) note(ctx context.Context) (givenBack func(context.Context) error, err error) {
	if p.noted != nil {
		givenBack, p.noted = p.noted, nil
		return givenBack, nil
	}
	if givenBack, err = p.Journal.Activating(ctx, p.AdminID, p.request.Role, p.request.Justification); err != nil {
		return nil, fmt.Errorf("write the activation to the journal: %w", err)
	}
	return givenBack, nil
}

// strike tells the journal that nothing is left of requests that were refused.
func (p *proof) strike(ctx context.Context) error {
	if p.noted == nil {
		return nil
	}
	nothing := p.noted
	p.noted = nil
	if err := nothing(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("tell the journal that the activation was refused: %w", err)
	}
	return nil
}

func (p *proof) activationRequest() graph.ActivationRequest {
	return graph.ActivationRequest{
		PrincipalID:      p.AdminID,
		RoleDefinitionID: p.request.Role.DefinitionID,
		DirectoryScopeID: p.request.Role.DirectoryScopeID,
		Justification:    p.request.Justification,
		Duration:         p.request.Duration,
		TicketNumber:     p.request.TicketNumber,
		TicketSystem:     p.request.TicketSystem,
	}
}
