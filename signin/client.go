package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// Navigator shows an authorize request to a browser session.
type Navigator interface {
	// Authorize navigates a top-level page to the authorize URL, does there what the page asks for,
	// or nothing when it is a silent navigator, and returns the whole URL, query included, with
	// which the browser was sent to redirectURI. Both URLs hold secrets: errors must not show
	// their queries.
	Authorize(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error)
}

// Client is a registered public client of one tenant. It may be used by several goroutines.
type Client struct {
	Authority   string // sign-in host of the cloud, for example https://login.microsoftonline.com
	TenantID    string // tenant id, a GUID in lower case: the ID token names it so
	ClientID    string
	RedirectURI string // as registered, for example http://localhost
	// Scopes are those of the API, for example https://graph.microsoft.com/.default; openid, profile
	// and offline_access are added.
	Scopes []string
	HTTP   *http.Client // nil means http.DefaultClient; redirects are never followed
	// Now is the clock of the sign-in host; nil means the machine's.
	Now func() time.Time
	// MachineNow is the clock of this machine, for Offset alone; nil means time.Now.
	MachineNow func() time.Time
	// Random gives state, nonce and code verifier; nil means crypto/rand.
	Random io.Reader

	mu   sync.Mutex
	keys jwt.Keyfunc // the tenant's keys as last fetched; nil before
}

// Request is what one sign-in asks for beyond a session.
type Request struct {
	Scopes    []string // nil means Client.Scopes
	Claims    tokens.ClaimsRequest
	Prompt    string // empty leaves the prompt to the tenant's policies
	LoginHint string // user name; empty sends none
	SessionID string // sid of an ID token; empty sends none
}

// Result is a sign-in that came to its end.
type Result struct {
	ID           tokens.IDClaims // verified
	Access       secret.Text
	Refresh      secret.Text // empty when the host gave none
	AccessClaims tokens.AccessClaims
	// AuthorizeURL is what was asked, without state, nonce and code challenge; nil after a Refresh.
	AuthorizeURL *url.URL
	// Sent and Received are the clock of the host before the first request and after the tokens came.
	Sent, Received time.Time
}

// SignIn signs in through nav and redeems the code. It returns an *Error when the host refused, a
// *tokens.RefusedError when the ID token is not to be believed, and nav's own error, wrapped.
//
// A Result proves who is signed in, not that anybody was asked for a credential: nav saw that.
func (c *Client) SignIn(ctx context.Context, nav Navigator, r Request) (Result, error) {
	return c.signIn(ctx, nav, r, c.scopes(r))
}

// Refresh redeems a refresh token. Ask for the claims again: a refresh drops cp1 otherwise
// (observed). Prompt, LoginHint and SessionID play no part.
func (c *Client) Refresh(ctx context.Context, refresh secret.Text, r Request) (Result, error) {
	if refresh.Empty() {
		return Result{}, errors.New("refresh tokens: there is no refresh token; was offline_access granted?")
	}
	sent := c.now()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}, "scope": {c.scopes(r)}}
	answer, err := c.redeem(ctx, form, r.Claims)
	if err != nil {
		return Result{}, fmt.Errorf("refresh tokens: %w", err)
	}
	verifier := c.verifier()
	verifier.InsecureWithoutNonce = true // OpenID Connect Core 12.2: a refresh has none
	result, err := c.result(ctx, answer, verifier)
	if err != nil {
		return Result{}, fmt.Errorf("refresh tokens: %w", err)
	}
	result.Sent = sent
	return result, nil
}

// Probe asks, with prompt=none and nothing but openid and profile, whether the session lives and
// when it last authenticated. loginHint and sid may be empty. A session that does not answer is an
// *Error; its SessionDead tells whether none is there or a policy refused the probe.
//
// The access token that comes along is thrown away unread.
func (c *Client) Probe(ctx context.Context, nav Navigator, loginHint, sid string) (tokens.IDClaims, error) {
	pending, err := c.begin(Request{Prompt: "none", LoginHint: loginHint, SessionID: sid}, "openid profile")
	if err != nil {
		return tokens.IDClaims{}, fmt.Errorf("probe session: %w", err)
	}
	answer, err := c.complete(ctx, nav, pending)
	if err != nil {
		return tokens.IDClaims{}, fmt.Errorf("probe session: %w", err)
	}
	id, err := c.verify(ctx, pending.verifier, answer.IDToken)
	if err != nil {
		return tokens.IDClaims{}, fmt.Errorf("probe session: %w", err)
	}
	return id, nil
}

func (c *Client) signIn(ctx context.Context, nav Navigator, r Request, scope string) (Result, error) {
	sent := c.now()
	pending, err := c.begin(r, scope)
	if err != nil {
		return Result{}, fmt.Errorf("sign in: %w", err)
	}
	answer, err := c.complete(ctx, nav, pending)
	if err != nil {
		return Result{}, fmt.Errorf("sign in: %w", err)
	}
	result, err := c.result(ctx, answer, pending.verifier)
	if err != nil {
		return Result{}, fmt.Errorf("sign in: %w", err)
	}
	result.Sent, result.AuthorizeURL = sent, pending.public()
	return result, nil
}

// result verifies the ID token and reads the access token.
func (c *Client) result(ctx context.Context, answer tokenAnswer, verifier tokens.Verifier) (Result, error) {
	id, err := c.verify(ctx, verifier, answer.IDToken)
	if err != nil {
		return Result{}, err
	}
	access := answer.AccessToken
	claims, err := tokens.ReadAccess(access)
	if err != nil {
		return Result{}, fmt.Errorf("read access token: %w", err)
	}
	return Result{ID: id, Access: access, Refresh: answer.RefreshToken, AccessClaims: claims, Received: c.now()}, nil
}

// verifier is complete but for nonce and keys.
func (c *Client) verifier() tokens.Verifier {
	return tokens.Verifier{
		Issuer:   strings.TrimRight(c.Authority, "/") + "/" + c.TenantID + "/v2.0",
		Audience: c.ClientID, TenantID: c.TenantID, Now: c.now,
	}
}

func (c *Client) scopes(r Request) string {
	scopes := r.Scopes
	if scopes == nil {
		scopes = c.Scopes
	}
	return strings.Join(append([]string{"openid", "profile", "offline_access"}, scopes...), " ")
}

// endpoint is a URL of the tenant. The paths are documented and the same in every cloud, so no
// discovery document is asked for, as MSAL does with the hosts that it knows.
func (c *Client) endpoint(path string) string {
	return strings.TrimRight(c.Authority, "/") + "/" + url.PathEscape(c.TenantID) + path
}

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now().UTC()
	}
	return c.Now().UTC()
}

func (c *Client) random() io.Reader {
	if c.Random == nil {
		return rand.Reader
	}
	return c.Random
}

// http is the client's HTTP client, made not to follow redirects: following one would hand code
// or refresh token to another host.
func (c *Client) http() *http.Client {
	hc := http.Client{}
	if c.HTTP != nil {
		hc = *c.HTTP
	}
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &hc
}
