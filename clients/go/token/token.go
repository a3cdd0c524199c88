// Package token reads the claims of access tokens, which no client does: tokens for Microsoft
// Graph are opaque to everybody but Graph. A test looks to see what the tenant put in.
package token

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Claims are those that the tests look at.
type Claims struct {
	TenantID     string   `json:"tid"`
	ObjectID     string   `json:"oid"`
	AppID        string   `json:"appid"`
	Contexts     []string `json:"acrs"`
	Capabilities []string `json:"xms_cc"`
	Scopes       string   `json:"scp"`
	Roles        []string `json:"roles"`
	// ClientACR is how the client proved itself: "0" not at all, "1" by a secret, "2" by a
	// certificate.
	ClientACR string `json:"appidacr"`
}

// Read reads the claims without verifying anything.
func Read(t *testing.T, text string) Claims {
	t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		t.Fatalf("the token has %d parts, want 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var c Claims
	if err := json.Unmarshal(payload, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// CP1 says whether the token tells of a client that answers claims challenges.
func (c Claims) CP1() bool {
	return slices.ContainsFunc(c.Capabilities, func(s string) bool { return strings.EqualFold(s, "cp1") })
}
