package tokens

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
)

// algorithm is the only one accepted: the discovery document of every tenant lists RS256 alone
// under id_token_signing_alg_values_supported (documented).
const algorithm = "RS256"

// leeway is the tolerance between this clock and the sign-in host's.
const leeway = 60 * time.Second

// RefusedError says why a token was not believed. It never shows the token or its nonce.
type RefusedError struct {
	// Field is what was wrong: the name of a claim ("iss", "auth_time"), of a header ("alg",
	// "kid", "crit"), or "token" and "signature".
	Field string
	// Text is what was wrong with it: "is HS256, want RS256".
	Text string
}

// Error names the field and what was wrong with it.
func (e *RefusedError) Error() string { return fmt.Sprintf("token refused: %s %s", e.Field, e.Text) }

// Verifier verifies ID tokens of one client in one tenant. Every field but Now, Leeway and
// InsecureWithoutNonce must be set; a token is refused for what is missing here too.
type Verifier struct {
	Issuer   string // exact iss, https://login.microsoftonline.com/TENANT/v2.0
	Audience string // exact aud, the client id
	TenantID string // exact tid
	Nonce    string // the nonce that was sent with the authorize request
	// Keys finds the public key of a token by its kid.
	Keys jwt.Keyfunc
	// Now is the clock of the sign-in host; nil means the machine's.
	Now func() time.Time
	// Leeway is the tolerance for every time; 0 means 60 s, less than 0 none.
	Leeway time.Duration
	// InsecureWithoutNonce accepts a token without a nonce, which is what a refresh returns (OpenID
	// Connect Core 12.2). A nonce that is there must still be the one that was sent.
	InsecureWithoutNonce bool
}

// ID verifies an ID token and returns its claims. It refuses, with a *RefusedError that names the
// field: an algorithm other than RS256 (none and HS256 among them), critical headers, a key or
// signature that is not the tenant's; a wrong or missing iss, aud, tid or nonce; a missing sub,
// oid, iat or exp; a token expired, not yet valid or issued in the future; an auth_time that is no
// whole number, in the future or later than the token; acrs or amr that are no array of strings.
//
// An absent auth_time is no refusal: it is an optional claim. The result proves who was signed in
// and when the host says that was, not that anybody was asked for a credential.
func (v Verifier) ID(raw secret.Text) (IDClaims, error) {
	if err := v.complete(); err != nil {
		return IDClaims{}, err
	}
	p, err := v.open(raw.Reveal())
	if err != nil {
		return IDClaims{}, err
	}
	c, nonce := idClaims(p), p.text("nonce")
	c.SHA256 = digest(raw.Reveal())
	for _, check := range []func() *RefusedError{
		func() *RefusedError { return p.wrong }, // first: what is of a wrong type reads as absent
		func() *RefusedError { return v.addressed(c) },
		func() *RefusedError { return v.answers(p.has("nonce"), nonce) },
		func() *RefusedError { return v.timely(p, c) },
	} {
		if refused := check(); refused != nil {
			return IDClaims{}, refused
		}
	}
	return c, nil
}

// complete refuses a verifier that would check too little.
func (v Verifier) complete() error {
	switch {
	case v.Issuer == "", v.Audience == "", v.TenantID == "":
		return errors.New("verify id token: the verifier needs Issuer, Audience and TenantID")
	case v.Nonce == "" && !v.InsecureWithoutNonce:
		return errors.New("verify id token: the verifier needs the Nonce that was sent")
	case v.Keys == nil:
		return errors.New("verify id token: the verifier needs Keys")
	}
	return nil
}

// open checks form, algorithm and signature.
func (v Verifier) open(raw string) (*payload, error) {
	if strings.ContainsAny(raw, "\r\n") { // encoding/base64 skips line ends, even when strict
		return nil, &RefusedError{Field: "token", Text: "holds a line end"}
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation())
	unverified, _, err := parser.ParseUnverified(raw, &payload{})
	if refused := headerRefused(unverified, err); refused != nil {
		return nil, refused
	}
	p := &payload{}
	if _, err := parser.ParseWithClaims(raw, p, v.Keys); err != nil {
		return nil, signatureRefused(err)
	}
	return p, nil
}

