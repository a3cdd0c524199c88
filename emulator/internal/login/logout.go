package login

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// signedIn is an account of the browser, in any tenant.
type signedIn struct {
	handle string
	id     string // claim sid
	hint   string // value of the optional claim login_hint
	tile   tile
}

// logout ends a session of the browser and goes back to where the client wants. Documented:
// logout_hint, the value of the optional claim login_hint, says which account; without it the
// user is asked, where there are several.
func (s *Server) logout(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.errorPage(r, "", fail(badRequest, "invalid_request", "The request cannot be read."))
	}
	accounts := s.accountsOf(r)
	chosen := slices.IndexFunc(accounts, func(a signedIn) bool {
		return a.hint == r.Form.Get("logout_hint") || a.id == r.PostForm.Get("pick")
	})
	switch {
	case len(accounts) == 1:
		chosen = 0
	case chosen < 0 && len(accounts) > 1:
		return s.signOutPicker(r, accounts)
	}
	out := s.signedOut(r)
	out.cookies = expiredCookies()
	if chosen < 0 {
		return out
	}
	s.endSession(accounts[chosen].handle)
	out.cookies = append(out.cookies, s.cookiesOfOthers(slices.Delete(accounts, chosen, chosen+1))...)
	return out
}

// accountsOf are the accounts that a browser is signed in with.
func (s *Server) accountsOf(r *http.Request) []signedIn {
	var accounts []signedIn
	for _, handle := range browserSessions(r) {
		id, ok := tenantOfHandle(handle)
		if !ok {
			continue
		}
		// A tenant deleted in between has no session left to end.
		_ = s.store.With(id, func(t *store.Tenant) error {
			for _, session := range liveSessions(t, []string{handle}) {
				if user, ok := t.Users.Get(session.UserID); ok {
					accounts = append(accounts, signedIn{
						handle, session.ID, opaqueHint(user), tile{session.ID, user.DisplayName, user.UPN, text(t.Language, "signedIn")},
					})
				}
			}
			return nil
		})
	}
	return accounts
}

// withSession runs f on the session of a handle, if it is still there.
func (s *Server) withSession(handle string, f func(session *store.Session)) {
	id, _ := tenantOfHandle(handle)
	_ = s.store.With(id, func(t *store.Tenant) error {
		if session, ok := t.Sessions.Get(handle); ok {
			f(session)
		}
		return nil
	})
}

func (s *Server) endSession(handle string) {
	s.withSession(handle, func(session *store.Session) { session.SignedOut = true })
}

// cookiesOfOthers carry on the sessions that were not ended.
func (s *Server) cookiesOfOthers(others []signedIn) []*http.Cookie {
	if len(others) == 0 {
		return nil
	}
	var handles []string
	for _, account := range others {
		handles = append(handles, account.handle)
	}
	var cookies []*http.Cookie
	s.withSession(others[0].handle, func(session *store.Session) { cookies = sessionCookies(session, handles) })
	return cookies
}

// signOutPicker asks which account is meant.
func (s *Server) signOutPicker(r *http.Request, accounts []signedIn) answer {
	v := s.plainView(r, pageSignOut)
	v.Target = "https://" + v.Host + r.URL.RequestURI()
	for _, account := range accounts {
		v.Tiles = append(v.Tiles, account.tile)
	}
	return pageAnswer(v)
}

// plainTrace names a request that belongs to no tenant: a random id and the machine's time.
// The correlation is the client's, where it sent one in the query.
func (s *Server) plainTrace(r *http.Request) trace {
	tr := trace{ID: store.RandomID(), CorrelationID: r.URL.Query().Get("client-request-id"), At: s.machineNow(), Host: cloudOf(r).Login}
	if tr.CorrelationID == "" {
		tr.CorrelationID = tr.ID
	}
	return tr
}

// plainView is a page that belongs to no tenant.
func (s *Server) plainView(r *http.Request, kind pageKind) *view {
	c := cloudOf(r)
	return &view{
		Kind: kind, Lang: store.English, Status: http.StatusOK, Host: c.Login, Fido: c.Fido, Segment: "common",
		Trace: s.plainTrace(r), Nonce: newNonce(),
	}
}

func (s *Server) signedOut(r *http.Request) answer {
	to := r.Form.Get("post_logout_redirect_uri")
	if to == "" || !s.registeredAnywhere(at(r).Segment, to) {
		v := s.plainView(r, pageMessage)
		v.Message = "signedOut"
		return pageAnswer(v)
	}
	if state := r.Form.Get("state"); state != "" {
		return redirect(to, "query", url.Values{"state": {state}}, nil)
	}
	return answer{status: http.StatusFound, location: to}
}

// registeredAnywhere says whether an address is a redirect URI of an application of the
// tenant (documented: it must be one of the redirect URIs of the application).
func (s *Server) registeredAnywhere(segment, to string) bool {
	found := false
	for _, id := range s.store.TenantIDs() {
		// A tenant deleted in between has no applications.
		_ = s.store.With(id, func(t *store.Tenant) error {
			if !anyTenant(segment) && !strings.EqualFold(t.ID, segment) && !strings.EqualFold(t.Domain, segment) {
				return nil
			}
			for _, app := range t.Clients() {
				for _, uri := range app.RedirectURIs {
					found = found || redirectMatches(uri, to)
				}
			}
			return nil
		})
	}
	return found
}
