package activation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// refusedError is a request that PIM refused for another reason than a missing context.
type refusedError struct {
	answer graph.Answer
	what   string // empty: the activation
}

func (e *refusedError) Error() string {
	return fmt.Sprintf("%s was refused: HTTP %d %s: %s (request-id %s)",
		cmp.Or(e.what, "the activation"), e.answer.Status, e.answer.Code, e.answer.Message, e.answer.RequestID)
}

// lateError is a step that was broken off because the time of the whole was over.
type lateError struct{ error }

// inTime is the error of a step, or, where its context ended by a deadline, that.
func inTime(ctx context.Context, err error) error {
	var deadline interface{ Timeout() bool }
	if cause := context.Cause(ctx); ctx.Err() != nil && errors.As(cause, &deadline) && deadline.Timeout() {
		return &lateError{cause}
	}
	return err
}

// fail records why the flow broke. It never overwrites an earlier failure.
func (p *proof) fail(ctx context.Context, step string, err error) {
	if p.seen.Failure != nil {
		return
	}
	failure := &verdict.Failure{Code: codeOf(err), Step: step, Text: sentenceOf(err, step) + adviceOn(err)}
	p.blameOutage(failure)
	p.blameClock(ctx, failure)
	failure.Screenshot = p.screenshot("failure", "where the flow broke: "+step, pictureOf(err))
	var blocked *entra.Blocked
	if errors.As(err, &blocked) {
		failure.Page = blocked.Page
	}
	p.seen.Failure = failure
	p.captured(err)
	p.event("failure", "%s: %s", failure.Code, failure.Text)
}

// captured keeps a page that was not recognised, without its secrets, so that it can be added to
// the table of pages.
func (p *proof) captured(err error) {
	var page *entra.PageNotRecognised
	if !errors.As(err, &page) || page.Captured == nil {
		return
	}
	if text, err := json.Marshal(page.Captured); err == nil {
		p.event("page-captured", "%s", text) // evidence.CapturedPages reads it
	}
}

// unreadyPages ask for what the account or the tenant has to do once before it can be proven: they
// say nothing about the policies on trial.
var unreadyPages = []string{entra.PageConsent, entra.PageProofUp, entra.PageChangePassword, entra.PageTermsOfUse}

// codeOf sorts what went wrong into the reasons of the decision table. What it does not know is
// UNKNOWN, which is inconclusive like all of them.
func codeOf(err error) verdict.Code {
	var (
		ready       *NotReadyError
		page        *entra.PageNotRecognised
		shown       *entra.NotSilent
		rejected    *entra.CredentialRejected
		blocked     *entra.Blocked
		network     *browser.NetworkError
		refused     *signin.Error
		notVerified *tokens.RefusedError
		answer      *refusedError
		graphError  *graph.Error
		jumped      *clockError
		broken      *browser.PageError
	)
	if code, ok := codeOfOutage(err); ok {
		return code
	}
	switch {
	case errors.As(err, &ready):
		return ready.Code
	case errors.As(err, &jumped):
		return verdict.ClockJumped
	case errors.Is(err, errLoop), errors.Is(err, entra.ErrBannerLoop):
		return verdict.ChallengeLoop
	case errors.Is(err, errWithoutCP1):
		return verdict.ClientWithoutCP1
	case errors.As(err, &rejected):
		return verdict.CredentialRejected
	case errors.As(err, &blocked) && blocked.Page == entra.PageThrottled:
		return verdict.Throttled
	case errors.As(err, &blocked) && slices.Contains(unreadyPages, blocked.Page):
		return verdict.TenantNotReady
	case errors.As(err, &blocked):
		return codeOfAADSTS(blocked.AADSTS, verdict.PolicyBlocksSignIn)
	case errors.As(err, &page), errors.As(err, &broken):
		return verdict.PageNotRecognised
	case errors.As(err, &shown):
		return verdict.SessionProbeRefused
	case errors.As(err, &network):
		return verdict.HostRefused
	case errors.As(err, &notVerified):
		return verdict.TokenNotVerified
	case errors.As(err, &refused):
		if refused.SessionDead() {
			return verdict.SessionNotAlive
		}
		return codeOfAADSTS(refused.AADSTS, verdict.SessionProbeRefused)
	case errors.As(err, &answer):
		return codeOfAnswer(answer.answer)
	case errors.As(err, &graphError) && graphError.Status == http.StatusTooManyRequests:
		return verdict.Throttled
	case errors.As(err, &graphError) && graphError.Status == http.StatusUnauthorized:
		return verdict.TokenRevoked
	}
	return verdict.Unknown
}

// codeOfOutage sorts what is the fault of no policy and no page: the browser, the network, a host that
// failed. It comes first, because what such a thing breaks off says less than the thing itself.
func codeOfOutage(err error) (verdict.Code, bool) {
	var (
		answer  *refusedError
		refused *signin.Error
		keys    *signin.KeysError
	)
	switch {
	case errors.As(err, new(*lateError)):
		return verdict.DeadlinePassed, true
	case errors.Is(err, browser.ErrEnded), errors.Is(err, browser.ErrCrashed), errors.Is(err, browser.ErrStuck):
		return verdict.BrowserFailed, true
	case errors.As(err, &answer) && answer.answer.Uncertain(), graph.IsUnavailable(err):
		return verdict.ServiceFailed, true
	case errors.As(err, &refused) && refused.Status == http.StatusTooManyRequests,
		errors.As(err, &keys) && keys.Status == http.StatusTooManyRequests:
		return verdict.Throttled, true
	case keys != nil:
		return verdict.ServiceFailed, true
	case errors.As(err, &refused) && refused.Status >= http.StatusInternalServerError:
		return verdict.ServiceFailed, true
	}
	return "", false
}

// codeOfAADSTS sorts a refusal by the sign-in host. The numbers are documented.
func codeOfAADSTS(number int, otherwise verdict.Code) verdict.Code {
	if registrationFaults[number] != "" {
		return verdict.TenantNotReady
	}
	switch number {
	case 70043, 70044: // a sign-in frequency on what was asked for silently, which no context covers
		return verdict.OtherPolicyPrompts
	case 53003:
		return verdict.PolicyBlocksSignIn
	case 50097, 53000, 53001, 530002, 530003:
		return verdict.DeviceRequired
	case 53004, 530032, 50053:
		return verdict.RiskRaised
	}
	return otherwise
}

func codeOfAnswer(answer graph.Answer) verdict.Code {
	switch {
	case answer.Code == graph.CodeAssignmentExists:
		return verdict.RoleAlreadyActive
	case answer.Status == http.StatusTooManyRequests:
		return verdict.Throttled
	case answer.Status == http.StatusUnauthorized:
		return verdict.TokenRevoked
	}
	return verdict.Unknown
}

// pictureOf is the screenshot that an error carries, nil when it carries none.
func pictureOf(err error) []byte {
	var (
		page     *entra.PageNotRecognised
		shown    *entra.NotSilent
		rejected *entra.CredentialRejected
		blocked  *entra.Blocked
		said     *entra.PortalError
		broken   *browser.PageError
	)
	switch {
	case errors.As(err, &page):
		return page.Screenshot
	case errors.As(err, &shown):
		return shown.Screenshot
	case errors.As(err, &rejected):
		return rejected.Screenshot
	case errors.As(err, &blocked):
		return blocked.Screenshot
	case errors.As(err, &said):
		return said.Screenshot
	case errors.As(err, &broken):
		return broken.Screenshot
	}
	return nil
}

func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Host
}
