package login

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// machine looks at one sign-in under way. It is made anew for each request, and used with
// the store's lock held.
type machine struct {
	t       *store.Tenant
	f       *store.Flow
	app     *store.Application
	user    *store.User    // nil until the account is known
	session *store.Session // nil when the sign-in goes on from none
}

// stage is what a sign-in wants next: a page, an error for the client, or to be completed.
type stage struct {
	Page     pageKind       // empty: no page is needed
	Err      *aadsts        // with a page: shown on it; without: sent to the client
	Methods  []store.Method // second factors to choose from
	Decision ca.Decision    // of Conditional Access, once it was asked
}

func newMachine(t *store.Tenant, f *store.Flow) (*machine, *aadsts) {
	app, err := checkClient(t, &f.Request)
	if err != nil {
		return nil, err
	}
	m := &machine{t: t, f: f, app: app}
	m.load()
	return m, nil
}

// load looks up the user and the session that the flow names.
func (m *machine) load() {
	m.user, _ = m.t.Users.Get(m.f.UserID)
	m.session = nil
	if session, ok := m.t.Sessions.Get(m.f.Session); ok && alive(m.t, session) {
		m.session = session
	}
}

// next decides the stage. Under prompt=none every page is an error for the client instead.
func (m *machine) next() (stage, error) {
	st, err := m.decide()
	if err != nil {
		return stage{}, err
	}
	if m.f.Request.Prompt == "none" && st.Page != "" {
		return stage{Err: m.silent(st), Decision: st.Decision}, nil
	}
	return st, nil
}

// decide asks in the order of the real service: who, first factor, policies, the request's
// own demands, consent, stay signed in.
func (m *machine) decide() (stage, error) {
	if st := m.account(); st.Page != "" {
		return st, nil
	}
	if m.needsFirstFactor() {
		return stage{Page: m.firstFactorPage()}, nil
	}
	decision, err := decide(m.t, m.evaluation())
	if err != nil {
		return stage{}, err
	}
	m.forgive(&decision)
	for _, ask := range []func(ca.Decision) stage{m.policies, m.secondFactorAsked, m.consent, m.staySignedIn} {
		if st := ask(decision); st.Page != "" || st.Err != nil {
			st.Decision = decision
			return st, nil
		}
	}
	return stage{Decision: decision}, nil
}

func (m *machine) evaluation() evaluation {
	return evaluation{
		User: m.user, ClientID: m.app.ClientID, Resource: m.f.Request.Resource,
		Contexts:   published(m.t, m.f.Request.Contexts),
		ClientType: clientAppType(m.app, m.f.Request.RedirectURI), UserAgent: m.f.Request.UserAgent,
		DeviceFlow: m.f.Request.DeviceCode != "",
		Factors:    m.factors(), StepUpAt: stepUpInstant(m.t, m.user, m.session), Started: m.f.StartedAt,
	}
}

// factors are the session's and those of this flow, in order.
func (m *machine) factors() []store.Factor {
	if m.session == nil {
		return m.f.Done
	}
	return append(slices.Clone(m.session.Factors), m.f.Done...)
}

// account finds out who signs in: by sid, by login hint, by the only session, or by asking.
func (m *machine) account() stage {
	if m.user != nil {
		return stage{}
	}
	sessions := liveSessions(m.t, m.f.Browser)
	r := m.f.Request
	hinted := r.SessionHint != "" || r.LoginHint != ""
	asksToPick := r.Prompt == "select_account" || r.Prompt == "login" && !hinted
	switch {
	case m.f.Picked || m.f.NotUser != "":
		return stage{Page: pageUserName}
	case asksToPick && len(sessions) > 0:
		return stage{Page: pagePicker}
	case hinted:
		return m.byHint(sessions)
	case len(sessions) > 1:
		return stage{Page: pagePicker}
	case len(sessions) == 1:
		m.goOnFrom(sessions[0])
		return stage{}
	}
	return stage{Page: pageUserName}
}

func (m *machine) byHint(sessions []*store.Session) stage {
	user, known := m.hintedUser()
	for _, session := range sessions {
		if session.ID == m.f.Request.SessionHint || known && session.UserID == user.ID {
			m.goOnFrom(session)
			return stage{}
		}
	}
	if !known {
		return stage{Page: pageUserName}
	}
	m.f.UserID = user.ID
	m.load()
	return stage{}
}

