package login

import (
	"slices"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// codeLife is how long an authorization code can be redeemed (documented: about ten minutes).
const codeLife = 10 * time.Minute

// finished is a completed sign-in: what goes back to the client, and to the browser's jar.
type finished struct {
	Code    string // empty for a device code
	Session *store.Session
	User    *store.User
}

// finish makes or renews the session, issues the code and writes the sign-in log.
func (m *machine) finish(d ca.Decision) (finished, error) {
	m.renewSession(d)
	grant, err := m.grant(d)
	if err != nil {
		return finished{}, err
	}
	m.t.AddSignIn(m.row(d, grant, nil))
	m.t.Flows.Delete(m.f.Token)
	done := finished{Session: m.session, User: m.user}
	if m.f.Request.DeviceCode != "" {
		if code, ok := m.t.DeviceCodes.Get(m.f.Request.DeviceCode); ok {
			code.Grant = &grant
		}
		return done, nil
	}
	done.Code = "1." + newHandle(m.t)
	m.t.Codes.Put(done.Code, &store.AuthCode{
		Code: done.Code, Grant: grant, RedirectURI: m.f.Request.RedirectURI,
		Challenge: m.f.Request.Challenge, IssuedAt: m.t.Now(),
	})
	return done, nil
}

// renewSession adds the flow's factors to the session that it went on from, or makes one.
// The session of a browser and an account stays the same over a re-authentication, and its
// sid with it.
func (m *machine) renewSession(d ca.Decision) {
	now := m.t.Now()
	if m.session == nil {
		m.session = &store.Session{
			ID: m.t.NewID(), Handle: newHandle(m.t), UserID: m.user.ID, CreatedAt: now,
			UserAgent: m.f.Request.UserAgent,
		}
		m.t.Sessions.Put(m.session.Handle, m.session)
	}
	s := m.session
	s.LastUsedAt = now
	s.Factors = append(append(s.Factors, m.f.Done...), m.f.Invented...)
	s.KMSIAsked = s.KMSIAsked || m.f.StayAsked
	s.Persistent = (s.Persistent || m.f.Stay || d.PersistentBrowser == "always") && d.PersistentBrowser != "never"
}

func (m *machine) grant(d ca.Decision) (store.Grant, error) {
	r := m.f.Request
	scopes, refused := grantedScopes(m.app, m.user, r.Resource, r.Scopes)
	if refused != nil {
		return store.Grant{}, refused
	}
	contexts := published(m.t, r.Contexts)
	acrs, err := contextsToEmit(m.t, contexts)
	if err != nil {
		return store.Grant{}, err
	}
	g := store.Grant{
		ClientID: m.app.ClientID, UserID: m.user.ID, Session: m.session.Handle, SessionID: m.session.ID,
		Resource: r.Resource, Scopes: mergeScopes(r.Scopes, scopes), Nonce: r.Nonce, Contexts: contexts, CP1: r.CP1,
		Factors: slices.Clone(m.session.Factors), AuthTime: toldAuthTime(m.t, m.session),
		TokenID: newTokenID(m.t), ACRS: acrs, Persisted: m.session.Persistent, V1: r.V1, IDACRS: r.IDACRS,
		Client: clientAppType(m.app, r.RedirectURI), UserAgent: r.UserAgent,
	}
	if len(contexts) > 0 {
		g.StepUpAt = lastFactor(g.Factors)
	}
	return g, nil
}

// lastFactor is when anything was last authenticated.
func lastFactor(factors []store.Factor) time.Time {
	var at time.Time
	for _, f := range factors {
		if f.At.After(at) {
			at = f.At
		}
	}
	return at
}

// mergeScopes puts what was asked first, as it was asked, and everything that the consent
// covers after it: clients compare the answer with what they asked for.
func mergeScopes(asked, consented []string) []string {
	merged := slices.Clone(asked)
	for _, scope := range consented {
		if !containsFold(merged, scope) {
			merged = append(merged, scope)
		}
	}
	return merged
}

// newTokenID has the shape of the claim uti: 16 bytes in base64url.
func newTokenID(t *store.Tenant) string { return t.NewSecret(16) }
