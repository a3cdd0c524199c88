package graphapi

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// Verifier reads a bearer token. It checks the signature, which is over the header with
// its nonce transformed (observed), and returns an error for whatever no tenant issued.
// Times and audience are checked here, against the tenant's clock.
type Verifier interface {
	Verify(ctx context.Context, bearer string) (Token, error)
}

// Token is what Microsoft Graph reads of an access token.
type Token struct {
	TenantID  string
	Audience  string
	AppID     string
	UserID    string // object id of the user; empty for an application that acts by itself
	TokenID   string // uti
	Scopes    []string
	Roles     []string // application permissions
	AMR       []string
	ACRS      []string
	XMSCC     []string
	IssuedAt  time.Time
	NotBefore time.Time
	Expires   time.Time
}

// bearer takes the token out of the Authorization header.
func bearer(r *http.Request) (string, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return "", invalidToken("Access token is empty.")
	}
	return strings.TrimSpace(token), nil
}

const wwwAuthenticate = `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="` + store.AppIDGraph + `"`

func invalidToken(message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, code: "InvalidAuthenticationToken", message: message, authenticate: wwwAuthenticate}
}

// clockSkew is what the service forgives a token's times (documented for token validation).
const clockSkew = 5 * time.Minute

// checkToken checks the audience and times of a token whose signature is right, and
// whether the tenant still knows it.
func checkToken(t *store.Tenant, token Token, host string) error {
	now := t.Now()
	audiences := []string{"https://" + host, "https://" + host + "/", store.AppIDGraph}
	if c, _, ok := cloud.Of(host); ok { // a national cloud has hosts that share an audience
		audiences = append(audiences, "https://"+c.Graph)
	}
	switch {
	case !slices.Contains(audiences, token.Audience):
		return invalidToken("Access token validation failure. Invalid audience.")
	case now.After(token.Expires):
		return invalidToken("Lifetime validation failed, the token is expired.")
	case now.Add(clockSkew).Before(token.NotBefore):
		return invalidToken("Lifetime validation failed, the token is not yet valid.")
	}
	return evaluateContinuously(t, token)
}

// evaluateContinuously refuses a token of a cp1 client that is older than a change of
// policy, of the user's directory roles or a revocation, and says how to get a newer one
// (observed: TokenCreatedWithOutdatedPolicies). Switched by the setting cae. The new
// token needs no prompt, so a client that answers the challenge goes on.
func evaluateContinuously(t *store.Tenant, token Token) error {
	if !t.Settings.CAE || !containsFold(token.XMSCC, "cp1") || token.UserID == "" {
		return nil
	}
	changes := []time.Time{t.PoliciesChangedAt}
	if u, ok := t.Users.Get(token.UserID); ok {
		changes = append(changes, u.RolesChangedAt, u.SignInsValidAt)
	}
	changed := lastUntil(t.Now(), changes)
	// Tokens tell whole seconds: one of the same second counts as newer.
	if changed.IsZero() || !token.IssuedAt.Before(changed.Truncate(time.Second)) {
		return nil
	}
	return outdated(changed)
}

// outdated is the challenge of a token that is older than the instant.
func outdated(changed time.Time) error {
	claims := fmt.Sprintf(`{"access_token":{"nbf":{"essential":true,"value":"%d"}}}`, changed.Unix())
	e := invalidToken("Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenCreatedWithOutdatedPolicies")
	e.authenticate += fmt.Sprintf(`, error="insufficient_claims", claims="%s"`, base64.StdEncoding.EncodeToString([]byte(claims)))
	return e
}

// lastUntil is the latest of the instants that have come: a policy that takes effect
// later, by the lag of policies, makes no token old yet.
func lastUntil(now time.Time, instants []time.Time) (last time.Time) {
	for _, at := range instants {
		if at.After(last) && !at.After(now) {
			last = at
		}
	}
	return last
}

func containsFold(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
}
