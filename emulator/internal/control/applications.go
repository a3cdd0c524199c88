package control

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// applicationBody is an app registration with the administrator's consent, as the portal's
// pages put one together.
type applicationBody struct {
	DisplayName string `json:"display_name"`
	// Platform of the redirect URIs: "web" is a confidential client, "spa" a page that
	// redeems its codes itself, "public" a native client that may use device codes too.
	Platform     string   `json:"platform"`
	RedirectURIs []string `json:"redirect_uris"`
	Scopes       []string `json:"scopes"`          // delegated permissions on Microsoft Graph
	AppRoles     []string `json:"app_roles"`       // application permissions on Microsoft Graph
	IDClaims     []string `json:"id_token_claims"` // optional claims of the ID token
	Secret       bool     `json:"secret"`          // make a client secret
	Certificate  string   `json:"certificate"`     // PEM, of the key that signs client assertions
	// Federated lets tokens of another issuer prove the application.
	Federated *federatedBody `json:"federated"`
}

// federatedBody is a federated credential. The tenant fetches no keys of its issuer, so that the key is
// given: PEM, of an RSA key.
type federatedBody struct {
	Issuer    string `json:"issuer"`
	Subject   string `json:"subject"`
	Audience  string `json:"audience"` // empty: api://AzureADTokenExchange, which Microsoft documents
	PublicKey string `json:"public_key"`
}

// credential checks the body.
func (b federatedBody) credential() (store.FederatedCredential, error) {
	block, _ := pem.Decode([]byte(b.PublicKey))
	if block == nil || b.Issuer == "" || b.Subject == "" {
		return store.FederatedCredential{}, fmt.Errorf("give issuer, subject and public_key (PEM)")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return store.FederatedCredential{}, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return store.FederatedCredential{}, fmt.Errorf("public_key is no RSA key")
	}
	return store.FederatedCredential{Issuer: b.Issuer, Subject: b.Subject, Audience: cmp.Or(b.Audience, "api://AzureADTokenExchange"), Key: key}, nil
}

type applicationAnswer struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret,omitempty"`
}

// clientSecretLife is the longest life that the portal offers for a client secret.
const clientSecretLife = 2 * 365 * 24 * time.Hour

// registerApplication adds an app registration to the tenant, so that any client can be
// tried against it.
func (h *Handler) registerApplication(r *http.Request) (any, error) {
	var body applicationBody
	if err := read(r, &body); err != nil {
		return nil, err
	}
	app, err := body.application()
	if err != nil {
		return nil, err
	}
	var out applicationAnswer
	err = h.with(r, func(t *store.Tenant) error {
		out = body.put(t, app)
		return nil
	})
	return out, err
}

// application checks the body and makes of it what needs no tenant.
func (b applicationBody) application() (*store.Application, error) {
	app := &store.Application{
		DisplayName: b.DisplayName, Public: b.Platform == "public", Fallback: b.Platform == "public", RedirectURIs: b.RedirectURIs, AppRoles: b.AppRoles, IDClaims: b.IDClaims,
		Scopes: map[string][]string{store.ResourceGraph: b.Scopes},
	}
	switch {
	case b.DisplayName == "":
		return nil, invalid("register application: display_name is missing")
	case !slices.Contains([]string{"web", "spa", "public"}, b.Platform):
		return nil, invalid("register application: platform %q is none of web, spa, public", b.Platform)
	case app.Public && (b.Secret || b.Certificate != "" || b.Federated != nil):
		return nil, invalid("register application: a public client has neither secret nor certificate nor federated credential; make platform web or spa")
	}
	for _, uri := range b.RedirectURIs {
		if u, err := url.Parse(uri); err != nil || u.Scheme == "" || u.Fragment != "" {
			return nil, invalid("register application: redirect URI %q is not absolute, or has a fragment", uri)
		}
	}
	if b.Platform == "spa" {
		app.SPARedirectURIs = b.RedirectURIs
	}
	if b.Federated != nil {
		credential, err := b.Federated.credential()
		if err != nil {
			return nil, invalid("register application: federated: %w", err)
		}
		app.Federated = []store.FederatedCredential{credential}
	}
	if b.Certificate == "" {
		return app, nil
	}
	cert, err := parseCertificate(b.Certificate)
	if err != nil {
		return nil, invalid("register application: certificate: %w", err)
	}
	app.Certificates = []store.AppCertificate{{Certificate: cert}}
	return app, nil
}

func parseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("no PEM block of type CERTIFICATE")
	}
	return x509.ParseCertificate(block.Bytes)
}

// put gives the application its ids and its secret, and puts it into the tenant.
func (b applicationBody) put(t *store.Tenant, app *store.Application) applicationAnswer {
	app.ClientID, app.ObjectID, app.ServiceID, app.CreatedAt = t.NewID(), t.NewID(), t.NewID(), t.Now()
	for i := range app.Certificates {
		app.Certificates[i].ID = t.NewID()
	}
	out := applicationAnswer{ClientID: app.ClientID}
	if b.Secret {
		out.ClientSecret = t.NewSecret(30)
		app.Secrets = []store.AppSecret{{ID: t.NewID(), Value: out.ClientSecret, Expires: t.Now().Add(clientSecretLife)}}
	}
	t.Apps.Put(app.ClientID, app)
	return out
}
