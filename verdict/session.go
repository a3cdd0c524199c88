package verdict

import (
	"cmp"
	"slices"
)

// probesBefore is how many silent looks there are at the session before the first activation.
// Two, because one cannot show that auth_time is stable while nobody signs in.
const probesBefore = 2

func (o Observation) idTokenVerified() finding {
	id := o.SignIn.ID
	switch {
	case id == nil && (o.SignIn.Finished.IsZero() || o.Failure != nil):
		return unreached("the sign-in did not come to its end")
	case id == nil:
		return failed(TokenNotVerified, "the sign-in returned no ID token that verifies")
	case !o.belongs(id.ObjectID, id.TenantID):
		return failed(TokenNotVerified, "the ID token is of user %s in tenant %s, not of the admin who was driven", id.ObjectID, id.TenantID)
	default:
		return held("the ID token of the sign-in verified and is the admin's")
	}
}

func (o Observation) sessionAlive() finding {
	probes := o.probes("before")
	for _, p := range probes {
		switch {
		case p.Dead:
			return failed(SessionNotAlive, "the session was gone before the activation (AADSTS%d): a prompt would have been a plain sign-in", p.AADSTS)
		case !p.Alive && p.AADSTS != 0:
			return failed(SessionProbeRefused, "a silent look at the session was refused by another policy (AADSTS%d %s)", p.AADSTS, p.Text)
		case !p.Alive || p.At.IsZero():
			return unobserved("a silent look at the session got no answer")
		case p.ID == nil:
			return failed(TokenNotVerified, "a silent look at the session returned no ID token that verifies")
		}
	}
	if len(probes) < probesBefore {
		return unreached("the session was looked at %d times before the activation, not %d", len(probes), probesBefore)
	}
	return held("the session lived right before the activation")
}

// probesAgree is what makes auth_time worth comparing: while nobody signs in it must not move,
// and it must be of the session that signed in.
func (o Observation) probesAgree() finding {
	ids := o.idsBefore(0)
	switch {
	case len(ids) < probesBefore || o.SignIn.ID == nil:
		return unreached("there are no two silent looks at the session to compare")
	case ids[0].AuthTime.IsZero():
		return unobserved("the ID tokens carry no auth_time: add it as an optional claim of the harness's own registration")
	case !agree(ids, ids[0].AuthTime):
		return failed(Unknown, "auth_time moved between two silent looks at the session: the claim is not what it is taken for")
	case !sameSession(append(slices.Clone(ids), *o.SignIn.ID)):
		return failed(Unknown, "the silent looks saw another session than the one that signed in")
	default:
		return held("both silent looks saw the same session, last authenticated at %s", clock(ids[0].AuthTime))
	}
}

// sessionKept makes sure that what came after the step-up is still of the admin and the session that
// signed in: else nothing that is compared across it means anything.
func (o Observation) sessionKept() finding {
	before := o.SignIn.ID
	if len(o.Activations) == 0 || before == nil {
		return unreached("there is nothing from after a step-up to compare")
	}
	seen := 0
	for i, a := range o.Activations {
		if t := a.Token; t != nil && !o.belongs(t.ObjectID, t.TenantID) {
			return failed(TokenOfOtherUser, "the token that carried activation %d is of user %s in tenant %s, not of the admin who was driven", a.N, t.ObjectID, t.TenantID)
		}
		for _, id := range o.idsAfter(i) {
			switch {
			case id.ObjectID != before.ObjectID || id.TenantID != before.TenantID:
				return failed(TokenOfOtherUser, "an ID token from after step-up %d is of user %s in tenant %s, not of the admin who signed in", a.N, id.ObjectID, id.TenantID)
			case id.SessionID != before.SessionID:
				return failed(TokenOfOtherSession, "an ID token from after step-up %d is of session %s, not of the one that signed in", a.N, cmp.Or(id.SessionID, "(none)"))
			}
			seen++
		}
	}
	if seen == 0 {
		return unreached("no verified ID token from after a step-up was seen")
	}
	return held("every verified ID token from after a step-up is of the admin and the session that signed in")
}

func (o Observation) sessionPrimed() finding {
	p := o.Priming
	pass := p.Authentication
	holds := (pass.Token != nil && pass.Token.HasContext(o.Setting.ContextID)) ||
		(pass.ID != nil && slices.Contains(pass.ID.ACRS, o.Setting.ContextID))
	switch {
	case !p.Asked && o.Failure != nil:
		return unreached("the session was not primed")
	case !p.Asked:
		return failed(SessionNotPrimed, "the context was not asked for beforehand: a stronger method alone would look like every time")
	case !p.Done:
		return failed(SessionNotPrimed, "the context could not be satisfied beforehand: %s", cmp.Or(p.Text, "no reason given"))
	case !holds:
		return failed(SessionNotPrimed, "the token of the priming does not hold the context %s", o.Setting.ContextID)
	case o.contextUnprotected():
		return held("the token held the context %s beforehand; no policy that is on protects it for this admin, so that nothing had to be satisfied", o.Setting.ContextID)
	default:
		return held("the session had satisfied the context %s once: only freshness could cause a prompt", o.Setting.ContextID)
	}
}

// contextUnprotected reports whether the configuration was read and holds no policy that is on, targets
// the context and covers the admin: the context then comes without anything being asked.
func (o Observation) contextUnprotected() bool {
	return o.Configuration != nil && !slices.ContainsFunc(o.Configuration.targeting(o.Setting.ContextID), func(p Policy) bool {
		return p.State == stateEnabled && p.covers(o.Configuration.admin(o.Admin.ObjectID))
	})
}

func (o Observation) outsideReuseWindows() finding {
	if len(o.Activations) == 0 {
		return unreached("no activation was tried")
	}
	least := MaxAge
	for i, a := range o.Activations {
		if a.Requested.IsZero() || a.AuthTimeBefore.IsZero() && len(o.lastSent(i)) == 0 {
			return unobserved("how old the session was when the activation was asked for was not observed")
		}
		least = min(least, o.agesAt(i).youngest)
	}
	if least < MinAge {
		return failed(WithinReuseWindow, "the last authentication was only %s old: PIM asks nobody twice within %s, Conditional Access within %s",
			spell(least), spell(PIMWindow), spell(ConditionalAccessWindow))
	}
	return held("the last authentication was %s old, beyond both re-use windows (%s and %s)",
		spell(least), spell(ConditionalAccessWindow), spell(PIMWindow))
}

func (o Observation) youngerThanAnHour() finding {
	if len(o.Activations) == 0 {
		return unreached("no activation was tried")
	}
	most := MinAge
	for i, a := range o.Activations {
		if a.Requested.IsZero() || a.AuthTimeBefore.IsZero() && len(o.lastSent(i)) == 0 {
			return unobserved("how old the session was when the activation was asked for was not observed")
		}
		most = max(most, o.agesAt(i).oldest)
	}
	if most >= MaxAge {
		return failed(SessionTooOld, "the oldest factor of the session was %s old: an hourly sign-in frequency would look like every time", spell(most))
	}
	return held("no factor of the session was an hour old (%s at most): no time-based frequency could ask", spell(most))
}
