package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

// pending is an authorize request whose answer is still out.
type pending struct {
	authorize    *url.URL
	redirectURI  string
	scope        string
	claims       tokens.ClaimsRequest
	state        secret.Text
	codeVerifier secret.Text
	verifier     tokens.Verifier // holds the nonce
}

// begin makes an authorize request with fresh state, nonce and code verifier.
func (c *Client) begin(r Request, scope string) (pending, error) {
	authorize, err := url.Parse(c.endpoint("/oauth2/v2.0/authorize"))
	if err != nil {
		return pending{}, fmt.Errorf("make authorize request: %w", err)
	}
	p := pending{authorize: authorize, redirectURI: c.RedirectURI, scope: scope, claims: r.Claims, verifier: c.verifier()}
	random := make([]string, 3)
	for i := range random {
		raw := make([]byte, 32) // 256 bits; as text 43 characters, the least that PKCE allows (RFC 7636, 4.1)
		if _, err := io.ReadFull(c.random(), raw); err != nil {
			return pending{}, fmt.Errorf("make authorize request: read random bytes: %w", err)
		}
		random[i] = base64.RawURLEncoding.EncodeToString(raw)
	}
	p.state, p.codeVerifier, p.verifier.Nonce = secret.New(random[0]), secret.New(random[1]), random[2]
	p.authorize.RawQuery = c.query(p, r).Encode()
	return p, nil
}

func (c *Client) query(p pending, r Request) url.Values {
	challenge := sha256.Sum256([]byte(p.codeVerifier.Reveal()))
	q := url.Values{
		"client_id": {c.ClientID}, "redirect_uri": {c.RedirectURI}, "scope": {p.scope},
		"response_type": {"code"}, "response_mode": {"query"},
		"state": {p.state.Reveal()}, "nonce": {p.verifier.Nonce},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	for name, v := range map[string]string{
		"claims": r.Claims.JSON(), "prompt": r.Prompt, "login_hint": r.LoginHint, "sid": r.SessionID,
	} {
		if v != "" {
			q.Set(name, v)
		}
	}
	return q
}

// public is the authorize URL without what could be used to take part in the sign-in.
func (p pending) public() *url.URL {
	u := *p.authorize
	q := u.Query()
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return &u
}

// complete has the browser answer the request and redeems the code.
func (c *Client) complete(ctx context.Context, nav Navigator, p pending) (tokenAnswer, error) {
	shown := *p.authorize // the navigator's own: what it does to it must not change what was asked
	back, err := nav.Authorize(ctx, &shown, p.redirectURI)
	if err != nil {
		return tokenAnswer{}, err
	}
	code, err := p.code(back)
	if err != nil {
		return tokenAnswer{}, err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code.Reveal()}, "redirect_uri": {p.redirectURI},
		"code_verifier": {p.codeVerifier.Reveal()}, "scope": {p.scope},
	}
	return c.redeem(ctx, form, p.claims)
}

// code checks the answer of the authorize endpoint. State is looked at first: an error that answers
// another request is not this one's.
func (p pending) code(back *url.URL) (secret.Text, error) {
	if back == nil || !sentTo(back, p.redirectURI) {
		return secret.Text{}, fmt.Errorf("read authorize answer: the browser was not sent to %s", p.redirectURI)
	}
	q := back.Query()
	if len(q["state"]) != 1 || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(p.state.Reveal())) != 1 {
		return secret.Text{}, errors.New("read authorize answer: state is not the one that was sent")
	}
	if q.Get("error") != "" {
		return secret.Text{}, authorizeError(q)
	}
	if len(q["code"]) != 1 || q.Get("code") == "" {
		return secret.Text{}, fmt.Errorf("read authorize answer: it holds %d codes, want one", len(q["code"]))
	}
	return secret.New(q.Get("code")), nil
}

// sentTo compares scheme, host with port, and path. A browser adds the slash that an address of a
// host alone leaves out.
func sentTo(back *url.URL, redirectURI string) bool {
	want, err := url.Parse(redirectURI)
	if err != nil {
		return false
	}
	path := func(u *url.URL) string { return strings.TrimRight(u.EscapedPath(), "/") }
	return back.Scheme == want.Scheme && back.Host == want.Host && path(back) == path(want)
}
