package login

import (
	"net/http"
	"net/url"
	"strings"

	ca "github.com/reprompt/reprompt/emulator/internal/conditionalaccess"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// postLogin takes what the sign-in page sends: an account, a user name, a password, a
// Temporary Access Pass, a passkey assertion, or the wish for another way.
func (s *Server) postLogin(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.errorPage(r, "", fail(badRequest, "invalid_request", "The request cannot be read."))
	}
	form := r.PostForm
	name := strings.TrimSpace(firstOf(form.Get("loginfmt"), form.Get("login")))
	if form.Get("flowToken") == "" {
		return s.resume(r, name)
	}
	c := cloudOf(r)
	return s.act(r, loginFields, loginPages, func(m *machine) *aadsts {
		switch {
		case form.Has("view"):
			m.switchTo(form.Get("view"))
			return nil
		case form.Has("pick"):
			m.pick(form.Get("pick"))
			return nil
		case form.Get("assertion") != "":
			if err := checkCanary(m.f, canaryCross, form.Get("lmcCanary")); err != nil {
				return err
			}
			return m.gavePasskey(form.Get("assertion"), func(challenge, assertion string) *aadsts {
				return checkPasskey(m.user, c, challenge, assertion)
			})
		}
		return m.typed(form)
	})
}

// loginPages are those whose forms and links lead to /login.
var loginPages = []pageKind{
	pageUserName, pagePicker, pagePassword, pageAccessPass, pageFirstFactors, pagePasskeyStart, pagePasskey,
	pageCode, pagePush, pageMethods,
}

