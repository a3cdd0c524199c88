package issuer

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ID is an ID token of v2.0. Optional claims are emitted when they are set.
type ID struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
	Subject   string `json:"sub"` // pairwise: per application and user
	ObjectID  string `json:"oid"`
	TenantID  string `json:"tid"`
	Version   string `json:"ver"`
	Username  string `json:"preferred_username,omitempty"`
	Name      string `json:"name,omitempty"`
	Email     string `json:"email,omitempty"`
	Nonce     string `json:"nonce,omitempty"`
	TokenID   string `json:"uti"`
	History   string `json:"rh"`

	AuthTime  int64    `json:"auth_time,omitempty"`
	SessionID string   `json:"sid,omitempty"`
	LoginHint string   `json:"login_hint,omitempty"`
	ACRS      []string `json:"acrs,omitempty"`
	ClientCap []string `json:"xms_cc,omitempty"`
}

// Access is an access token in the v1.0 shape of Microsoft Graph's. Claims follow captures
// of real tokens (observed); auth_time is not among them.
type Access struct {
	Audience     string   `json:"aud"`
	Issuer       string   `json:"iss"`
	IssuedAt     int64    `json:"iat"`
	NotBefore    int64    `json:"nbf"`
	Expires      int64    `json:"exp"`
	AccountType  *int     `json:"acct,omitempty"`
	ACR          string   `json:"acr,omitempty"`
	ACRS         []string `json:"acrs,omitempty"`
	AIO          string   `json:"aio"`
	AMR          []string `json:"amr,omitempty"`
	AppName      string   `json:"app_displayname"`
	AppID        string   `json:"appid"`
	AppIDACR     string   `json:"appidacr"` // "0" public client, "1" secret, "2" certificate
	FamilyName   string   `json:"family_name,omitempty"`
	GivenName    string   `json:"given_name,omitempty"`
	IdentityType string   `json:"idtyp"` // "user" or "app"
	IPAddress    string   `json:"ipaddr,omitempty"`
	Name         string   `json:"name,omitempty"`
	ObjectID     string   `json:"oid"`
	Platform     string   `json:"platf,omitempty"`
	PUID         string   `json:"puid,omitempty"`
	History      string   `json:"rh"`
	Roles        []string `json:"roles,omitempty"`
	Scopes       string   `json:"scp,omitempty"`
	SessionID    string   `json:"sid,omitempty"`
	State        []string `json:"signin_state,omitempty"`
	Subject      string   `json:"sub"`
	Region       string   `json:"tenant_region_scope"`
	TenantID     string   `json:"tid"`
	UniqueName   string   `json:"unique_name,omitempty"`
	UPN          string   `json:"upn,omitempty"`
	TokenID      string   `json:"uti"`
	Version      string   `json:"ver"`
	WIDs         []string `json:"wids,omitempty"`
	ClientCap    []string `json:"xms_cc,omitempty"`
}

type header struct {
	Type       string `json:"typ"`
	Nonce      string `json:"nonce,omitempty"`
	Algorithm  string `json:"alg"`
	Thumbprint string `json:"x5t,omitempty"`
	KeyID      string `json:"kid"`
}

// SignID returns the ID token signed with the key of that number. Any relying party can verify it.
func (k *Keys) SignID(by int, claims ID) (string, error) {
	p, err := k.number(by)
	if err != nil {
		return "", err
	}
	return seal(p, header{Type: "JWT", Algorithm: "RS256", KeyID: p.public.ID}, "", claims)
}

// SignAccess returns the access token signed with the key of that number, with a nonce in its header. It does not verify
// as sent; [Keys.Verify] undoes the transformation.
func (k *Keys) SignAccess(by int, claims Access) (string, error) { return k.signAccess(by, claims) }

func (k *Keys) signAccess(by int, claims any) (string, error) {
	p, err := k.number(by)
	if err != nil {
		return "", err
	}
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("make a token nonce: %w", err)
	}
	nonce := base64.RawURLEncoding.EncodeToString(random[:])
	return seal(p, header{Type: "JWT", Algorithm: "RS256", Thumbprint: p.public.ID, KeyID: p.public.ID}, nonce, claims)
}

// seal signs claims under a header that holds the transformed nonce, and sends the header
// that holds the nonce itself.
func seal(p pair, h header, nonce string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encode token claims: %w", err)
	}
	body := base64.RawURLEncoding.EncodeToString(payload)
	h.Nonce = transformed(nonce)
	digest := sha256.Sum256([]byte(encodeHeader(h) + "." + body))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	h.Nonce = nonce
	return encodeHeader(h) + "." + body + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func transformed(nonce string) string {
	if nonce == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func encodeHeader(h header) string {
	text, err := json.Marshal(h)
	if err != nil {
		panic(err) // a struct of strings always encodes
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// errNotOurs keeps the reasons apart for tests; the service answers all of them alike.
var errNotOurs = errors.New("not a token of this tenant")

// Verify checks the signature of an access token and returns its claims. It does not look
// at times or audience: those belong to whoever is asked.
func (k *Keys) Verify(bearer string) (Access, error) {
	parts := strings.Split(bearer, ".")
	if len(parts) != 3 {
		return Access{}, fmt.Errorf("read token: three parts expected, %d found: %w", len(parts), errNotOurs)
	}
	var h header
	if err := decode(parts[0], &h); err != nil {
		return Access{}, fmt.Errorf("read token header: %w", err)
	}
	key, ok := k.byID(h.KeyID)
	if !ok || h.Algorithm != "RS256" || h.Nonce == "" {
		return Access{}, fmt.Errorf("read token header: unknown key, algorithm or no nonce: %w", errNotOurs)
	}
	h.Nonce = transformed(h.Nonce)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return Access{}, fmt.Errorf("read token signature: %w", err)
	}
	digest := sha256.Sum256([]byte(encodeHeader(h) + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature); err != nil {
		return Access{}, fmt.Errorf("verify token: %w", err)
	}
	read := struct {
		*Access
		ACRS contexts `json:"acrs"` // before the embedded field: of either form
	}{Access: &Access{}}
	if err := decode(parts[1], &read); err != nil {
		return Access{}, fmt.Errorf("read token claims: %w", err)
	}
	read.Access.ACRS = read.ACRS
	return *read.Access, nil
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