// hintedUser reads login_hint: a user principal name, or the opaque value of the optional
// claim login_hint.
func (m *machine) hintedUser() (*store.User, bool) {
	hint := m.f.Request.LoginHint
	if encoded, ok := strings.CutPrefix(hint, "O."); ok {
		id, err := base64.RawURLEncoding.DecodeString(encoded)
		if err != nil {
			return nil, false
		}
		return m.t.Users.Get(string(id))
	}
	return m.t.UserByUPN(hint)
}

// opaqueHint is the value of the optional claim login_hint.
func opaqueHint(user *store.User) string {
	return "O." + base64.RawURLEncoding.EncodeToString([]byte(user.ID))
}

func (m *machine) goOnFrom(session *store.Session) {
	m.f.UserID, m.f.Session = session.UserID, session.Handle
	m.load()
}

// needsFirstFactor: nobody is signed in, or the request wants the user to be asked anew
// (prompt=login, max_age). What was given in this flow serves both.
func (m *machine) needsFirstFactor() bool {
	if slices.ContainsFunc(m.f.Done, func(f store.Factor) bool { return f.Primary }) {
		return false
	}
	if m.session == nil || m.f.Request.Prompt == "login" {
		return true
	}
	// Observed: max_age is honoured, and counts from the instant of the password.
	maxAge := m.f.Request.MaxAge
	return maxAge != nil && m.t.Now().Sub(m.session.PrimaryAt()) > *maxAge
}

// firstFactorPage is what the user switched to, else a Temporary Access Pass when there is
// a usable one (documented as preferred), else the password, else a passkey.
func (m *machine) firstFactorPage() pageKind {
	switch m.f.Primary {
	case store.MethodPasskey:
		return pagePasskeyStart
	case store.MethodPassword:
		return pagePassword
	}
	switch {
	case m.f.ListMethods:
		return pageFirstFactors
	case usablePass(m.user, m.t.Now()):
		return pageAccessPass
	case m.user.Password == "" && len(m.user.Passkeys) > 0:
		return pagePasskeyStart
	}
	return pagePassword
}

// policies turns the decision of Conditional Access into what is asked next.
func (m *machine) policies(d ca.Decision) stage {
	switch {
	case d.Blocked():
		return stage{Page: pageBlocked, Err: fail(blockedByPolicy, "access_denied",
			"Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.")}
	case d.NeedsDevice():
		return stage{Page: pageBlocked, Err: deviceError(d)}
	case d.NeedsPrimary() && m.onlyPasskey(d):
		return stage{Page: pagePasskeyStart}
	case d.NeedsPrimary():
		return stage{Page: m.firstFactorPage()}
	case d.NeedsSecondFactor():
		return m.secondFactor(m.accepted(d))
	}
	return stage{}
}

// accepted are the user's methods that the decision waits for.
func (m *machine) accepted(d ca.Decision) []store.Method {
	state := sessionState(m.factors(), stepUpInstant(m.t, m.user, m.session))
	return slices.DeleteFunc(secondFactors(m.user), func(method store.Method) bool {
		return !d.Accepts(ca.Method(method), state)
	})
}

// onlyPasskey: re-authentication is due, and of the user's methods only a passkey will do.
// It is both factors, so that nothing else needs asking.
func (m *machine) onlyPasskey(d ca.Decision) bool {
	accepted := m.accepted(d)
	return d.NeedsSecondFactor() && m.f.Primary == "" && len(accepted) == 1 && accepted[0] == store.MethodPasskey
}

func deviceError(d ca.Decision) *aadsts {
	for _, unmet := range d.Unmet {
		if slices.Contains(unmet.Controls, "domainJoinedDevice") && !slices.Contains(unmet.Controls, "compliantDevice") {
			return fail(deviceNotJoined, "access_denied", "Device is not in required device state: the device must be domain joined.")
		}
	}
	return fail(deviceNotCompliant, "access_denied", "Device is not in required device state: the device must be managed and compliant.")
}

