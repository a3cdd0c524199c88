package login_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

func TestClientCredentials(t *testing.T) {
	for name, row := range map[string]struct {
		form   map[string]string
		number int
		status int
	}{
		"right secret":             {nil, 0, http.StatusOK},
		"wrong secret":             {map[string]string{"client_secret": "guess"}, 7000215, http.StatusUnauthorized},
		"no secret":                {map[string]string{"client_secret": ""}, 7000218, http.StatusUnauthorized},
		"a single scope":           {map[string]string{"scope": "https://graph.microsoft.com/User.Read.All"}, 1002012, http.StatusBadRequest},
		"another resource":         {map[string]string{"scope": "https://other.example/.default"}, 500011, http.StatusBadRequest},
		"a public client's secret": {map[string]string{"client_id": "harness"}, 700025, http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.client.ClientID = w.facts.FixturesID
			form := map[string]string{
				"grant_type": "client_credentials", "client_secret": w.facts.FixturesSecret, "scope": "https://graph.microsoft.com/.default",
			}
			maps.Copy(form, row.form)
			if form["client_id"] == "harness" {
				form["client_id"] = w.facts.HarnessID
			}
			tokens, err := w.browser().Token(w.client, form)
			if err != nil {
				t.Fatal(err)
			}
			if tokens.Status != row.status || (row.number != 0) != slices.Contains(tokens.Codes, row.number) {
				t.Fatalf("answer %d %v, want %d AADSTS%d: %s", tokens.Status, tokens.Codes, row.status, row.number, tokens.Description)
			}
			if row.number != 0 {
				return
			}
			claims := claimsOf(t, tokens.Access)
			roles, _ := claims["roles"].([]any)
			if claims["idtyp"] != "app" || claims["scp"] != nil || !slices.Contains(roles, any("Policy.ReadWrite.ConditionalAccess")) {
				t.Errorf("claims %v", claims)
			}
		})
	}
}

// assertion signs a client assertion as MSAL does.
func assertion(t *testing.T, key crypto.Signer, method jwt.SigningMethod, header, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(token.Header, header)
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestClientAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	padded, unpadded := base64.StdEncoding.EncodeToString(sum[:]), base64.RawURLEncoding.EncodeToString(sum[:])
	for name, row := range map[string]struct {
		method jwt.SigningMethod
		key    crypto.Signer
		header map[string]any
		claims map[string]any
		ok     bool
	}{
		"PS256, padded thumbprint":    {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, nil, true},
		"RS256, base64url thumbprint": {jwt.SigningMethodRS256, key, map[string]any{"x5t#S256": unpadded}, nil, true},
		"without a thumbprint":        {jwt.SigningMethodPS256, key, nil, nil, false},
		"ES256":                       {jwt.SigningMethodES256, other, map[string]any{"x5t#S256": padded}, nil, false},
		"expired":                     {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"exp": begin.Add(-time.Hour).Unix()}, false},
		"without an expiry":           {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"exp": nil}, false},
		"another audience":            {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"aud": "https://other.example"}, false},
		"another issuer":              {jwt.SigningMethodPS256, key, map[string]any{"x5t#S256": padded}, map[string]any{"iss": "other"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tenant(func(t *store.Tenant) {
				app, _ := t.Apps.Get(w.facts.FixturesID)
				app.Certificates = []store.AppCertificate{{ID: "1", Certificate: cert}}
			})
			claims := map[string]any{
				"iss": w.facts.FixturesID, "sub": w.facts.FixturesID, "exp": begin.Add(10 * time.Minute).Unix(), "jti": "1",
				"aud": fmt.Sprintf("https://login.microsoftonline.com/%s/oauth2/v2.0/token", w.facts.TenantID),
			}
			maps.Copy(claims, row.claims)
			maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
			w.client.ClientID = w.facts.FixturesID
			tokens, err := w.browser().Token(w.client, map[string]string{
				"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
				"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				"client_assertion":      assertion(t, row.key, row.method, row.header, claims),
			})
			if err != nil {
				t.Fatal(err)
			}
			if (tokens.Status == http.StatusOK) != row.ok {
				t.Errorf("answer %d %s", tokens.Status, tokens.Description)
			}
		})
	}
}

// A token of another issuer proves an application that names it, and nothing else.
func TestFederatedAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		key    *rsa.PrivateKey
		claims map[string]any
		number string
	}{
		"as registered":     {key, nil, ""},
		"another issuer":    {key, map[string]any{"iss": "https://other.example"}, "AADSTS700211"},
		"another subject":   {key, map[string]any{"sub": "somebody"}, "AADSTS700213"},
		"another audience":  {key, map[string]any{"aud": "https://other.example"}, "AADSTS700212"},
		"another key":       {other, nil, "AADSTS50013"},
		"expired":           {key, map[string]any{"exp": begin.Add(-time.Hour).Unix()}, "AADSTS50013"},
		"without an expiry": {key, map[string]any{"exp": nil}, "AADSTS50013"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.tenant(func(t *store.Tenant) {
				app, _ := t.Apps.Get(w.facts.FixturesID)
				app.Federated = []store.FederatedCredential{{Issuer: "https://issuer.example", Subject: "job", Audience: "api://AzureADTokenExchange", Key: &key.PublicKey}}
			})
			claims := map[string]any{"iss": "https://issuer.example", "sub": "job", "aud": "api://AzureADTokenExchange", "exp": begin.Add(10 * time.Minute).Unix()}
			maps.Copy(claims, row.claims)
			maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
			w.client.ClientID = w.facts.FixturesID
			tokens, err := w.browser().Token(w.client, map[string]string{
				"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default",
				"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
				"client_assertion":      assertion(t, row.key, jwt.SigningMethodRS256, nil, claims),
			})
			if err != nil {
				t.Fatal(err)
			}
			if (tokens.Status == http.StatusOK) != (row.number == "") || !strings.HasPrefix(tokens.Description, row.number) {
				t.Errorf("answer %d %s, want %q", tokens.Status, tokens.Description, row.number)
			}
		})
	}
}
