package login

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// refreshLife is how long a refresh token can stay unused (documented: 90 days).
const refreshLife = 90 * 24 * time.Hour

// tokenRequest is a request to the token endpoint, with the client already authenticated.
type tokenRequest struct {
	at     target
	form   url.Values
	app    *store.Application
	claims claimsParameter
	secret bool // the client proved itself with a secret or a certificate
	cert   bool
	agent  string
	origin string // of the script that asks; empty: no browser, or a page of this host
}

// token redeems a grant.
func (s *Server) token(r *http.Request) answer {
	if err := r.ParseForm(); err != nil {
		return s.refuseToken(r, "", fail(badRequest, "invalid_request", "The request body cannot be read."))
	}
	form := r.PostForm
	tenant, refused := s.tenantFor(at(r).Segment, s.byHandle(form.Get("code")), s.byHandle(form.Get("refresh_token")),
		s.byHandle(form.Get("device_code")), s.byClient(form.Get("client_id")))
	if refused != nil {
		return s.refuseToken(r, "", refused)
	}
	var issue tokens
	err := s.store.With(tenant, func(t *store.Tenant) error {
		request := tokenRequest{at: at(r), form: form, agent: r.UserAgent(), origin: r.Header.Get("Origin")}
		if refused := s.authenticate(t, &request, r); refused != nil {
			return refused
		}
		var refused *aadsts
		issue, refused = s.redeem(t, request)
		if refused != nil {
			return refused
		}
		return nil
	})
	if err != nil {
		return s.refuseToken(r, tenant, asAADSTS(err))
	}
	return s.issueTokens(r, tenant, issue)
}

// redeem dispatches on the grant. MSAL for Go sends the device code grant under its short
// name (measured).
func (s *Server) redeem(t *store.Tenant, r tokenRequest) (tokens, *aadsts) {
	if text := r.form.Get("claims"); text != "" {
		claims, err := parseClaims(text)
		if err != nil {
			return tokens{}, err
		}
		r.claims = claims
	}
	switch grant := r.form.Get("grant_type"); grant {
	case "authorization_code":
		return redeemCode(t, r)
	case "refresh_token":
		return refresh(t, r)
	case "client_credentials":
		return clientCredentials(t, r)
	case "device_code", "urn:ietf:params:oauth:grant-type:device_code":
		return redeemDeviceCode(t, r)
	case "":
		return tokens{}, missing("grant_type")
	default:
		return tokens{}, fail(grantUnsupported, "unsupported_grant_type", "The app requested an unsupported grant type '%s'.", grant)
	}
}

// redeemCode checks what binds a code to its request: client, redirect URI, PKCE, age, once.
// Policies were evaluated when the code was issued, and are not again.
func redeemCode(t *store.Tenant, r tokenRequest) (tokens, *aadsts) {
	code, ok := t.Codes.Get(r.form.Get("code"))
	switch {
	case r.form.Get("code") == "":
		return tokens{}, missing("code")
	case !ok || code.Grant.ClientID != r.app.ClientID:
		return tokens{}, fail(70000, "invalid_grant", "The provided value for the 'code' parameter is not valid.")
	case code.Redeemed:
		return tokens{}, fail(codeRedeemed, "invalid_grant", "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.")
	case t.Now().Sub(code.IssuedAt) > codeLife:
		return tokens{}, fail(codeExpired, "invalid_grant", "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.")
	case r.form.Get("redirect_uri") != code.RedirectURI:
		return tokens{}, fail(500112, "invalid_client", "The reply address '%s' does not match the reply address '%s' provided when requesting Authorization code.", r.form.Get("redirect_uri"), code.RedirectURI)
	}
	if err := cmp.Or(checkVerifier(code.Challenge, r.form.Get("code_verifier")), checkOrigin(r, code.Grant)); err != nil {
		return tokens{}, err
	}
	g, err := redeemedScopes(t, r, code.Grant)
	if err != nil {
		return tokens{}, err
	}
	code.Redeemed = true
	return grantTokens(t, r, g)
}