// secondFactor picks the page for a second factor among the methods that would do.
func (m *machine) secondFactor(methods []store.Method) stage {
	st := stage{Methods: methods}
	choice := m.f.Secondary
	if !slices.Contains(methods, choice) && len(methods) > 0 {
		choice = methods[0]
	}
	switch {
	case len(methods) == 0:
		// Inferred: the service offers to register a method, for a missing second factor
		// and for a missing strength alike.
		st.Page, st.Err = pageProofUp, fail(enrollmentInterrupt, "interaction_required",
			"Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '%s'.", resourceAppID(m.f.Request.Resource))
	case m.f.ListMethods || choice == store.MethodPasskey && m.f.Secondary == "":
		st.Page = pageMethods
	case choice == store.MethodPush:
		st.Page = pagePush
	case choice == store.MethodPasskey:
		st.Page = pagePasskeyStart
	default:
		st.Page = pageCode
	}
	return st
}

// secondFactorAsked serves a request that names mfa in its claims, as the portal does when
// PIM wants a second factor and no context; and the portal itself, by the setting portal_mfa.
func (m *machine) secondFactorAsked(ca.Decision) stage {
	has := slices.ContainsFunc(m.factors(), func(f store.Factor) bool { return f.Secondary })
	portal := m.t.Settings.PortalMFA && (m.app.ClientID == store.ClientPortal || m.app.ClientID == store.ClientPIM)
	if has || !m.f.Request.MFAAsked && !portal {
		return stage{}
	}
	return m.secondFactor(secondFactors(m.user))
}

// consent checks the scopes and shows the pages that want a yes.
func (m *machine) consent(ca.Decision) stage {
	if err := assigned(m.t, m.app, m.user); err != nil {
		return stage{Page: pageError, Err: err}
	}
	if _, err := grantedScopes(m.app, m.user, m.f.Request.Resource, m.f.Request.Scopes); err != nil {
		return stage{Page: pageError, Err: err}
	}
	switch {
	case m.f.Request.DeviceCode != "" && !m.f.Confirmed:
		return stage{Page: pageConfirm}
	case m.f.Request.Prompt == "consent" && !m.app.FirstParty && !m.f.Consented:
		return stage{Page: pageConsent}
	}
	return stage{}
}

// staySignedIn is asked after a first factor was given, unless the session stays signed in
// already or a policy decides it.
func (m *machine) staySignedIn(d ca.Decision) stage {
	gave := slices.ContainsFunc(m.f.Done, func(f store.Factor) bool { return f.Primary })
	stays := m.session != nil && m.session.Persistent
	if !gave || stays || m.f.StayAsked || d.PersistentBrowser != "" || m.f.Request.DeviceCode != "" {
		return stage{}
	}
	return stage{Page: pageStay}
}

// silent is the error that takes the place of a page under prompt=none. Documented:
// login_required without a session, interaction_required or consent_required else. Which
// number says that re-authentication is due is inferred (70044 is documented as "the
// session has expired due to sign-in frequency").
func (m *machine) silent(st stage) *aadsts {
	switch st.Page {
	case pageError:
		return st.Err
	case pageBlocked:
		return fail(st.Err.Number, "interaction_required", "%s", st.Err.Text)
	case pagePicker:
		return fail(selectAccount, "interaction_required", "Either multiple user identities are available for the current request or selected account is not supported for the scenario.")
	case pageConsent:
		return fail(consentMissing, "consent_required", "The user has not consented to use the application with ID '%s'.", m.app.ClientID)
	case pageProofUp:
		return fail(enrollmentNeeded, "interaction_required", "%s", st.Err.Text)
	}
	switch {
	case m.session == nil:
		return fail(noSession, "login_required", "Session information is not sufficient for single-sign-on.")
	case st.Decision.NeedsPrimary():
		return fail(sessionTooOldByPolicy, "interaction_required", "The session has expired or is invalid due to sign-in frequency checks by conditional access.")
	case m.needsFirstFactor():
		return fail(noSession, "login_required", "The session is older than the request allows.")
	}
	return fail(strongAuthNeeded, "interaction_required",
		"Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '%s'.", resourceAppID(m.f.Request.Resource))
}

// did notes a factor that was given and accepted.
func (m *machine) did(method store.Method, at time.Time) {
	factor := store.Factor{Method: method, At: at}
	switch method {
	case store.MethodPassword:
		factor.Primary = true
	case store.MethodPasskey, store.MethodTAPOnce, store.MethodTAPMulti:
		factor.Primary, factor.Secondary = true, true
	default:
		factor.Secondary = true
	}
	m.f.Done = append(m.f.Done, factor)
	m.f.Primary, m.f.Secondary, m.f.ListMethods, m.f.Challenge = "", "", false, ""
}
