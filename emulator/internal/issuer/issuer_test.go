package issuer

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

func publicKeys(t *testing.T, k *Keys) jwt.Keyfunc {
	t.Helper()
	document, err := k.Document("https://login.microsoftonline.com/{tenantid}/v2.0", "microsoftonline.com", []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return func(token *jwt.Token) (any, error) {
		for _, entry := range document {
			if entry.ID == token.Header["kid"] {
				n, err := base64.RawURLEncoding.DecodeString(entry.Modulus)
				if err != nil {
					return nil, err
				}
				return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}, nil
			}
		}
		return nil, errors.New("no such key")
	}
}

func TestIDTokenVerifiesWithThePublishedKeys(t *testing.T) {
	keys := NewKeys(time.Now(), 1)
	raw, err := keys.SignID(0, ID{Issuer: "issuer", Audience: "client", Expires: time.Now().Add(time.Hour).Unix(), Subject: "s"})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Parse(raw, publicKeys(t, keys), jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer("issuer"), jwt.WithAudience("client"))
	if err != nil {
		t.Fatalf("verify with the published keys: %v", err)
	}
	if _, ok := token.Header["nonce"]; ok {
		t.Error("an ID token has a nonce in its header")
	}
}

func TestAccessTokenDoesNotVerifyAsSentButTheTenantReadsIt(t *testing.T) {
	keys := NewKeys(time.Now(), 0)
	sent := Access{Audience: "https://graph.microsoft.com", TenantID: "t", TokenID: "u", ACRS: []string{"c1"}, Version: "1.0"}
	raw, err := keys.SignAccess(0, sent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jwt.Parse(raw, publicKeys(t, keys)); !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		t.Errorf("naive verification: %v, want an invalid signature", err)
	}
	got, err := keys.Verify(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Errorf("claims (-sent +read):\n%s", diff)
	}
}

func TestVerifyRefuses(t *testing.T) {
	keys, others := NewKeys(time.Now(), 0), NewKeys(time.Now(), 0)
	sign := func(k *Keys) string {
		raw, err := k.SignAccess(0, Access{Audience: "a"})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	idToken, err := keys.SignID(0, ID{Audience: "a"})
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(sign(keys), ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"a","roles":["Policy.Read.All"]}`))
	for name, raw := range map[string]string{
		"another process's token": sign(others),
		"changed claims":          parts[0] + "." + forged + "." + parts[2],
		"an ID token":             idToken,
		"a broken signature":      parts[0] + "." + parts[1] + ".!",
		"alg none":                base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + ".",
		"no token":                "nonsense",
	} {
		if _, err := keys.Verify(raw); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestKeyDocumentNamesIssuerAndCertificate(t *testing.T) {
	document, err := NewKeys(time.Now(), 0).Document("the issuer", "the instance", []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(document) != 2 {
		t.Fatalf("%d keys, want 2", len(document))
	}
	for _, entry := range document {
		if entry.Issuer != "the issuer" || entry.Instance != "the instance" || len(entry.Certificates) != 1 || entry.ID == "" {
			t.Errorf("incomplete entry %+v", entry)
		}
	}
}
