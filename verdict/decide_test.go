package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// decision is a row: one change to a proof that is enforced otherwise.
type decision struct {
	name    string
	of      func() verdict.Observation // enforced when nil
	change  func(*verdict.Observation)
	outcome verdict.Outcome
	reason  verdict.Code
	beside  []verdict.Code // further reasons
	without []verdict.Code // reasons that must not be given
}

func (d decision) run(t *testing.T) {
	t.Helper()
	o := enforced()
	if d.of != nil {
		o = d.of()
	}
	if d.change != nil {
		d.change(&o)
	}
	v := verdict.Decide(o)
	if v.Outcome != d.outcome || v.Reasons[0].Code != d.reason {
		t.Errorf("came to %s, %s; want %s, %s\nreasons: %v", v.Outcome, v.Reasons[0].Code, d.outcome, d.reason, v.Reasons)
	}
	for _, code := range d.beside {
		if !hasReason(v.Reasons[1:], code) {
			t.Errorf("reasons %v lack %s", v.Reasons, code)
		}
	}
	for _, code := range d.without {
		if hasReason(v.Reasons, code) {
			t.Errorf("reasons %v hold %s", v.Reasons, code)
		}
	}
}

func hasReason(reasons []verdict.Reason, code verdict.Code) bool {
	for _, r := range reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

func first(o *verdict.Observation) *verdict.Activation { return &o.Activations[0] }

func accept(o *verdict.Observation, i int, mode string) {
	r := &o.Replays[i]
	r.Answer, r.Status, r.Code, r.Context, r.Mode = verdict.AnswerAccepted, 201, "", "", mode
}

func revoke(o *verdict.Observation, i int) {
	r := &o.Replays[i]
	r.Answer, r.Status, r.Code, r.Context = verdict.AnswerRevoked, 401, "InvalidAuthenticationToken", ""
}

func onlyValidate(o *verdict.Observation) {
	for i := range o.Replays {
		o.Replays[i].Mode = "validation"
	}
}

func broke(code verdict.Code) func(*verdict.Observation) {
	return func(o *verdict.Observation) {
		o.Failure = &verdict.Failure{Code: code, Step: "activate", Text: "it broke"}
		o.Activations = nil
	}
}

func TestDecisionTable(t *testing.T) {
	for _, d := range []decision{
		// Line 1.
		{
			name: "the first plain token was accepted", change: func(o *verdict.Observation) { accept(o, 0, "real") },
			outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted,
		},
		{
			name: "a fresh plain token was accepted", change: func(o *verdict.Observation) { accept(o, 1, "real") },
			outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted,
		},
		{name: "a plain token was accepted and then the flow broke", change: func(o *verdict.Observation) {
			accept(o, 1, "real")
			broke(verdict.PageNotRecognised)(o)
		}, outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted, beside: []verdict.Code{verdict.PageNotRecognised}},
		{name: "validation accepted one plain token and refused the other", change: func(o *verdict.Observation) {
			accept(o, 1, "validation")
			o.Replays[0].Mode = "validation"
		}, outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted},
		{name: "validation accepted every plain token, which shows nothing", change: func(o *verdict.Observation) {
			accept(o, 0, "validation")
			accept(o, 1, "validation")
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},

		// Line 2.
		{name: "the session was dead", change: func(o *verdict.Observation) {
			o.Probes[1] = verdict.Probe{Phase: "before", N: 2, At: at(11, 22), AADSTS: 50058, Dead: true}
		}, outcome: verdict.Inconclusive, reason: verdict.SessionNotAlive},
		{name: "another policy refused the silent look", change: func(o *verdict.Observation) {
			o.Probes[1] = verdict.Probe{Phase: "before", N: 2, At: at(11, 22), AADSTS: 53000, Text: "device"}
		}, outcome: verdict.Inconclusive, reason: verdict.SessionProbeRefused},
		{
			name: "the session was not primed", change: func(o *verdict.Observation) { o.Priming = verdict.Priming{} },
			outcome: verdict.Inconclusive, reason: verdict.SessionNotPrimed,
		},
		{
			name: "the priming failed", change: func(o *verdict.Observation) { o.Priming.Done, o.Priming.Text = false, "no passkey" },
			outcome: verdict.Inconclusive, reason: verdict.SessionNotPrimed,
		},
		{
			name: "the priming's token lacks the context", change: func(o *verdict.Observation) { o.Priming.Authentication.Token = accessClaims("c2") },
			outcome: verdict.Inconclusive, reason: verdict.SessionNotPrimed,
		},
		{
			name: "inside the window of Conditional Access", change: func(o *verdict.Observation) { first(o).AuthAge = 4 * time.Minute },
			outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow,
		},
		{
			name: "inside the window of PIM", change: func(o *verdict.Observation) { first(o).AuthAge = 9 * time.Minute },
			outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow,
		},
		{
			name: "one second short of the margin", change: func(o *verdict.Observation) { first(o).AuthAge = verdict.MinAge - time.Second },
			outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow,
		},
		{
			name: "exactly the margin", change: func(o *verdict.Observation) { first(o).AuthAge = verdict.MinAge },
			outcome: verdict.Enforced, reason: verdict.Reprompted,
		},
		{name: "the priming asked for a code eight minutes before", change: func(o *verdict.Observation) {
			o.Priming.Authentication.Pages = []verdict.PageVisit{credential("one-time code", "totp", at(3, 30))}
		}, outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow},
		{
			name: "inside the window and not asked", of: unasked, change: func(o *verdict.Observation) { first(o).AuthAge = 2 * time.Minute },
			outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow,
		},
		{name: "inside the window the second time, and not asked", of: twice, change: func(o *verdict.Observation) {
			second := &o.Activations[1]
			second.AuthAge = 4 * time.Minute
			second.StepUp.Pages, second.AuthTimeAfter = nil, steppedUp
			o.Probes[3].ID = idClaims(steppedUp)
		}, outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow},
		{name: "another role's step-up nine minutes before", of: unasked, change: func(o *verdict.Observation) {
			other := requested.Add(-9 * time.Minute)
			for i := range o.Probes {
				o.Probes[i].ID = idClaims(other)
			}
			first(o).AuthTimeBefore, first(o).AuthTimeAfter = other, other
		}, outcome: verdict.Inconclusive, reason: verdict.WithinReuseWindow},
		{
			name: "an hour old", change: func(o *verdict.Observation) { first(o).AuthAge = time.Hour },
			outcome: verdict.Inconclusive, reason: verdict.SessionTooOld,
		},
		{name: "the password is an hour old, the code is not", change: func(o *verdict.Observation) {
			o.SignIn.Pages[1].SentAt = requested.Add(-time.Hour)
		}, outcome: verdict.Inconclusive, reason: verdict.SessionTooOld},
		{name: "an hour old only when the challenge came", change: func(o *verdict.Observation) {
			o.SignIn.Pages[1].SentAt = requested.Add(-time.Hour + time.Second)
		}, outcome: verdict.Inconclusive, reason: verdict.SessionTooOld},
		{
			name: "the client forced the prompt", change: func(o *verdict.Observation) { first(o).StepUp.Authorize.Forced = []string{"prompt"} },
			outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt,
		},
		{
			name: "the client demanded a young session", change: func(o *verdict.Observation) { first(o).StepUp.Authorize.Forced = []string{"max_age"} },
			outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt,
		},
		{
			name: "the client demanded a method", change: func(o *verdict.Observation) { first(o).StepUp.Authorize.Forced = []string{"amr_values"} },
			outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt,
		},
		{
			name: "the client forced the second prompt", of: twice, change: func(o *verdict.Observation) { o.Activations[1].StepUp.Authorize.Forced = []string{"prompt"} },
			outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt,
		},
		{name: "the client asked for another context too", change: func(o *verdict.Observation) {
			first(o).StepUp.Authorize.Contexts = []string{"c1", "c2"}
		}, outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt},
		{name: "the role was active already", change: func(o *verdict.Observation) {
			o.Active = []verdict.ActiveAssignment{{ID: "assignment-1", Type: "Assigned"}}
		}, outcome: verdict.Inconclusive, reason: verdict.RoleAlreadyActive},
		{
			name: "the admin is not eligible", change: func(o *verdict.Observation) { o.Eligible = false },
			outcome: verdict.Inconclusive, reason: verdict.RoleNotEligible,
		},
		{
			name: "the ID token did not verify", change: func(o *verdict.Observation) { o.SignIn.ID = nil },
			outcome: verdict.Inconclusive, reason: verdict.TokenNotVerified,
		},
		{
			name: "the ID token is another user's", change: func(o *verdict.Observation) { o.SignIn.ID.ObjectID = "someone-else" },
			outcome: verdict.Inconclusive, reason: verdict.TokenNotVerified,
		},
		{
			name: "the fresh plain token was revoked", change: func(o *verdict.Observation) { revoke(o, 1) },
			outcome: verdict.Inconclusive, reason: verdict.TokenRevoked,
		},
		{
			name: "the first plain token was revoked, a fresh one refused by PIM", change: func(o *verdict.Observation) { revoke(o, 0) },
			outcome: verdict.Enforced, reason: verdict.Reprompted,
		},
		{name: "every plain token was revoked", change: func(o *verdict.Observation) {
			revoke(o, 0)
			revoke(o, 1)
		}, outcome: verdict.Inconclusive, reason: verdict.TokenRevoked},
		{name: "a plain token was revoked under PIM's own code", change: func(o *verdict.Observation) {
			o.Replays[1].Status = 401
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{name: "PIM refused the plain tokens for another context", change: func(o *verdict.Observation) {
			o.Replays[0].Context, o.Replays[1].Context = "c2", "c2"
		}, outcome: verdict.Inconclusive, reason: verdict.OtherContextWanted},
		{name: "PIM refused the plain tokens for no context that was named", change: func(o *verdict.Observation) {
			o.Replays[0].Context, o.Replays[1].Context = "", ""
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{
			name: "the activating token is another user's", change: func(o *verdict.Observation) { first(o).Token.ObjectID = "someone-else" },
			outcome: verdict.Inconclusive, reason: verdict.TokenOfOtherUser,
		},
		{
			name: "the silent look after saw another user", change: func(o *verdict.Observation) { o.Probes[2].ID.ObjectID = "someone-else" },
			outcome: verdict.Inconclusive, reason: verdict.TokenOfOtherUser,
		},
		{name: "the own step-up returned another user's token", of: throughGraph, change: func(o *verdict.Observation) {
			first(o).StepUp.ID.TenantID = "another-tenant"
		}, outcome: verdict.Inconclusive, reason: verdict.TokenOfOtherUser},
		{
			name: "the session after is another one", change: func(o *verdict.Observation) { o.Probes[2].ID.SessionID = "session-2" },
			outcome: verdict.Inconclusive, reason: verdict.TokenOfOtherSession,
		},
		{
			name: "the session after has no id", change: func(o *verdict.Observation) { o.Probes[2].ID.SessionID = "" },
			outcome: verdict.Inconclusive, reason: verdict.TokenOfOtherSession,
		},
		{name: "Graph demanded another context, for ever", of: throughGraph, change: func(o *verdict.Observation) {
			first(o).Challenge.Contexts, first(o).StepUp.Authorize.Contexts = []string{"c2"}, []string{"c2"}
			o.Failure = &verdict.Failure{Code: verdict.ChallengeLoop, Step: "activate", Text: "it asked again"}
		}, outcome: verdict.Inconclusive, reason: verdict.ChallengeLoop, without: []verdict.Code{verdict.ClientForcedPrompt}},
		{name: "the client asked for more than Graph demanded", of: throughGraph, change: func(o *verdict.Observation) {
			first(o).StepUp.Authorize.Contexts = []string{"c1", "c2"}
		}, outcome: verdict.Inconclusive, reason: verdict.ClientForcedPrompt},
		{name: "the context is gone, the demand for it stays, and nobody gets in", change: func(o *verdict.Observation) {
			o.Configuration.Contexts = nil
			broke(verdict.ChallengeLoop)(o)
		}, outcome: verdict.Inconclusive, reason: verdict.ChallengeLoop},
		{name: "a plain token was taken the second time", of: twice, change: func(o *verdict.Observation) {
			accept(o, 3, "real")
			o.Activations = o.Activations[:1]
		}, outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted},
		{name: "the context came unasked and the plain token was taken", change: func(o *verdict.Observation) {
			o.Replays[0].Claims = accessClaims("c1")
			accept(o, 0, "real")
		}, outcome: verdict.NotEnforced, reason: verdict.PlainTokenAccepted},
		{name: "the client never said cp1 and was challenged again and again", change: broke(verdict.ClientWithoutCP1), outcome: verdict.Inconclusive, reason: verdict.ClientWithoutCP1},
		{
			name: "the client does not answer challenges", change: func(o *verdict.Observation) { o.Replays[1].Claims.XMSCC = nil },
			outcome: verdict.Inconclusive, reason: verdict.ClientWithoutCP1,
		},
		{name: "a page was not recognised", change: broke(verdict.PageNotRecognised), outcome: verdict.Inconclusive, reason: verdict.PageNotRecognised},
		{name: "a credential was rejected", change: broke(verdict.CredentialRejected), outcome: verdict.Inconclusive, reason: verdict.CredentialRejected},
		{name: "the challenge came again and again", change: broke(verdict.ChallengeLoop), outcome: verdict.Inconclusive, reason: verdict.ChallengeLoop},
		{name: "another policy prompts", change: broke(verdict.OtherPolicyPrompts), outcome: verdict.Inconclusive, reason: verdict.OtherPolicyPrompts},
		{name: "a device is required", change: broke(verdict.DeviceRequired), outcome: verdict.Inconclusive, reason: verdict.DeviceRequired},
		{name: "risk was raised", change: broke(verdict.RiskRaised), outcome: verdict.Inconclusive, reason: verdict.RiskRaised},
		{name: "a policy blocks", change: broke(verdict.PolicyBlocksSignIn), outcome: verdict.Inconclusive, reason: verdict.PolicyBlocksSignIn},
		{name: "a host was refused", change: broke(verdict.HostRefused), outcome: verdict.Inconclusive, reason: verdict.HostRefused},
		{name: "throttled", change: broke(verdict.Throttled), outcome: verdict.Inconclusive, reason: verdict.Throttled},
		{name: "the tenant was not ready", change: broke(verdict.TenantNotReady), outcome: verdict.Inconclusive, reason: verdict.TenantNotReady},
		{name: "somebody else used the admin", change: broke(verdict.AdminInUse), outcome: verdict.Inconclusive, reason: verdict.AdminInUse},
		{name: "the flow broke with a code that is a verdict", change: broke(verdict.Reprompted), outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{name: "the flow broke after a role without context became active", change: func(o *verdict.Observation) {
			o.Setting.ContextEnabled = false
			broke(verdict.PageNotRecognised)(o)
		}, outcome: verdict.Inconclusive, reason: verdict.PageNotRecognised, beside: []verdict.Code{verdict.ContextNotRequired}},
		{
			name: "auth_time moved between two looks", change: func(o *verdict.Observation) { o.Probes[1].ID = idClaims(signedIn.Add(time.Second)) },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{
			name: "nothing was observed", of: func() verdict.Observation { return verdict.Observation{} },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},

		// Line 3.
		{name: "activated without a prompt", of: unasked, outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt},
		{
			name: "pending approval without a prompt", of: unasked, change: func(o *verdict.Observation) { first(o).Outcome = "pending" },
			outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt,
		},
		{name: "a password page went on by itself", of: unasked, change: func(o *verdict.Observation) {
			page := credential("password", "password", at(11, 35))
			page.StoodStill, page.Sent, page.SentAt = false, false, time.Time{}
			first(o).StepUp.Pages = []verdict.PageVisit{page}
		}, outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt},
		{name: "the context came unasked and nobody was asked", of: unasked, change: func(o *verdict.Observation) {
			o.Priming.Authentication.Pages = nil
			first(o).Challenge, first(o).StepUp.Authorize = nil, verdict.AuthorizeRequest{}
		}, outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt},
		{name: "only an account picker was shown", of: unasked, change: func(o *verdict.Observation) {
			first(o).StepUp.Pages = []verdict.PageVisit{{At: at(11, 34), Page: "account picker", StoodStill: true, Host: signHost}}
		}, outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt},
		{name: "not asked the second time", of: twice, change: func(o *verdict.Observation) {
			second := &o.Activations[1]
			second.StepUp.Pages, second.AuthTimeAfter = nil, steppedUp
			o.Probes[3].ID = idClaims(steppedUp)
		}, outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt},
		{name: "the role setting names no context", change: func(o *verdict.Observation) {
			o.Setting.ContextEnabled, o.Setting.ContextID, o.Setting.MFARequired = false, "", true
			o.Priming, o.Replays = verdict.Priming{}, []verdict.Replay{}
		}, outcome: verdict.NotEnforced, reason: verdict.ContextNotRequired},
		{
			name: "the role setting's context is switched off", change: func(o *verdict.Observation) { o.Setting.ContextEnabled = false },
			outcome: verdict.NotEnforced, reason: verdict.ContextNotRequired,
		},

		// Line 4.
		{name: "prompted, but the session stayed old", change: func(o *verdict.Observation) {
			first(o).AuthTimeAfter = signedIn
			o.Probes[2].ID = idClaims(signedIn)
		}, outcome: verdict.Inconclusive, reason: verdict.PromptWithoutFreshToken},
		{name: "a password page went on by itself and the session was fresh", change: func(o *verdict.Observation) {
			page := credential("password", "password", at(11, 35))
			page.StoodStill, page.Sent, page.SentAt = false, false, time.Time{}
			first(o).StepUp.Pages = []verdict.PageVisit{page}
		}, outcome: verdict.Inconclusive, reason: verdict.FreshTokenWithoutPrompt},
		{name: "a password page sent the password by itself", change: func(o *verdict.Observation) {
			first(o).StepUp.Pages = first(o).StepUp.Pages[:1]
			first(o).StepUp.Pages[0].StoodStill = false
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{
			name: "a fresh session that nobody was asked for", change: func(o *verdict.Observation) { first(o).StepUp.Pages = nil },
			outcome: verdict.Inconclusive, reason: verdict.FreshTokenWithoutPrompt,
		},

		// Line 5.
		{name: "one factor where two are required", change: func(o *verdict.Observation) {
			o.Require = verdict.RequireMFA
			first(o).StepUp.Pages = first(o).StepUp.Pages[:1]
		}, outcome: verdict.NotEnforced, reason: verdict.StepUpSingleFactor},
		{name: "two factors where a phishing-resistant one is required", change: func(o *verdict.Observation) {
			o.Require = verdict.RequirePhishingResistant
		}, outcome: verdict.NotEnforced, reason: verdict.StepUpMethodTooWeak},

		// Line 6.
		{name: "plain tokens were only validated", change: onlyValidate, outcome: verdict.Inconclusive, reason: verdict.PlainTokensOnlyValidated},
		{name: "plain tokens were only validated the second time", of: twice, change: func(o *verdict.Observation) {
			o.Replays[2].Mode, o.Replays[3].Mode = "validation", "validation"
		}, outcome: verdict.Inconclusive, reason: verdict.PlainTokensOnlyValidated},
		{
			name: "plain tokens were only validated, and nobody was asked", of: unasked, change: onlyValidate,
			outcome: verdict.NotEnforced, reason: verdict.ActivatedWithoutPrompt, beside: []verdict.Code{verdict.PlainTokensOnlyValidated},
		},
		{
			name: "one plain token was tried for real", change: func(o *verdict.Observation) { o.Replays[0].Mode = "validation" },
			outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.PlainTokensOnlyValidated},
		},

		// Line 7.
		{name: "through the portal", outcome: verdict.Enforced, reason: verdict.Reprompted},
		{name: "through Graph", of: throughGraph, outcome: verdict.Enforced, reason: verdict.Reprompted},
		{name: "twice", of: twice, outcome: verdict.Enforced, reason: verdict.Reprompted},
		{
			name: "pending approval after a prompt", change: func(o *verdict.Observation) { first(o).Outcome = "pending" },
			outcome: verdict.Enforced, reason: verdict.Reprompted,
		},
		{
			name: "two factors where two are required", change: func(o *verdict.Observation) { o.Require = verdict.RequireMFA },
			outcome: verdict.Enforced, reason: verdict.Reprompted,
		},
		{name: "a passkey where a phishing-resistant method is required", change: func(o *verdict.Observation) {
			o.Require = verdict.RequirePhishingResistant
			first(o).StepUp.Pages = []verdict.PageVisit{credential("passkey", "passkey", at(11, 35))}
			first(o).Token.AMR = []string{"fido", "mfa"}
		}, outcome: verdict.Enforced, reason: verdict.Reprompted},
		{name: "one factor is said beside the verdict", change: func(o *verdict.Observation) {
			first(o).StepUp.Pages = first(o).StepUp.Pages[:1]
		}, outcome: verdict.Enforced, reason: verdict.Reprompted, beside: []verdict.Code{verdict.StepUpSingleFactor}},
		{
			name: "a stepped-up token was taken again", change: func(o *verdict.Observation) {
				o.Replays = append(o.Replays,
					verdict.Replay{N: 2, Token: verdict.ReplaySteppedUp, Mode: "real", Answer: verdict.AnswerAccepted, Age: 12 * time.Minute},
					verdict.Replay{N: 2, Token: verdict.ReplayRefresh, Mode: "real", Answer: verdict.AnswerAccepted, Age: 12 * time.Minute})
			}, outcome: verdict.Enforced, reason: verdict.Reprompted,
			beside: []verdict.Code{verdict.SteppedUpTokenReusable, verdict.SteppedUpRefreshTokenReusable},
		},
		{
			name: "what was stepped up is refused later", change: func(o *verdict.Observation) {
				o.Replays = append(o.Replays, refused(2, verdict.ReplaySteppedUp, at(23, 10)), refused(2, verdict.ReplayRefresh, at(23, 12)))
			}, outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.SteppedUpTokenReusable, verdict.SteppedUpRefreshTokenReusable},
		},
		{
			name: "plain tokens were only validated, and Graph refused one for real", of: throughGraph, change: onlyValidate,
			outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.PlainTokensOnlyValidated},
		},
		{
			name: "plain tokens were tried for real", change: func(*verdict.Observation) {},
			outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.PlainTokensOnlyValidated},
		},
		{
			name: "a stepped-up token passed a validation that refused nothing", change: func(o *verdict.Observation) {
				o.Replays = append(o.Replays, verdict.Replay{N: 2, Token: verdict.ReplaySteppedUp, Mode: "validation", Answer: verdict.AnswerAccepted})
			}, outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.SteppedUpTokenReusable},
		},
		{
			name: "a stepped-up token was revoked in the meantime", change: func(o *verdict.Observation) {
				o.Replays = append(o.Replays, verdict.Replay{N: 2, Token: verdict.ReplaySteppedUp, Mode: "real", Answer: verdict.AnswerRevoked, Status: 401})
			}, outcome: verdict.Enforced, reason: verdict.Reprompted, without: []verdict.Code{verdict.SteppedUpTokenReusable, verdict.TokenRevoked},
		},
		{
			name: "the activation ran out before it was given back", change: func(o *verdict.Observation) { first(o).Deactivated = false },
			outcome: verdict.Enforced, reason: verdict.Reprompted,
		},
		{name: "auth_time is the password's, a minute before the challenge", change: func(o *verdict.Observation) {
			first(o).AuthTimeAfter = challenged.Add(-verdict.Tolerance)
			o.Probes[2].ID = idClaims(challenged.Add(-verdict.Tolerance))
		}, outcome: verdict.Enforced, reason: verdict.Reprompted},

		// Line 8.
		{name: "auth_time lies in the future", change: func(o *verdict.Observation) {
			future := activated.Add(verdict.Tolerance + time.Second)
			first(o).AuthTimeAfter = future
			o.Probes[2].ID = idClaims(future)
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{name: "auth_time moved backwards", change: func(o *verdict.Observation) {
			first(o).AuthTimeAfter = signedIn.Add(-time.Hour)
			o.Probes[2].ID = idClaims(signedIn.Add(-time.Hour))
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{name: "auth_time moved, but to long before the challenge", change: func(o *verdict.Observation) {
			moved := challenged.Add(-verdict.Tolerance - time.Second)
			first(o).AuthTimeAfter = moved
			o.Probes[2].ID = idClaims(moved)
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{
			name: "the token came before the credential was sent", change: func(o *verdict.Observation) { first(o).TokenAt = at(11, 35) },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{name: "the credential was asked for before the challenge", change: func(o *verdict.Observation) {
			first(o).Challenge.At = at(11, 40)
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{
			name: "the activating token lacks the context", change: func(o *verdict.Observation) { first(o).Token = accessClaims("c2") },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{
			name: "the context came unasked in the plain token", change: func(o *verdict.Observation) { o.Replays[1].Claims = accessClaims("c1") },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{
			name: "the challenge named another context", change: func(o *verdict.Observation) { first(o).Challenge.Contexts = []string{"c2"} },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{
			name: "prompted, then refused", change: func(o *verdict.Observation) { first(o).Outcome, first(o).Status = "refused", 400 },
			outcome: verdict.Inconclusive, reason: verdict.Unknown,
		},
		{name: "the token that carried the activation cannot be read", change: func(o *verdict.Observation) {
			first(o).Token, first(o).TokenProblem = nil, "acrs is a string, want an array of strings"
		}, outcome: verdict.Inconclusive, reason: verdict.TokenMalformed},
		{name: "the way's own ID token and the silent look differ", of: throughGraph, change: func(o *verdict.Observation) {
			first(o).StepUp.ID = idClaims(steppedUp.Add(time.Second))
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
		{name: "the screen saw two factors, amr denies them", change: func(o *verdict.Observation) {
			o.Require = verdict.RequireMFA
			first(o).Token.AMR = []string{"pwd"}
		}, outcome: verdict.Inconclusive, reason: verdict.Unknown},
	} {
		t.Run(d.name, d.run)
	}
}

func TestWitnessesEachForThemselves(t *testing.T) {
	for name, row := range map[string]struct {
		of   verdict.Observation
		want verdict.Witnesses
	}{
		"enforced": {enforced(), verdict.Witnesses{Screen: "prompted", Token: "fresh", Log: "not-observed"}},
		"unasked":  {unasked(), verdict.Witnesses{Screen: "not-prompted", Token: "stale", Log: "not-observed"}},
		"nothing":  {verdict.Observation{}, verdict.Witnesses{Screen: "not-observed", Token: "not-observed", Log: "not-observed"}},
	} {
		if diff := cmp.Diff(row.want, verdict.Decide(row.of).Witnesses); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The reason must name what is missing, not blame what was there.
func TestAnActivationWithoutAnswerIsSaidToBeOne(t *testing.T) {
	o := enforced()
	a := first(&o)
	a.Outcome, a.Status, a.At, a.Token, a.Challenge = "", 0, time.Time{}, nil, nil
	v := verdict.Decide(o)
	for _, c := range v.Controls {
		if !c.Held {
			t.Errorf("the control %s fell: %s", c.Name, c.Text)
		}
	}
	if !strings.Contains(v.Reasons[0].Text, "activation 1 was not answered") {
		t.Errorf("reason %s", v.Reasons[0].Text)
	}
}

func TestEveryControlHeldHasANameAndASentence(t *testing.T) {
	v := verdict.Decide(enforced())
	if len(v.Controls) < 12 {
		t.Fatalf("%d controls were judged", len(v.Controls))
	}
	for _, c := range v.Controls {
		if !c.Held || c.Name == "" || c.Text == "" {
			t.Errorf("control %+v", c)
		}
	}
}
