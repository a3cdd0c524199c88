package login

import (
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// spaRefreshLife is how long a single-page application can refresh, counted from the sign-in
// and not extended by a refresh (documented: 24 hours).
const spaRefreshLife = 24 * time.Hour

// spaUntil is the end of what a redirect URI's client can refresh; zero unless its platform
// is the single-page application.
func spaUntil(app *store.Application, redirectURI string, now time.Time) time.Time {
	if !slices.ContainsFunc(app.SPARedirectURIs, func(uri string) bool { return redirectMatches(uri, redirectURI) }) {
		return time.Time{}
	}
	return now.Add(spaRefreshLife)
}

// redeemedByScript says that a script of another origin redeems what a sign-in gave it.
// Observed: a web application's page is told 9002326, not that its secret is missing.
func redeemedByScript(r *tokenRequest) bool {
	grant := r.form.Get("grant_type")
	return r.origin != "" && (grant == "authorization_code" || grant == "refresh_token")
}

// checkOrigin lets scripts redeem for single-page applications only, and for those nobody
// but scripts (observed: 9002326 and 9002327 in issues of MSAL.js). The registrations of
// Microsoft's own clients are not public: theirs are redeemed from anywhere.
func checkOrigin(r tokenRequest, g store.Grant) *aadsts {
	script, spa := r.origin != "", !g.SPAUntil.IsZero()
	switch {
	case spa && !script:
		return fail(crossOriginNeeded, "invalid_request", "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.")
	case script && !spa && !r.app.FirstParty:
		return fail(crossOriginRefused, "invalid_request", "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '%s'.", r.origin)
	}
	return nil
}

// checkSPALife refuses a refresh token of a single-page application after its fixed life
// (observed: number, text and suberror in issues of MSAL.js).
func checkSPALife(g store.Grant, now time.Time) *aadsts {
	if g.SPAUntil.IsZero() || !now.After(g.SPAUntil) {
		return nil
	}
	err := fail(spaRefreshRefused, "invalid_grant", "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. "+
		"It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on %s.", g.SPAUntil.Add(-spaRefreshLife).Format(time.RFC3339))
	err.Suberror = "bad_token"
	return err
}
