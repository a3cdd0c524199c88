package verdict

import (
	"slices"
	"time"

	"github.com/reprompt/reprompt/tokens"
)

// What the witnesses can say.
const (
	ScreenPrompted    = "prompted"     // a credential page stood still and the credential was sent
	ScreenNotPrompted = "not-prompted" // the role became active or pending and no credential was asked for

	TokenFresh               = "fresh"                 // auth_time moved past the challenge, the context is in the activating token only
	TokenStale               = "stale"                 // auth_time did not move
	TokenFreshWithoutContext = "fresh-without-context" // auth_time moved, but the activating token lacks the context

	LogRequired            = "required"             // the step-up's own row says so, every time
	LogPreviouslySatisfied = "previously-satisfied" // the step-up's own row says an earlier sign-in was enough

	NotObserved = "not-observed" // the witness saw nothing it could swear to
)

// ScreenOf is the screen's account of one activation: ScreenPrompted, ScreenNotPrompted or
// NotObserved. A credential page that does not fit between the challenge and the first token
// makes it NotObserved, never ScreenNotPrompted. It does not prove that the session got newer.
func ScreenOf(a Activation) string {
	asked := slices.ContainsFunc(a.StepUp.Pages, func(p PageVisit) bool {
		return p.Factor != "" && (p.StoodStill || p.Sent)
	})
	switch {
	case len(a.Factors()) > 0:
		return ScreenPrompted
	case a.succeeded() && !asked:
		return ScreenNotPrompted
	default:
		return NotObserved
	}
}

// prompts reports whether this page really asked: after the challenge, waiting for the admin,
// credential seen leaving, and no token before that.
func (a Activation) prompts(p PageVisit) bool {
	if a.Challenge == nil || a.Challenge.At.IsZero() || a.TokenAt.IsZero() || p.At.IsZero() || p.SentAt.IsZero() {
		return false
	}
	inOrder := !p.At.Before(a.Challenge.At) && !p.SentAt.Before(p.At) && !a.TokenAt.Before(p.SentAt)
	return p.Factor != "" && p.StoodStill && p.Sent && inOrder
}

// succeeded reports whether the server took the activation. The status is looked at too, so
// that an outcome nobody answered does not count.
func (a Activation) succeeded() bool {
	return (a.Outcome == "active" || a.Outcome == pending) && a.Status/100 == 2 && !a.At.IsZero()
}

// tokenOf is the token's account of the i-th activation.
func (o Observation) tokenOf(i int) string {
	a := o.Activations[i]
	if !o.authTimesVouched(i) || !a.SameSession {
		return NotObserved
	}
	switch {
	case a.AuthTimeAfter.Equal(a.AuthTimeBefore):
		return TokenStale
	case !a.movedPastChallenge():
		return NotObserved
	case !o.Setting.RequiresContext():
		return TokenFreshWithoutContext
	case a.Token == nil || !o.belongs(a.Token.ObjectID, a.Token.TenantID) || o.plainTokenHoldsContext():
		return NotObserved
	case !a.Token.HasContext(o.Setting.ContextID):
		return TokenFreshWithoutContext
	default:
		return TokenFresh
	}
}

// movedPastChallenge reports whether auth_time moved to an instant between the challenge and
// the answer. Where no challenge was seen the request stands for it.
func (a Activation) movedPastChallenge() bool {
	from := a.Requested
	if a.Challenge != nil {
		from = a.Challenge.At
	}
	if from.IsZero() || a.At.IsZero() || !a.AuthTimeAfter.After(a.AuthTimeBefore) {
		return false
	}
	return !a.AuthTimeAfter.Before(from.Add(-Tolerance)) && !a.AuthTimeAfter.After(a.At.Add(Tolerance))
}

// authTimesVouched reports whether both auth_times of the i-th activation stand in verified ID
// tokens of one session, and no such token says otherwise.
func (o Observation) authTimesVouched(i int) bool {
	a := o.Activations[i]
	before, after := o.idsBefore(i), o.idsAfter(i)
	if len(before) == 0 || len(after) == 0 || a.AuthTimeBefore.IsZero() || a.AuthTimeAfter.IsZero() {
		return false
	}
	return agree(before, a.AuthTimeBefore) && agree(after, a.AuthTimeAfter) && sameSession(slices.Concat(before, after))
}

// idsBefore are the verified ID tokens that show the session as the i-th activation found it.
func (o Observation) idsBefore(i int) []tokens.IDClaims {
	if i > 0 {
		return o.idsAfter(i - 1)
	}
	var ids []tokens.IDClaims
	for _, probe := range o.probes("before") {
		if probe.Alive && probe.ID != nil {
			ids = append(ids, *probe.ID)
		}
	}
	return ids
}

// idsAfter are the verified ID tokens that show the session after the i-th activation: of the
// probe, and of the harness's own step-up where there was one.
func (o Observation) idsAfter(i int) []tokens.IDClaims {
	var ids []tokens.IDClaims
	for _, probe := range o.probes("after") {
		if probe.N == o.Activations[i].N && probe.Alive && probe.ID != nil {
			ids = append(ids, *probe.ID)
		}
	}
	if id := o.Activations[i].StepUp.ID; id != nil {
		ids = append(ids, *id)
	}
	return ids
}

func (o Observation) probes(phase string) []Probe {
	var probes []Probe
	for _, probe := range o.Probes {
		if probe.Phase == phase {
			probes = append(probes, probe)
		}
	}
	return probes
}

func agree(ids []tokens.IDClaims, authTime time.Time) bool {
	return !slices.ContainsFunc(ids, func(id tokens.IDClaims) bool { return !id.AuthTime.Equal(authTime) })
}

// sameSession reports whether all tokens are of one user, tenant and session. A token without
// a session id cannot be tied to another.
func sameSession(ids []tokens.IDClaims) bool {
	return !slices.ContainsFunc(ids, func(id tokens.IDClaims) bool {
		first := ids[0]
		return id.SessionID == "" || id.ObjectID != first.ObjectID || id.TenantID != first.TenantID || id.SessionID != first.SessionID
	})
}

func (o Observation) belongs(objectID, tenantID string) bool {
	return objectID != "" && objectID == o.Admin.ObjectID && tenantID != "" && tenantID == o.TenantID
}

// plainTokenHoldsContext reports whether the context came unasked, so that acrs says nothing.
func (o Observation) plainTokenHoldsContext() bool {
	return slices.ContainsFunc(o.Replays, func(r Replay) bool {
		return r.plain() && r.Claims != nil && r.Claims.HasContext(o.Setting.ContextID)
	})
}

// witnesses are the three accounts over all activations; the worst counts.
func (o Observation) witnesses() Witnesses {
	if len(o.Activations) == 0 {
		return Witnesses{Screen: NotObserved, Token: NotObserved, Log: o.logWitness()}
	}
	var screens, accounts []string
	for i, a := range o.Activations {
		screens = append(screens, ScreenOf(a))
		accounts = append(accounts, o.tokenOf(i))
	}
	return Witnesses{
		Screen: worst(screens, ScreenNotPrompted, NotObserved, ScreenPrompted),
		Token:  worst(accounts, TokenStale, TokenFreshWithoutContext, NotObserved, TokenFresh),
		Log:    o.logWitness(),
	}
}

// worst is the first of the ranking, given worst first, that occurs.
func worst(accounts []string, ranking ...string) string {
	for _, rank := range ranking {
		if slices.Contains(accounts, rank) {
			return rank
		}
	}
	return NotObserved
}