// typed takes a user name, a password or a Temporary Access Pass. Observed: clients that
// need no page of their own send the name and the credential in one form.
func (m *machine) typed(form url.Values) *aadsts {
	if m.user == nil {
		err := m.typedName(strings.TrimSpace(firstOf(form.Get("loginfmt"), form.Get("login"))))
		if err != nil || form.Get("passwd") == "" && form.Get("accesspass") == "" {
			return err
		}
	}
	switch {
	case !m.needsFirstFactor() && m.f.Page != string(pagePassword) && m.f.Page != string(pageAccessPass):
		return nil // nothing that is typed here is asked for
	case form.Has("accesspass"):
		return m.gavePass(form.Get("accesspass"))
	}
	return m.gavePassword(form.Get("passwd"))
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// typedName looks up the account. A name that nobody has stays on the page with an error.
func (m *machine) typedName(name string) *aadsts {
	user, ok := m.t.UserByUPN(name)
	if !ok {
		m.f.NotUser = name
		return fail(unknownUser, "invalid_grant", "The user account %s does not exist in the %s directory.", name, m.t.DisplayName)
	}
	m.f.NotUser, m.f.UserID = "", user.ID
	for _, session := range liveSessions(m.t, m.f.Browser) {
		if session.UserID == user.ID {
			m.f.Session = session.Handle
		}
	}
	m.load()
	return nil
}

// pick chooses a tile of the account picker: a session's id, or "other".
func (m *machine) pick(choice string) {
	m.f.Picked = true
	for _, session := range liveSessions(m.t, m.f.Browser) {
		if session.ID == choice {
			m.goOnFrom(session)
		}
	}
}

// switchTo changes the view: another account, another way to sign in, or a method of the
// list.
func (m *machine) switchTo(view string) {
	m.f.ListMethods = false
	switch view {
	case "account":
		m.f.UserID, m.f.Session, m.f.NotUser, m.f.Picked, m.f.Done = "", "", "", true, nil
	case "list":
		m.f.ListMethods = true
	case "Password":
		m.f.Primary = store.MethodPassword
	case "AccessPass":
		m.f.Primary = ""
	case "FidoKey":
		m.f.Primary, m.f.Secondary = store.MethodPasskey, store.MethodPasskey
	case "PhoneAppOTP":
		m.f.Secondary = store.MethodTOTP
	case "PhoneAppNotification":
		m.f.Secondary, m.f.PushLate = store.MethodPush, false
	}
}

func (m *machine) gavePassword(password string) *aadsts {
	if password == "" && m.goesOn(pagePassword) {
		return m.accepts(store.MethodPassword)
	}
	if err := checkPassword(m.user, password, m.t.Now(), lockoutThreshold(m.f.Request.Host)); err != nil {
		return m.refused(err)
	}
	return m.accepts(store.MethodPassword)
}

func (m *machine) gavePass(pass string) *aadsts {
	method, err := checkAccessPass(m.user, pass, m.t.Now())
	if err != nil {
		return m.refused(err)
	}
	return m.accepts(method)
}

// gavePasskey spends the challenge whatever comes of it.
func (m *machine) gavePasskey(assertion string, check func(challenge, assertion string) *aadsts) *aadsts {
	challenge := m.f.Challenge
	m.f.Challenge = ""
	if m.user == nil || challenge == "" {
		return expiredFlow()
	}
	if err := check(challenge, assertion); err != nil {
		return m.refused(err)
	}
	return m.accepts(store.MethodPasskey)
}

// accepts notes the factor. A disabled account learns that it is only after it has proved
// who it is.
func (m *machine) accepts(method store.Method) *aadsts {
	if !m.user.Enabled {
		return m.refused(fail(disabledUser, "invalid_grant", "The user account is disabled."))
	}
	m.did(method, m.t.Now())
	return nil
}

// refused logs a credential that was not accepted.
func (m *machine) refused(err *aadsts) *aadsts {
	m.f.Interactive = true
	m.t.AddSignIn(m.row(ca.Decision{}, store.Grant{}, err))
	return err
}

// processAuth takes the second factor: a code, or the word of a script or client that it
// was settled over BeginAuth and EndAuth.
func (s *Server) processAuth(r *http.Request) answer {
	return s.act(r, secondFields, []pageKind{pageCode, pagePush, pageMethods}, func(m *machine) *aadsts {
		switch {
		case m.f.CodeSent:
			m.f.CodeSent = false
			return m.accepts(store.MethodTOTP)
		case r.PostForm.Get("mfaAuthMethod") == "PhoneAppNotification" || m.f.PushID != "" && !r.PostForm.Has("otc"):
			return m.answeredPush()
		}
		return m.gaveCode(r.PostForm.Get("otc"))
	})
}

func (m *machine) gaveCode(code string) *aadsts {
	if code == "" && m.goesOn(pageCode) {
		return m.accepts(store.MethodTOTP)
	}
	if err := m.codeError(code); err != nil {
		return m.refused(err)
	}
	return m.accepts(store.MethodTOTP)
}

func (m *machine) codeError(code string) *aadsts {
	if m.user.TOTPSecret == "" {
		return fail(secondFactorFailed, "invalid_grant", "Authentication failed during strong authentication request.")
	}
	return checkTOTP(m.user, code, m.t.Now())
}

func (m *machine) answeredPush() *aadsts {
	push, ok := m.t.Pushes.Get(m.f.PushID)
	m.f.PushID, m.f.PushLate = "", ok && m.late(push)
	if !ok || push.State != store.PushApproved || push.Flow != m.f.Token {
		return m.refused(fail(secondFactorFailed, "invalid_grant", "Authentication failed during strong authentication request: the notification was not approved."))
	}
	m.t.Pushes.Delete(push.ID)
	return m.accepts(store.MethodPush)
}

// postStay takes the answer to "stay signed in?".
func (s *Server) postStay(r *http.Request) answer {
	return s.act(r, stayFields, []pageKind{pageStay}, func(m *machine) *aadsts {
		m.f.StayAsked = true
		m.f.Stay, m.f.StayNever = r.PostForm.Get("LoginOptions") == "1", r.PostForm.Get("DontShowAgain") == "true"
		return nil
	})
}

// postConsent takes the answer to the consent page; a no goes to the client.
func (s *Server) postConsent(r *http.Request) answer {
	return s.yesOrNo(r, []pageKind{pageConsent, pageAdminConsent}, "acceptConsent", fail(consentDeclined, "access_denied", "User declined to consent to access the app."),
		func(m *machine) {
			m.f.Consented = true
			m.t.Consent(m.app, m.f.UserID, m.f.Request.Resource, without(m.f.Request.Scopes, append([]string{defaultScope}, oidcScopes...)...))
		})
}

// postConfirm takes the answer to "are you trying to sign in to …?".
func (s *Server) postConfirm(r *http.Request) answer {
	return s.yesOrNo(r, []pageKind{pageConfirm}, "ContinueAuth", fail(cmsiInterrupt, "authorization_declined", "The user declined the sign-in."),
		func(m *machine) { m.f.Confirmed = true })
}

func (s *Server) yesOrNo(r *http.Request, pages []pageKind, field string, declined *aadsts, yes func(m *machine)) answer {
	return s.onFlow(r, loginFields, pages, func(m *machine) (answer, error) {
		if r.PostForm.Get(field) == "true" && m.f.Page != string(pageAdminConsent) {
			yes(m)
			return s.show(r, m, nil)
		}
		m.t.Flows.Delete(m.f.Token)
		if code, ok := m.t.DeviceCodes.Get(m.f.Request.DeviceCode); ok {
			code.Declined = true
			return s.messagePage(r, m.t, "deviceDeclined"), nil
		}
		return s.clientError(r, m.t, m.f, declined), nil
	})
}

// passkeyPage is the ceremony on the passkey origin: the sign-in page posts its flow there,
// the token in the field canary (observed).
func (s *Server) passkeyPage(r *http.Request) answer {
	return s.onFlow(r, fidoFields, loginPages, func(m *machine) (answer, error) {
		if m.user == nil || m.f.Challenge == "" {
			return answer{}, expiredFlow()
		}
		return s.page(r, m, stage{Page: pagePasskey}, nil)
	})
}
