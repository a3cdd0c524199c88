package login

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// authenticate finds the client of a token request and checks what it proves itself with: a
// secret in the body or in Basic authentication, or an assertion signed by one of its
// certificates. A public client proves nothing, and neither does a script, which [checkOrigin]
// judges.
func (s *Server) authenticate(t *store.Tenant, request *tokenRequest, r *http.Request) *aadsts {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = request.form.Get("client_id"), request.form.Get("client_secret")
	}
	if id == "" {
		return missing("client_id")
	}
	app, ok := t.Client(id)
	if !ok {
		err := fail(unknownApp, "unauthorized_client", "Application with identifier '%s' was not found in the directory '%s'.", id, t.DisplayName)
		err.Status = http.StatusBadRequest
		return err
	}
	request.app = app
	assertion := request.form.Get("client_assertion")
	switch {
	case assertion != "":
		request.cert = true
		return checkAssertion(t, app, r, request.form.Get("client_assertion_type"), assertion)
	case secret != "":
		request.secret = true
		return checkSecret(t, app, secret)
	case !app.Public && !redeemedByScript(request):
		return unauthorized(secretMissing, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	}
	return nil
}

func unauthorized(number int, text string) *aadsts {
	err := fail(number, "invalid_client", "%s", text)
	err.Status = http.StatusUnauthorized
	return err
}

func checkSecret(t *store.Tenant, app *store.Application, secret string) *aadsts {
	if app.Public {
		return unauthorized(700025, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.")
	}
	for _, known := range app.Secrets {
		if subtle.ConstantTimeCompare([]byte(known.Value), []byte(secret)) != 1 {
			continue
		}
		if t.Now().After(known.Expires) {
			return unauthorized(secretExpired, "The provided client secret keys for app '"+app.ClientID+"' are expired.")
		}
		return nil
	}
	return unauthorized(wrongSecret, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '"+app.ClientID+"'.")
}

// assertionLeeway allows for the difference between a client's clock and the tenant's.
const assertionLeeway = 5 * time.Minute

// checkAssertion verifies a client assertion (private_key_jwt). The certificate is found by
// its thumbprint: MSAL sends x5t#S256 in padded standard base64 and no kid (measured);
// others follow RFC 7515 with unpadded base64url.
func checkAssertion(t *store.Tenant, app *store.Application, r *http.Request, kind, assertion string) *aadsts {
	if kind != assertionType {
		return unauthorized(assertionRefused, "The client_assertion_type '"+kind+"' is not supported.")
	}
	if issuer, _ := unverified(assertion).GetIssuer(); issuer != "" && issuer != app.ClientID && len(app.Federated) > 0 {
		return checkFederated(t, app, assertion)
	}
	_, err := jwt.Parse(assertion, func(token *jwt.Token) (any, error) {
		thumbprint, _ := token.Header["x5t#S256"].(string)
		for _, known := range app.Certificates {
			if sameThumbprint(known.Certificate, thumbprint) {
				return known.Certificate.PublicKey, nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	},
		jwt.WithValidMethods([]string{"PS256", "RS256"}), jwt.WithIssuer(app.ClientID), jwt.WithSubject(app.ClientID),
		jwt.WithExpirationRequired(), jwt.WithLeeway(assertionLeeway), jwt.WithTimeFunc(t.Now),
		jwt.WithAudience(tokenEndpoints(t, r)...))
	if err != nil {
		return unauthorized(assertionRefused, "Client assertion failed signature validation or contains invalid claims: "+err.Error()+".")
	}
	return nil
}

// unverified are the claims of an assertion before anybody looked at its signature.
func unverified(assertion string) jwt.MapClaims {
	claims := jwt.MapClaims{}
	_, _, _ = jwt.NewParser().ParseUnverified(assertion, claims) // what cannot be read has no issuer
	return claims
}

// checkFederated verifies a token of another issuer (workload identity federation). Issuer, subject and
// audience are compared as they are written, letter case and all, in this order (documented: workload
// identity federation, and the error codes).
func checkFederated(t *store.Tenant, app *store.Application, assertion string) *aadsts {
	claims := unverified(assertion)
	issuer, _ := claims.GetIssuer()
	subject, _ := claims.GetSubject()
	audience, _ := claims.GetAudience()
	trusted := slices.DeleteFunc(slices.Clone(app.Federated), func(f store.FederatedCredential) bool { return f.Issuer != issuer })
	if len(trusted) == 0 {
		return unmatched(federatedIssuer, "issuer '"+issuer+"'")
	}
	trusted = slices.DeleteFunc(trusted, func(f store.FederatedCredential) bool { return f.Subject != subject })
	if len(trusted) == 0 {
		return unmatched(federatedSubject, "subject '"+subject+"'")
	}
	one := trusted[0]
	if !slices.Contains(audience, one.Audience) {
		return unmatched(federatedAudience, "audience '"+strings.Join(audience, " ")+"'")
	}
	_, err := jwt.Parse(assertion, func(*jwt.Token) (any, error) { return one.Key, nil },
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithExpirationRequired(), jwt.WithLeeway(assertionLeeway), jwt.WithTimeFunc(t.Now))
	if err != nil {
		return unauthorized(federatedRefused, "Assertion failed signature validation: "+err.Error()+".")
	}
	return nil
}

func unmatched(number int, what string) *aadsts {
	return unauthorized(number, "No matching federated identity record found for presented assertion "+what+".")
}

// tokenEndpoints are the audiences that an assertion may name: the endpoint as it was asked,
// and the issuer of the tenant.
func tokenEndpoints(t *store.Tenant, r *http.Request) []string {
	host := hostOf(r)
	return []string{
		"https://" + host + r.URL.Path, "https://" + host + "/" + t.ID + "/oauth2/v2.0/token",
		"https://" + host + "/" + t.ID + "/v2.0",
	}
}

func sameThumbprint(cert *x509.Certificate, thumbprint string) bool {
	sum := sha256.Sum256(cert.Raw)
	return thumbprint == base64.StdEncoding.EncodeToString(sum[:]) || thumbprint == base64.RawURLEncoding.EncodeToString(sum[:])
}
