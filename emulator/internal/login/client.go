package login

import (
	"net"
	"net/url"
	"strings"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// checkClient finds the client of an authorize request and checks its redirect URI. Until
// both hold, an error must not be sent to the redirect URI but shown on a page.
func checkClient(t *store.Tenant, r *store.AuthorizeRequest) (*store.Application, *aadsts) {
	app, ok := t.Client(r.ClientID)
	if !ok {
		return nil, fail(unknownApp, "unauthorized_client",
			"Application with identifier '%s' was not found in the directory '%s'.", r.ClientID, t.DisplayName)
	}
	if r.RedirectURI == "" && len(app.RedirectURIs) > 0 {
		r.RedirectURI = app.RedirectURIs[0]
	}
	for _, registered := range app.RedirectURIs {
		if redirectMatches(registered, r.RedirectURI) {
			return app, nil
		}
	}
	return nil, fail(badRedirect, "invalid_request",
		"The redirect URI '%s' specified in the request does not match the redirect URIs configured for the application '%s'.", r.RedirectURI, app.ClientID)
}

// redirectMatches compares exactly, save for loopback, where any port will do (documented,
// RFC 8252 section 7.3). A missing path and "/" are the same there.
func redirectMatches(registered, asked string) bool {
	if registered == asked {
		return true
	}
	want, err := url.Parse(registered)
	if err != nil || !isLoopback(want) {
		return false
	}
	got, err := url.Parse(asked)
	if err != nil || !isLoopback(got) || got.RawQuery != "" || got.Fragment != "" || got.User != nil {
		return false
	}
	return got.Hostname() == want.Hostname() && strings.TrimRight(got.Path, "/") == strings.TrimRight(want.Path, "/")
}

func isLoopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// clientAppType is how Conditional Access classifies the request. Inferred: a public client
// with a loopback or private-scheme redirect counts as a native app, everything that is
// redirected to an https page as a browser.
func clientAppType(app *store.Application, redirectURI string) string {
	u, err := url.Parse(redirectURI)
	if err == nil && app.Public && u.Scheme != "https" && !strings.HasPrefix(u.Scheme, "brk-") {
		return "mobileAppsAndDesktopClients"
	}
	return "browser"
}
