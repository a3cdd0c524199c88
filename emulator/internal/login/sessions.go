package login

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Names of the session cookies (observed). LIGHT holds what scripts may know, in reality;
// here all three carry the handles.
const (
	cookieSession    = "ESTSAUTH"
	cookiePersistent = "ESTSAUTHPERSISTENT"
	cookieLight      = "ESTSAUTHLIGHT"
)

// Lifetimes of a browser session since it was last used (documented: 24 hours, and 90 days
// for one that stays signed in).
const (
	sessionIdle    = 24 * time.Hour
	persistentIdle = 90 * 24 * time.Hour
)

// browserSessions are the handles that a browser's cookies carry, of all tenants.
func browserSessions(r *http.Request) []string {
	var handles []string
	for _, name := range []string{cookiePersistent, cookieSession} {
		cookie, err := r.Cookie(name)
		if err != nil {
			continue
		}
		for _, handle := range strings.Split(cookie.Value, ".") {
			if handle != "" && !slices.Contains(handles, handle) {
				handles = append(handles, handle)
			}
		}
	}
	return handles
}

// tenantOfHandle is the tenant id that session handles and flow tokens begin with.
func tenantOfHandle(handle string) (string, bool) {
	if len(handle) <= 32 {
		return "", false
	}
	h := handle[:32]
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), true
}

// newHandle makes a secret that names its tenant.
func newHandle(t *store.Tenant) string {
	return strings.ReplaceAll(t.ID, "-", "") + t.NewSecret(24)
}

// liveSessions are the browser's sessions of this tenant that still count.
func liveSessions(t *store.Tenant, handles []string) []*store.Session {
	var live []*store.Session
	for _, handle := range handles {
		if session, ok := t.Sessions.Get(handle); ok && alive(t, session) {
			live = append(live, session)
		}
	}
	return live
}

func alive(t *store.Tenant, session *store.Session) bool {
	user, ok := t.Users.Get(session.UserID)
	if !ok || !user.Enabled || session.SignedOut {
		return false
	}
	idle := sessionIdle
	if session.Persistent {
		idle = persistentIdle
	}
	// Revoking sessions, like a new password, ends what was authenticated before.
	began := session.PrimaryAt()
	return t.Now().Sub(session.LastUsedAt) < idle && !began.Before(user.SignInsValidAt) && !began.Before(user.PasswordChangedAt)
}

// sessionCookies carry the sessions back to the browser: the given one first, and those of
// other accounts that were there before. ESTSAUTHPERSISTENT is there when any of them stays
// signed in, and outlives the browser.
func sessionCookies(current *store.Session, others []string) []*http.Cookie {
	value := current.Handle
	for _, handle := range others {
		if handle != current.Handle {
			value += "." + handle
		}
	}
	cookies := []*http.Cookie{sessionCookie(cookieSession, value, 0), sessionCookie(cookieLight, "+"+current.ID, 0)}
	if current.Persistent {
		cookies = append(cookies, sessionCookie(cookiePersistent, value, int(persistentIdle/time.Second)))
	}
	return cookies
}

func sessionCookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode,
	}
}

// expiredCookies sign the browser out.
func expiredCookies() []*http.Cookie {
	var cookies []*http.Cookie
	for _, name := range []string{cookieSession, cookieLight, cookiePersistent} {
		cookies = append(cookies, sessionCookie(name, "", -1))
	}
	return cookies
}
