package verdict

import (
	"cmp"
	"fmt"
	"slices"
)

// HTTP's codes, without net/http: whoever decides again, offline, needs no client.
const (
	statusBadRequest   = 400
	statusUnauthorized = 401
)

// acrsRefused is PIM's refusal of a token without the context. Observed, not documented.
const acrsRefused = "RoleAssignmentRequestAcrsValidationFailed"

// plain reports whether the token that was tried is one that never asked for the context.
func (r Replay) plain() bool { return r.Token == ReplayFirst || r.Token == ReplayPlain }

// refusedFor reports whether PIM itself refused the token, for want of exactly this context.
func (r Replay) refusedFor(context string) bool {
	return r.Answer == AnswerRefused && r.Status == statusBadRequest && r.Code == acrsRefused &&
		r.Context == context && !r.At.IsZero()
}

// wantsOther reports whether PIM refused the token for want of another context.
func (r Replay) wantsOther(context string) bool {
	return r.Status == statusBadRequest && r.Code == acrsRefused && r.Context != "" && r.Context != context
}

// revoked reports whether Graph's continuous access evaluation refused the token before PIM saw it.
func (r Replay) revoked() bool {
	return r.Answer == AnswerRevoked && r.Status == statusUnauthorized
}

// AcceptedPlain finds a plain token that was taken. A validation-only request that accepts
// counts only when one refused in this run: nobody has shown that those look at the context.
func (o Observation) AcceptedPlain() (Replay, bool) {
	for _, r := range o.Replays {
		if r.plain() && o.accepted(r) {
			return r, true
		}
	}
	return Replay{}, false
}

// accepted reports whether a token was really taken.
func (o Observation) accepted(r Replay) bool {
	validationLooks := slices.ContainsFunc(o.Replays, func(r Replay) bool {
		return r.Mode == "validation" && r.plain() && r.Answer == AnswerRefused
	})
	return r.Answer == AnswerAccepted && (r.Mode != "validation" || validationLooks)
}

// tried are the tries of one token before the n-th activation.
func (o Observation) tried(n int, token ReplayToken) []Replay {
	var tries []Replay
	for _, r := range o.Replays {
		if r.N == n && r.Token == token {
			tries = append(tries, r)
		}
	}
	return tries
}

func firstTokenRefused(o Observation) finding {
	return o.neverAccepted(ReplayFirst, "the first plain token of the session")
}

func freshTokenRefused(o Observation) finding {
	return o.neverAccepted(ReplayPlain, "a plain token minted for the try")
}

// neverAccepted judges the tries of one token before every activation and returns the first that
// does not hold, else the last. An acceptance is the finding of the table's first line; here it only
// does not hold.
func (o Observation) neverAccepted(token ReplayToken, what string) finding {
	for _, r := range o.Replays {
		if r.Token == token && o.accepted(r) {
			return unobserved("%s was accepted", what)
		}
	}
	if len(o.Activations) == 0 && len(o.tried(1, token)) > 0 { // it broke or was settled before the activation
		return o.refused(Activation{N: 1}, token, what)
	}
	f := unreached("no activation was tried")
	for _, a := range o.Activations {
		if f = o.refused(a, token, what); !f.Held {
			return f
		}
	}
	return f
}

// refused judges the tries of one token before one activation. A first token that Graph had
// revoked by then is stood in for by one minted anew, as long as PIM itself refused that.
func (o Observation) refused(a Activation, token ReplayToken, what string) finding {
	tries := o.tried(a.N, token)
	byPIM := func(r Replay) bool { return r.refusedFor(o.Setting.ContextID) }
	stoodIn := token == ReplayFirst && slices.ContainsFunc(o.tried(a.N, ReplayPlain), byPIM)
	switch {
	case slices.ContainsFunc(tries, byPIM):
		return held("%s was refused, for want of the context %s", what, o.Setting.ContextID)
	case slices.ContainsFunc(tries, func(r Replay) bool { return r.wantsOther(o.Setting.ContextID) }):
		return failed(OtherContextWanted, "%s was refused for want of another context than the role setting names (%s): the setting may not be obeyed yet; prove again some minutes after it was changed", what, o.Setting.ContextID)
	case slices.ContainsFunc(tries, Replay.revoked) && stoodIn:
		return held("%s had been revoked by continuous access evaluation; one minted anew was refused for want of the context %s", what, o.Setting.ContextID)
	case slices.ContainsFunc(tries, Replay.revoked):
		return failed(TokenRevoked, "%s had been revoked by continuous access evaluation before PIM looked at it", what)
	case len(tries) == 0:
		return unreached("%s: PIM's refusal was not observed; it was not tried", what)
	default:
		return unobserved("%s: PIM's refusal was not observed%s", what, lastAnswer(tries))
	}
}

func lastAnswer(tries []Replay) string {
	last := tries[len(tries)-1]
	return fmt.Sprintf("; the answer was %d %s", last.Status, cmp.Or(last.Code, "without a code"))
}

// clientAnswersChallenges looks at the plain tokens that PIM refused: a refusal of a client
// that does not declare cp1 says nothing about the context. Observed: PIM answers such a
// client the same challenge even for a token that holds the context.
func (o Observation) clientAnswersChallenges() finding {
	looked := 0
	for _, r := range o.Replays {
		if !r.plain() || r.Answer != AnswerRefused {
			continue
		}
		switch {
		case r.Claims == nil || !o.belongs(r.Claims.ObjectID, r.Claims.TenantID):
			return unobserved("the claims of a refused plain token were not read, or are not the admin's")
		case r.Claims.HasContext(o.Setting.ContextID):
			return failed(Unknown, "a plain token that holds the context unasked was refused all the same")
		case !r.Claims.HasCP1():
			return failed(ClientWithoutCP1, "the plain token lacks the capability cp1: PIM refuses such a client whatever its token holds")
		}
		looked++
	}
	if looked == 0 {
		return unreached("no plain token was refused, so none could be looked at")
	}
	return held("the plain tokens declare cp1 and lack the context %s: that alone is what PIM refused", o.Setting.ContextID)
}

// reusable are remarks about tokens that were stepped up and taken again later.
func (o Observation) reusable() []Reason {
	var reasons []Reason
	for _, r := range o.Replays {
		if !o.accepted(r) || r.plain() {
			continue
		}
		code, what := SteppedUpTokenReusable, "the stepped-up token"
		if r.Token == ReplayRefresh {
			code, what = SteppedUpRefreshTokenReusable, "a refresh token of the stepped-up session"
		}
		reasons = append(reasons, Reason{code, fmt.Sprintf("%s was still accepted %s after it was issued; no setting of a tenant mends that", what, spell(r.Age))})
	}
	return reasons
}

// onlyValidated is line 6. A service could judge validation-only requests rightly and real ones not:
// then only a real one would show it. Through Graph there is one in any case, whose refusal is the
// challenge; the portal steps up before it asks.
func onlyValidated(o Observation, _ []finding) []Reason {
	for _, a := range o.Activations {
		tries := slices.Concat(o.tried(a.N, ReplayFirst), o.tried(a.N, ReplayPlain))
		really := slices.ContainsFunc(tries, func(r Replay) bool { return r.Mode == "real" }) ||
			a.Challenge != nil && a.Challenge.Source == "graph"
		if len(tries) > 0 && !really {
			return []Reason{{PlainTokensOnlyValidated, "plain tokens were tried by validation-only requests alone: that a real request refuses them was not shown; try them for real (--replay real), or activate through Graph"}}
		}
	}
	return nil
}
