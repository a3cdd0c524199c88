package store

import (
	"fmt"
	"slices"
	"strings"
)

// Misbehaviour is one defect of the server, switched on by the setting "misbehaviour". Entra has
// none of them: they are there to show that a harness finds each, on a tenant whose configuration
// is right. Where a defect could begin at different moments it begins where it is harder to
// notice: the first sign-in, the priming and the first plain tokens are then as they should be.
//
// "From the re-authentication on" means: in tokens of a session in which a first factor was given
// a second time. Defects of ID tokens are in those of registered applications; Microsoft's own
// clients check theirs, and the portal would stop working where the harness should notice.
type Misbehaviour string

// The empty value: the server behaves.
const Behaves Misbehaviour = ""

// Defects of the sign-in itself, applied in package login (misbehaviour.go).
const (
	// StepsUpUnasked: a due re-authentication for a context is forgiven, so that the token
	// steps up and nobody is asked. auth_time stays.
	StepsUpUnasked Misbehaviour = "steps_up_unasked"
	// StepsUpUnaskedFresh: as above, and auth_time moves all the same.
	StepsUpUnaskedFresh Misbehaviour = "steps_up_unasked_fresh_auth_time"
	// AsksKeepsAuthTime: the user is asked, and tokens go on telling of the first sign-in.
	AsksKeepsAuthTime Misbehaviour = "asks_keeps_auth_time"
	// PageGoesOn: the credential pages of a re-authentication (password, code) are shown, send themselves with an
	// empty field before anybody can act, and are accepted.
	PageGoesOn Misbehaviour = "page_goes_on"
)

// Defects of tokens, applied when they are composed (login/misbehaviour.go) and signed
// (issuer/damage.go); all but EveryContext from the re-authentication on.
const (
	// WrongKey: ID tokens are signed with a key of nobody's, under the published key's id.
	WrongKey Misbehaviour = "wrong_key"
	// AlgNone: ID tokens say alg none and have no signature.
	AlgNone Misbehaviour = "alg_none"
	// OtherAudience: aud of ID tokens is another application of the tenant.
	OtherAudience Misbehaviour = "other_audience"
	// OtherTenant: tid of ID tokens is another tenant, while iss still names this one.
	OtherTenant Misbehaviour = "other_tenant"
	// OtherIssuer: iss of ID tokens is another tenant's, which has the same keys, while tid
	// still names this one.
	OtherIssuer Misbehaviour = "other_issuer"
	// OtherUser: oid and sub of ID tokens are another user's, the readable name is the admin's.
	OtherUser Misbehaviour = "other_user"
	// OtherSession: sid of ID tokens is another session's.
	OtherSession Misbehaviour = "other_session"
	// OtherNonce: nonce of ID tokens is not the one that was sent.
	OtherNonce Misbehaviour = "other_nonce"
	// AuthTimeAhead: auth_time of ID tokens is ten minutes in the future.
	AuthTimeAhead Misbehaviour = "auth_time_ahead"
	// AuthTimeAsText: auth_time of ID tokens is a text of digits.
	AuthTimeAsText Misbehaviour = "auth_time_as_text"
	// ContextsAsText: acrs is one text instead of a list, in ID tokens and in access tokens,
	// the portal's too. Graph takes it.
	ContextsAsText Misbehaviour = "acrs_as_text"
	// EveryContext: acrs of every token holds every published context, protected or not, from
	// the first sign-in on: a plain token then activates.
	EveryContext Misbehaviour = "acrs_holds_every_context"
)

// Defects of activation, applied in package pim (misbehaviour.go), and so for Graph and for the
// legacy service; RevokesInstead in package graphapi (schedules.go).
const (
	// ActivatesUnchallenged: a real activation needs no context. Validation-only requests are
	// refused as they should be, so that who asks only by them is deceived.
	ActivatesUnchallenged Misbehaviour = "activates_unchallenged"
	// ChallengesOtherContext: the refusal names another context than the role setting, which is
	// checked rightly: a client that does as it is told never gets in.
	ChallengesOtherContext Misbehaviour = "challenges_other_context"
	// ChallengesForEver: an activation is refused though the token holds the context.
	ChallengesForEver Misbehaviour = "challenges_for_ever"
	// RevokesInstead: in place of PIM's 400 Graph answers the 401 of continuous access
	// evaluation, which says nothing about the context.
	RevokesInstead Misbehaviour = "revokes_instead_of_refusing"
)

// Defects of the portal's page, applied in package portal (portal.go).
const (
	// PortalForcesPrompt: the page's step-up says prompt=login, so that a prompt shows nothing of
	// the tenant's policies.
	PortalForcesPrompt Misbehaviour = "portal_forces_prompt"
)

// Misbehaviours lists every defect.
func Misbehaviours() []Misbehaviour {
	return []Misbehaviour{
		StepsUpUnasked, StepsUpUnaskedFresh, AsksKeepsAuthTime, PageGoesOn,
		WrongKey, AlgNone, OtherAudience, OtherTenant, OtherIssuer, OtherUser, OtherSession, OtherNonce,
		AuthTimeAhead, AuthTimeAsText, ContextsAsText, EveryContext,
		ActivatesUnchallenged, ChallengesOtherContext, ChallengesForEver, RevokesInstead,
		PortalForcesPrompt,
	}
}

// Misbehaves reports whether one of the defects is switched on.
func (t *Tenant) Misbehaves(in ...Misbehaviour) bool {
	return slices.Contains(in, t.Settings.Misbehaviour)
}

// validate names the known defects where this is none of them.
func (m Misbehaviour) validate() error {
	if m == Behaves || slices.Contains(Misbehaviours(), m) {
		return nil
	}
	var known []string
	for _, defect := range Misbehaviours() {
		known = append(known, string(defect))
	}
	return fmt.Errorf("setting misbehaviour: %q is none of %s, or empty", m, strings.Join(known, ", "))
}
