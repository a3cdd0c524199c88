package tokens

import (
	"errors"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/secret"
)

// ReadAccess reads what an access token says about itself, without verifying anything: a Graph
// token carries a header nonce and does not verify as sent (observed). It returns a
// *RefusedError when raw is no JSON web token, which an encrypted token of another API may be, or
// when a claim has a type that Entra does not use.
//
// The result is evidence only together with the server's answer to the token.
func ReadAccess(raw secret.Text) (AccessClaims, error) {
	p := &payload{}
	_, _, err := jwt.NewParser().ParseUnverified(raw.Reveal(), p)
	if err != nil && !errors.Is(err, jwt.ErrTokenUnverifiable) {
		return AccessClaims{}, &RefusedError{Field: "token", Text: "is no JSON web token"}
	}
	c := AccessClaims{
		Audience: p.text("aud"), Issuer: p.text("iss"), AppID: p.text("appid"),
		ObjectID: p.text("oid"), TenantID: p.text("tid"), SessionID: p.text("sid"), UTI: p.text("uti"),
		Scopes: p.words("scp"), Roles: p.texts("roles"), WIDs: p.texts("wids"),
		ACRS: p.texts("acrs"), AMR: p.texts("amr"), XMSCC: p.texts("xms_cc"),
		IssuedAt: p.instant("iat"), NotBefore: p.instant("nbf"), Expires: p.instant("exp"), AuthTime: p.instant("auth_time"),
		SHA256: digest(raw.Reveal()),
	}
	if c.AppID == "" {
		c.AppID = p.text("azp")
	}
	if p.wrong != nil {
		return AccessClaims{}, p.wrong
	}
	return c, nil
}