// redeemedScopes lets the token request name the scopes anew (documented, as an extension of
// the protocol). MSAL for Go asks for openid only here when its caller opens the address
// (measured). Inferred: they stay within the resource whose policies the code answers for, and
// take nothing away.
func redeemedScopes(t *store.Tenant, r tokenRequest, g store.Grant) (store.Grant, *aadsts) {
	text := r.form.Get("scope")
	user, known := t.Users.Get(g.UserID)
	if text == "" || r.at.V1 || !known { // a user who is gone is refused when the tokens are made
		return g, nil
	}
	resource, asked, err := parseScopes(text)
	if err != nil {
		return g, err
	}
	if len(without(asked, oidcScopes...)) > 0 && resource != g.Resource {
		return g, fail(70011, "invalid_scope", "The provided value for the input parameter 'scope' is not valid. The code was issued for another resource than the scope %s names.", text)
	}
	consented, err := redeemableScopes(r.app, user, g.Resource, asked)
	if err != nil {
		return g, err
	}
	// What the protocol's own scopes asked for at the authorize endpoint stays.
	g.Scopes = mergeScopes(mergeScopes(asked, intersection(g.Scopes, oidcScopes)), consented)
	return g, nil
}

func intersection(list, with []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return !slices.Contains(with, v) })
}

// checkVerifier compares by PKCE's S256 (RFC 7636).
func checkVerifier(challenge, verifier string) *aadsts {
	if challenge == "" && verifier == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(verifier))
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) != 1 {
		return fail(pkceMismatch, "invalid_grant", "The Code_Verifier does not match the code_challenge supplied in the authorization request.")
	}
	return nil
}

// grantTokens issues the tokens of a grant that was evaluated before, with a refresh token
// when offline_access was asked.
func grantTokens(t *store.Tenant, r tokenRequest, g store.Grant) (tokens, *aadsts) {
	if _, ok := t.Users.Get(g.UserID); !ok {
		return tokens{}, fail(unknownUser, "invalid_grant", "The user account does not exist in the %s directory.", t.DisplayName)
	}
	// The code's request and the token request may both carry claims; either will do.
	g.CP1 = g.CP1 || r.claims.cp1()
	issue := newTokens(t, r, g)
	if slices.Contains(g.Scopes, "offline_access") {
		issue.refresh = newRefreshToken(t, g)
	}
	return issue, nil
}

func newRefreshToken(t *store.Tenant, g store.Grant) string {
	token := "1." + newHandle(t) + t.NewSecret(48)
	g.Nonce = ""
	t.RefreshTokens.Put(token, &store.RefreshToken{Token: token, Grant: g, IssuedAt: t.Now()})
	return token
}

// refresh continues a grant, evaluated anew with the factors that it stands on.
func refresh(t *store.Tenant, r tokenRequest) (tokens, *aadsts) {
	old, ok := t.RefreshTokens.Get(r.form.Get("refresh_token"))
	if r.form.Get("refresh_token") == "" {
		return tokens{}, missing("refresh_token")
	}
	if !ok || !mayRedeem(r, old.Grant.ClientID) {
		return tokens{}, fail(70000, "invalid_grant", "The provided value for the 'refresh_token' parameter is not valid.")
	}
	if err := cmp.Or(checkOrigin(r, old.Grant), checkSPALife(old.Grant, t.Now())); err != nil {
		return tokens{}, err
	}
	user, err := refreshUser(t, old)
	if err != nil {
		return tokens{}, err
	}
	g, err := refreshedGrant(t, r, old.Grant, user)
	if err != nil {
		return tokens{}, err
	}
	return grantTokens(t, r, g)
}

// mayRedeem: a refresh token belongs to its client. Observed in nested apps: the portal's
// shell redeems its own for the clients that it brokers, naming itself in brk_client_id.
func mayRedeem(r tokenRequest, owner string) bool {
	if r.app.ClientID == owner {
		return true
	}
	return r.app.FirstParty && r.form.Get("brk_client_id") == owner && strings.HasPrefix(r.form.Get("redirect_uri"), "brk-"+owner+"://")
}

func refreshUser(t *store.Tenant, old *store.RefreshToken) (*store.User, *aadsts) {
	user, ok := t.Users.Get(old.Grant.UserID)
	switch {
	case !ok || !user.Enabled:
		return nil, fail(disabledUser, "invalid_grant", "The user account is disabled.")
	case t.Now().Sub(old.IssuedAt) > refreshLife || !old.RevokedAt.IsZero():
		return nil, fail(refreshRefused, "invalid_grant", "The refresh token has expired due to inactivity. The token was issued on %s.", old.IssuedAt.Format(time.RFC3339))
	case old.IssuedAt.Before(user.SignInsValidAt) || old.IssuedAt.Before(user.PasswordChangedAt):
		return nil, fail(sessionRevoked, "invalid_grant", "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.")
	}
	return user, nil
}
