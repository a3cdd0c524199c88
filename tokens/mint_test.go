package tokens_test

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/tokens"
)

const (
	tenant = "11111111-2222-3333-4444-555555555555"
	client = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
	admin  = "99999999-8888-7777-6666-555555555555"
	issuer = "https://login.microsoftonline.com/" + tenant + "/v2.0"
	nonce  = "n-0S6_WzA2Mj"
)

var (
	now        = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	tenantKey  = sync.OnceValue(mustKey)
	foreignKey = sync.OnceValue(mustKey)
)

func mustKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// mint is how a token is made; the zero value is the tenant's own.
type mint struct {
	method jwt.SigningMethod // nil means RS256
	key    any               // nil means the tenant's
	header map[string]any    // added; a nil value removes
	claims map[string]any    // added; a nil value is written as null
	drop   []string          // claims left out
}

// idClaimSet is what Entra puts into an ID token of the own registration.
func idClaimSet() map[string]any {
	return map[string]any{
		"aud": client, "iss": issuer, "tid": tenant, "oid": admin, "sub": "pairwise-subject", "sid": "session-1",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Add(-11 * time.Minute).Unix(),
		"nonce": nonce, "preferred_username": "admin@contoso.example", "uti": "uti-1", "ver": "2.0", "acrs": []string{"c1"},
	}
}

func (m mint) token(t testing.TB) secret.Text {
	t.Helper()
	method, key := m.method, m.key
	if method == nil {
		method = jwt.SigningMethodRS256
	}
	if key == nil {
		key = tenantKey()
	}
	claims := idClaimSet()
	maps.Copy(claims, m.claims)
	for _, name := range m.drop {
		delete(claims, name)
	}
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	token.Header["kid"] = "tenant-key"
	for name, v := range m.header {
		if token.Header[name] = v; v == nil {
			delete(token.Header, name)
		}
	}
	raw, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return secret.New(raw)
}

// verifier believes the tenant's key and no other.
func verifier() tokens.Verifier {
	return tokens.Verifier{
		Issuer: issuer, Audience: client, TenantID: tenant, Nonce: nonce,
		Keys: func(t *jwt.Token) (any, error) {
			if t.Header["kid"] != "tenant-key" {
				return nil, fmt.Errorf("no key %v", t.Header["kid"])
			}
			return &tenantKey().PublicKey, nil
		},
		Now: func() time.Time { return now },
	}
}
