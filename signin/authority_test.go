package signin_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/signin"
)

const (
	tenant   = "11111111-2222-3333-4444-555555555555"
	client   = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	admin    = "99999999-8888-7777-6666-555555555555"
	redirect = "http://localhost"
)

var (
	now       = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	firstKey  = sync.OnceValue(mustKey)
	secondKey = sync.OnceValue(mustKey)
)

func mustKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// authority is a sign-in host with one tenant, one client and one user, who is signed in already.
// It checks what a host checks; its fields make it answer otherwise.
type authority struct {
	*httptest.Server

	key       func() *rsa.PrivateKey // signs
	kid       string
	use       string                 // of the published key
	published func() *rsa.PrivateKey // nil means key
	refusal   url.Values             // answered by the authorize endpoint instead of a code
	claims    map[string]any         // added to every ID token; nil removes
	answer    map[string]any         // added to every token answer; nil removes
	tokens    http.HandlerFunc       // instead of the token endpoint
	metadata  http.HandlerFunc       // instead of an empty discovery document

	mu         sync.Mutex
	codes      map[string]url.Values // authorize requests, by the code given out
	authorized []url.Values          // authorize requests, in order
	forms      []url.Values          // token requests, in order
	keyFetches int
}

func newAuthority(t *testing.T) *authority {
	a := &authority{key: firstKey, kid: "first", use: "sig", codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /"+tenant+"/oauth2/v2.0/authorize", a.serveAuthorize)
	mux.HandleFunc("POST /"+tenant+"/oauth2/v2.0/token", a.serveToken)
	mux.HandleFunc("GET /"+tenant+"/discovery/v2.0/keys", a.serveKeys)
	mux.HandleFunc("GET /"+tenant+"/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		if a.metadata != nil {
			a.metadata(w, r)
		}
	})
	a.Server = httptest.NewServer(mux)
	t.Cleanup(a.Close)
	return a
}

func (a *authority) client() *signin.Client {
	return &signin.Client{
		Authority: a.URL, TenantID: tenant, ClientID: client, RedirectURI: redirect,
		Scopes: []string{"https://graph.microsoft.com/.default"}, HTTP: a.Client(), Now: func() time.Time { return now },
	}
}

// navigator is a browser made of a func.
type navigator func(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error)

func (n navigator) Authorize(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error) {
	return n(ctx, authorize, redirectURI)
}

// browser asks the authorize endpoint and returns where it was sent.
func (a *authority) browser() navigator {
	return func(ctx context.Context, authorize *url.URL, _ string) (*url.URL, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, authorize.String(), nil)
		if err != nil {
			return nil, err
		}
		resp, err := a.Client().Transport.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		return resp.Location()
	}
}

// detour is the browser with a change on the way back.
func (a *authority) detour(change func(back *url.URL, q url.Values)) navigator {
	return func(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error) {
		back, err := a.browser()(ctx, authorize, redirectURI)
		if err != nil {
			return nil, err
		}
		q := back.Query()
		change(back, q)
		back.RawQuery = q.Encode()
		return back, nil
	}
}

func (a *authority) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	q := r.URL.Query()
	a.authorized = append(a.authorized, q)
	back := url.Values{"state": {q.Get("state")}}
	if a.refusal != nil {
		for name, v := range a.refusal {
			back[name] = v
		}
	} else {
		code := fmt.Sprintf("code-%d", len(a.codes))
		a.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"/?"+back.Encode(), http.StatusFound)
}

func (a *authority) serveToken(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a.forms = append(a.forms, r.PostForm)
	if a.tokens != nil {
		a.tokens(w, r)
		return
	}
	nonce, ok := a.redeemed(r.PostForm)
	if !ok {
		refuse(w, "invalid_grant", 70000, "the grant is not valid")
		return
	}
	answer := map[string]any{"token_type": "Bearer", "id_token": a.idToken(nonce), "access_token": a.accessToken(), "refresh_token": "refresh-1"}
	merge(answer, a.answer)
	_ = json.NewEncoder(w).Encode(answer)
}

// redeemed checks a grant, PKCE included, and returns the nonce of its authorize request.
func (a *authority) redeemed(form url.Values) (nonce string, ok bool) {
	if form.Get("client_id") != client {
		return "", false
	}
	if form.Get("grant_type") == "refresh_token" {
		return "", form.Get("refresh_token") == "refresh-1"
	}
	asked, known := a.codes[form.Get("code")]
	delete(a.codes, form.Get("code"))
	challenge := sha256.Sum256([]byte(form.Get("code_verifier")))
	ok = known && asked.Get("code_challenge_method") == "S256" && len(form.Get("code_verifier")) >= 43 &&
		asked.Get("code_challenge") == base64.RawURLEncoding.EncodeToString(challenge[:]) &&
		form.Get("redirect_uri") == asked.Get("redirect_uri") && form.Get("grant_type") == "authorization_code"
	return asked.Get("nonce"), ok
}

func (a *authority) idToken(nonce string) string {
	claims := map[string]any{
		"aud": client, "iss": a.URL + "/" + tenant + "/v2.0", "tid": tenant, "oid": admin, "sub": "subject", "sid": "session-1",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Add(-time.Minute).Unix(),
		"nonce": nonce, "preferred_username": "admin@contoso.example",
	}
	if nonce == "" {
		delete(claims, "nonce")
	}
	merge(claims, a.claims)
	return a.sign(claims)
}

func (a *authority) accessToken() string {
	return a.sign(map[string]any{"aud": "https://graph.microsoft.com", "oid": admin, "tid": tenant, "xms_cc": []string{"cp1"}, "exp": now.Add(time.Hour).Unix()})
}

func (a *authority) sign(claims map[string]any) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	token.Header["kid"] = a.kid
	raw, err := token.SignedString(a.key())
	if err != nil {
		panic(err)
	}
	return raw
}

// serveKeys publishes the key in Entra's form: no alg, an issuer beside it.
func (a *authority) serveKeys(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keyFetches++
	key := a.key
	if a.published != nil {
		key = a.published
	}
	public := key().PublicKey
	b64 := base64.RawURLEncoding.EncodeToString
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": a.use, "kid": a.kid, "n": b64(public.N.Bytes()), "e": b64(big.NewInt(int64(public.E)).Bytes()),
		"issuer": a.URL + "/" + tenant + "/v2.0",
	}}})
}

// refuse answers as the token endpoint does.
func refuse(w http.ResponseWriter, code string, number int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"error": code, "error_codes": []int{number}, "suberror": "basic_action", "claims": `{"access_token":{}}`,
		"error_description": fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: t\r\nCorrelation ID: c", number, text),
	})
}

func merge(into, change map[string]any) {
	for name, v := range change {
		if into[name] = v; v == nil {
			delete(into, name)
		}
	}
}