// headerRefused looks at the header before any key is asked for, so that a token cannot choose
// how it is verified.
func headerRefused(t *jwt.Token, err error) *RefusedError {
	if errors.Is(err, jwt.ErrTokenMalformed) || t == nil {
		return &RefusedError{Field: "token", Text: "is no signed JSON web token"}
	}
	if alg, _ := t.Header["alg"].(string); alg != algorithm {
		return &RefusedError{Field: "alg", Text: fmt.Sprintf("is %q, want %s", t.Header["alg"], algorithm)}
	}
	if _, critical := t.Header["crit"]; critical {
		return &RefusedError{Field: "crit", Text: "demands extensions that are not understood"}
	}
	if kid, _ := t.Header["kid"].(string); kid == "" {
		return &RefusedError{Field: "kid", Text: "is missing"}
	}
	return nil
}

// signatureRefused tells a key that is not there from a signature that is not right.
func signatureRefused(err error) *RefusedError {
	if errors.Is(err, jwt.ErrTokenUnverifiable) {
		return &RefusedError{Field: "kid", Text: fmt.Sprintf("names no key of the tenant: %v", err)}
	}
	return &RefusedError{Field: "signature", Text: fmt.Sprintf("does not verify: %v", err)}
}

func idClaims(p *payload) IDClaims {
	c := IDClaims{
		Issuer: p.text("iss"), Audience: p.text("aud"), Subject: p.text("sub"),
		ObjectID: p.text("oid"), TenantID: p.text("tid"), SessionID: p.text("sid"),
		UPN: p.text("upn"), UTI: p.text("uti"),
		IssuedAt: p.instant("iat"), NotBefore: p.instant("nbf"), Expires: p.instant("exp"), AuthTime: p.instant("auth_time"),
		ACRS: p.texts("acrs"), AMR: p.texts("amr"),
	}
	if c.UPN == "" {
		c.UPN = p.text("preferred_username")
	}
	return c
}

// addressed checks who issued the token, for whom and about whom.
func (v Verifier) addressed(c IDClaims) *RefusedError {
	for _, claim := range []struct{ name, got, want string }{
		{"iss", c.Issuer, v.Issuer}, {"aud", c.Audience, v.Audience}, {"tid", c.TenantID, v.TenantID},
	} {
		if claim.got != claim.want {
			return &RefusedError{Field: claim.name, Text: fmt.Sprintf("is %q, want %q", claim.got, claim.want)}
		}
	}
	for _, claim := range []struct{ name, got string }{{"sub", c.Subject}, {"oid", c.ObjectID}} {
		if claim.got == "" {
			return &RefusedError{Field: claim.name, Text: "is missing; ask for the scopes openid and profile"}
		}
	}
	return nil
}

// answers checks that the token answers this request and no other.
func (v Verifier) answers(there bool, nonce string) *RefusedError {
	switch {
	case !there && v.InsecureWithoutNonce:
		return nil
	case nonce == "":
		return &RefusedError{Field: "nonce", Text: "is missing"}
	case nonce != v.Nonce:
		return &RefusedError{Field: "nonce", Text: "is not the one that was sent"}
	}
	return nil
}

// timely checks the times against the clock of the sign-in host.
func (v Verifier) timely(p *payload, c IDClaims) *RefusedError {
	now, tolerance := v.now(), v.tolerance()
	for _, name := range []string{"iat", "exp"} {
		if !p.has(name) {
			return &RefusedError{Field: name, Text: "is missing"}
		}
	}
	if now.After(c.Expires.Add(tolerance)) {
		return &RefusedError{Field: "exp", Text: fmt.Sprintf("is %s, %s ago", stamp(c.Expires), now.Sub(c.Expires).Round(time.Second))}
	}
	for _, claim := range []struct {
		name string
		at   time.Time
	}{{"nbf", c.NotBefore}, {"iat", c.IssuedAt}, {"auth_time", c.AuthTime}} {
		if claim.at.After(now.Add(tolerance)) {
			return &RefusedError{Field: claim.name, Text: fmt.Sprintf("is %s, %s in the future; is the clock right?",
				stamp(claim.at), claim.at.Sub(now).Round(time.Second))}
		}
	}
	if c.AuthTime.After(c.IssuedAt.Add(tolerance)) {
		return &RefusedError{Field: "auth_time", Text: fmt.Sprintf("is %s, later than the token of %s", stamp(c.AuthTime), stamp(c.IssuedAt))}
	}
	return nil
}

func (v Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now().UTC()
	}
	return v.Now()
}

func (v Verifier) tolerance() time.Duration {
	if v.Leeway == 0 {
		return leeway
	}
	return max(v.Leeway, 0)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
