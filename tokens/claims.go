package tokens

import (
	"slices"
	"strings"
	"time"
)

// IDClaims are the claims of an ID token whose signature, issuer, audience, tenant, nonce
// and times were verified by Verifier.ID. They are an allow-list: nothing else of the token
// is kept, and nothing of it can be used to sign in.
//
// They prove that the sign-in host said this to this client. They do not prove that the
// user was asked for anything: that is what AuthTime is compared for.
type IDClaims struct {
	Issuer    string    `json:"issuer"`     // iss: host and tenant
	Audience  string    `json:"audience"`   // client id of the own registration
	Subject   string    `json:"subject"`    // sub: pairwise for user and client
	ObjectID  string    `json:"object_id"`  // oid
	TenantID  string    `json:"tenant_id"`  // tid
	SessionID string    `json:"session_id"` // sid; empty when the token has none
	UPN       string    `json:"upn"`        // upn, else preferred_username; for people, never for decisions
	UTI       string    `json:"uti"`        // the token's own id; empty when the token has none
	IssuedAt  time.Time `json:"issued_at"`  // iat
	NotBefore time.Time `json:"not_before"` // nbf
	Expires   time.Time `json:"expires"`    // exp
	// AuthTime is when the user last authenticated, one-second grain. It is an optional claim
	// that the registration must ask for; zero means absent, never "never".
	AuthTime time.Time `json:"auth_time"`
	ACRS     []string  `json:"acrs"` // authentication contexts; nil when absent
	AMR      []string  `json:"amr"`  // authentication methods; nil when absent
	// SHA256 is the digest of the whole token as received, in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
}

// AccessClaims are what an access token says about itself. They are not verified, and for
// Microsoft Graph cannot be: its tokens carry a header nonce and do not verify as sent. They
// are opaque evidence; that the server accepted the token is the proof.
type AccessClaims struct {
	Audience  string    `json:"audience"`   // aud: whom the token is for
	Issuer    string    `json:"issuer"`     // iss: host and tenant
	AppID     string    `json:"app_id"`     // appid, in version 2 tokens azp
	ObjectID  string    `json:"object_id"`  // oid
	TenantID  string    `json:"tenant_id"`  // tid
	SessionID string    `json:"session_id"` // sid; empty when the token has none
	UTI       string    `json:"uti"`        // joins the token with rows of the sign-in log
	Scopes    []string  `json:"scopes"`     // scp, split at spaces
	Roles     []string  `json:"roles"`      // application permissions
	WIDs      []string  `json:"wids"`       // template ids of directory roles active at issue
	ACRS      []string  `json:"acrs"`       // authentication contexts; nil when absent
	AMR       []string  `json:"amr"`        // authentication methods; nil when absent
	XMSCC     []string  `json:"xms_cc"`     // client capabilities; "cp1" answers claims challenges
	IssuedAt  time.Time `json:"issued_at"`  // iat
	NotBefore time.Time `json:"not_before"` // nbf
	Expires   time.Time `json:"expires"`    // exp
	AuthTime  time.Time `json:"auth_time"`  // zero when absent, which is usual for Graph
	// SHA256 is the digest of the whole token as received, in lower-case hexadecimal.
	SHA256 string `json:"sha256"`
}

// HasContext reports whether the token holds the authentication context id, for example "c1".
// It says nothing about a prompt: Entra can emit contexts that no policy protects, unasked.
func (c AccessClaims) HasContext(id string) bool { return slices.Contains(c.ACRS, id) }

// HasCP1 reports whether the token's client declared that it answers claims challenges, in any
// case of letters (documented). PIM was observed to refuse every context without it.
func (c AccessClaims) HasCP1() bool {
	return slices.ContainsFunc(c.XMSCC, func(s string) bool { return strings.EqualFold(s, "cp1") })
}
