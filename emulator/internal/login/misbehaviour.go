package login

import (
	"slices"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// This file holds the defects of [store.Misbehaviour] that belong to sign-in and tokens. Without
// one nothing here changes anything.

// forgive drops a due re-authentication for a context. What a policy wants beyond freshness is
// still asked for, so that a first sign-in shows nothing.
func (m *machine) forgive(d *ca.Decision) {
	due := d.Reauthentication.Primary || d.Reauthentication.Secondary
	if !due || m.session == nil || len(m.f.Request.Contexts) == 0 || !m.t.Misbehaves(store.StepsUpUnasked, store.StepsUpUnaskedFresh) {
		return
	}
	d.Reauthentication = ca.Reauthentication{}
	if m.t.Misbehaves(store.StepsUpUnaskedFresh) {
		m.f.Invented = []store.Factor{{Method: store.MethodPassword, At: m.t.Now(), Primary: true}}
	}
}

// toldAuthTime is the claim auth_time of a session.
func toldAuthTime(t *store.Tenant, session *store.Session) time.Time {
	if t.Misbehaves(store.AsksKeepsAuthTime) {
		first := slices.IndexFunc(session.Factors, func(f store.Factor) bool { return f.Primary })
		return session.Factors[first].At // no session without a first factor
	}
	return session.PrimaryAt()
}

// goesOn says that a credential page sends itself: only of a re-authentication, in which the
// session is there already.
func (m *machine) goesOn(page pageKind) bool {
	return m.session != nil && m.t.Misbehaves(store.PageGoesOn) && (page == pagePassword || page == pageCode)
}

// misissue makes the claims wrong that are wrong in content, and says what is to be wrong in form.
func misissue(t *store.Tenant, app *store.Application, g store.Grant, issue *tokens) issuer.Damage {
	if !reauthenticated(g) {
		return issuer.Damage{}
	}
	if app.FirstParty {
		return issuer.Damage{AccessACRSAsText: t.Misbehaves(store.ContextsAsText)}
	}
	if issue.id != nil {
		mistell(t, issue.id)
	}
	return issuer.Damage{
		OtherKey: t.Misbehaves(store.WrongKey), Unsigned: t.Misbehaves(store.AlgNone),
		AuthTimeAsText: t.Misbehaves(store.AuthTimeAsText),
		ACRSAsText:     t.Misbehaves(store.ContextsAsText), AccessACRSAsText: t.Misbehaves(store.ContextsAsText),
	}
}

// reauthenticated: a first factor was given more than once.
func reauthenticated(g store.Grant) bool {
	times := 0
	for _, f := range g.Factors {
		if f.Primary {
			times++
		}
	}
	return times > 1
}

// futureAuthTime is far beyond every tolerance for clocks, and well within the token's life.
const futureAuthTime = 10 * time.Minute

// mistell makes one claim of an ID token wrong. Ids of others are made up: they have the right
// form, and nothing in the token says that they are not there.
func mistell(t *store.Tenant, id *issuer.ID) {
	switch t.Settings.Misbehaviour {
	case store.OtherAudience:
		id.Audience = store.ClientGraphCLI
	case store.OtherTenant:
		id.TenantID = otherID(t)
	case store.OtherIssuer:
		id.Issuer = "https://login.microsoftonline.com/" + otherID(t) + "/v2.0"
	case store.OtherUser:
		id.ObjectID = otherID(t)
		id.Subject = pairwise(t, id.Audience, id.ObjectID)
	case store.OtherSession:
		id.SessionID = otherID(t)
	case store.OtherNonce:
		id.Nonce = otherID(t)
	case store.AuthTimeAhead:
		id.AuthTime = t.Now().Add(futureAuthTime).Unix()
	}
}

// otherID is an id that stays the same in one tenant, as another user's or tenant's would.
func otherID(t *store.Tenant) string {
	const digits = "0123456789abcdef"
	last := t.ID[len(t.ID)-1]
	for i := range digits {
		if digits[i] == last {
			return t.ID[:len(t.ID)-1] + string(digits[(i+1)%len(digits)])
		}
	}
	return t.ID // an id ends in a digit
}
