package activation

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

func TestEveryBreakOfAFlowHasItsReason(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want verdict.Code
	}{
		"not eligible":                   {&NotReadyError{Code: verdict.RoleNotEligible}, verdict.RoleNotEligible},
		"asked again after it was given": {errLoop, verdict.ChallengeLoop},
		"client without cp1":             {errWithoutCP1, verdict.ClientWithoutCP1},
		"wrong password":                 {&entra.CredentialRejected{Factor: "password"}, verdict.CredentialRejected},
		"blocked by policy":              {&entra.Blocked{AADSTS: 53003}, verdict.PolicyBlocksSignIn},
		"device demanded":                {&entra.Blocked{AADSTS: 53000}, verdict.DeviceRequired},
		"risk":                           {&entra.Blocked{AADSTS: 530032}, verdict.RiskRaised},
		"another policy's frequency":     {&signin.Error{AADSTS: 70044}, verdict.OtherPolicyPrompts},
		"the same for a refresh":         {&signin.Error{AADSTS: 70043}, verdict.OtherPolicyPrompts},
		"redirect not registered":        {&entra.Blocked{AADSTS: 50011}, verdict.TenantNotReady},
		"no such client":                 {&entra.Blocked{AADSTS: 700016}, verdict.TenantNotReady},
		"client is no public one":        {&signin.Error{AADSTS: 7000218}, verdict.TenantNotReady},
		"consent refused silently":       {&signin.Error{AADSTS: 65001}, verdict.TenantNotReady},
		"page of consent":                {&entra.Blocked{Page: entra.PageConsent}, verdict.TenantNotReady},
		"security info to register":      {&entra.Blocked{Page: entra.PageProofUp}, verdict.TenantNotReady},
		"expired password":               {&entra.Blocked{Page: entra.PageChangePassword, AADSTS: 50055}, verdict.TenantNotReady},
		"terms of use":                   {&entra.Blocked{Page: entra.PageTermsOfUse}, verdict.TenantNotReady},
		"sign-in host throttles":         {&entra.Blocked{Page: entra.PageThrottled}, verdict.Throttled},
		"unknown page":                   {&entra.PageNotRecognised{}, verdict.PageNotRecognised},
		"a page where none may be":       {&entra.NotSilent{}, verdict.SessionProbeRefused},
		"host refused":                   {&browser.NetworkError{Host: "example.org"}, verdict.HostRefused},
		"no session":                     {&signin.Error{AADSTS: 50058}, verdict.SessionNotAlive},
		"policy refuses silence":         {&signin.Error{AADSTS: 50076}, verdict.SessionProbeRefused},
		"token not to be believed":       {&tokens.RefusedError{Field: "aud"}, verdict.TokenNotVerified},
		"active already":                 {&refusedError{answer: graph.Answer{Status: 400, Code: graph.CodeAssignmentExists}}, verdict.RoleAlreadyActive},
		"activation throttled":           {&refusedError{answer: graph.Answer{Status: 429}}, verdict.Throttled},
		"activating token revoked":       {&refusedError{answer: graph.Answer{Status: 401}}, verdict.TokenRevoked},
		"activation refused otherwise":   {&refusedError{answer: graph.Answer{Status: 400, Code: "SubjectNotFound"}}, verdict.Unknown},
		"reading throttled":              {&graph.Error{Status: 429}, verdict.Throttled},
		"browser that ended":             {browser.ErrEnded, verdict.BrowserFailed},
		"page that crashed":              {browser.ErrCrashed, verdict.BrowserFailed},
		"browser that is stuck":          {browser.ErrStuck, verdict.BrowserFailed},
		"Graph fails":                    {&graph.Error{Status: 503}, verdict.ServiceFailed},
		"Graph does not answer":          {&url.Error{Op: "Get", Err: errors.New("reset")}, verdict.ServiceFailed},
		"Graph does not take the token":  {&graph.Error{Status: 401}, verdict.TokenRevoked},
		"activation not answered":        {&refusedError{answer: graph.Answer{Status: 504}}, verdict.ServiceFailed},
		"token endpoint fails":           {&signin.Error{Status: 502, AADSTS: 90033}, verdict.ServiceFailed},
		"no signing keys to be had":      {&signin.KeysError{Status: 401}, verdict.ServiceFailed},
		"signing keys throttled":         {&signin.KeysError{Status: 429}, verdict.Throttled},
		"token endpoint throttles":       {&signin.Error{Status: 429}, verdict.Throttled},
		"clock that jumped":              {&clockError{time.Hour}, verdict.ClockJumped},
		"out of time":                    {&lateError{errors.New("over")}, verdict.DeadlinePassed},
		"anything else":                  {errors.New("out of cheese"), verdict.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			if got := codeOf(fmt.Errorf("step: %w", row.err)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// A failure must never speak a verdict of its own: whatever breaks, the outcome is inconclusive.
func TestABrokenFlowIsInconclusive(t *testing.T) {
	for _, err := range []error{errLoop, &entra.Blocked{AADSTS: 53003}, errors.New("out of cheese")} {
		seen := verdict.Observation{Failure: &verdict.Failure{Code: codeOf(err), Text: err.Error()}}
		if got := verdict.Decide(seen).Outcome; got != verdict.Inconclusive {
			t.Errorf("%v came to %s", err, got)
		}
	}
}

// Where the sign-in host stopped is kept, so that what demanded it can be named.
func TestThePageOfAFailureIsKept(t *testing.T) {
	p := proof{Deps: Deps{Clock: &jumpingClock{now: minute(1)}, Recorder: silentRecorder{}}}
	p.fail(t.Context(), "prime the session", fmt.Errorf("priming: %w", &entra.Blocked{Page: entra.PageProofUp, AADSTS: 50072}))
	if f := p.seen.Failure; f.Page != "register-security-info" || f.Code != verdict.TenantNotReady {
		t.Errorf("failure %+v", f)
	}
}
