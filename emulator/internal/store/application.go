package store

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"slices"
	"time"
)

// Application is an app registration together with its service principal in the tenant, if
// it has one: without, nobody can sign in to it.
type Application struct {
	ClientID    string // appId
	ObjectID    string // object id of the registration
	ServiceID   string // object id of the service principal; empty: it has none
	DisplayName string
	FirstParty  bool // Microsoft's own client: scopes outside Scopes answer AADSTS65002
	Public      bool // some redirect URI is a public client's, or Fallback holds: it has no secret
	// Fallback is isFallbackPublicClient: without a redirect URI, as in the device code flow,
	// the application counts as a public client.
	Fallback     bool
	RedirectURIs []string // "http://localhost" matches any port and path "/" or none, as documented for loopback
	// SPARedirectURIs are those of RedirectURIs whose platform is the single-page
	// application: their codes and refresh tokens are redeemed by scripts of another origin,
	// and by nobody else.
	SPARedirectURIs []string
	Secrets         []AppSecret
	Certificates    []AppCertificate
	Federated       []FederatedCredential
	AppRoles        []string            // application permissions granted on Microsoft Graph
	Scopes          map[string][]string // delegated scopes that an administrator consented to, by resource ("https://graph.microsoft.com")
	Consents        []*Consent          // delegated scopes with the consent of one user, beside Scopes
	IDClaims        []string            // optional claims of the ID token: "auth_time", "acrs", "sid", "login_hint", "xms_cc", …
	CreatedAt       time.Time
	// AssignmentRequired: only users that are Assigned get a token (AADSTS50105 for others).
	AssignmentRequired bool
	Assigned           []AppAssignment
	OwnerAppID         string          // client id of the application that registered it; empty: nobody, or a person
	Registration       json.RawMessage // as Graph was told; nil where nobody told it, and the fields are all there is
}

// Consent notes that a user consented to scopes of a resource, for themselves only.
func (t *Tenant) Consent(a *Application, user, resource string, scopes []string) {
	held := a.ScopesFor(resource, user)
	fresh := slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return contains(held, scope) })
	if len(fresh) > 0 {
		a.Consents = append(a.Consents, &Consent{ID: t.NewID(), UserID: user, Resource: resource, Scopes: fresh})
	}
}

// AppSecret is a client secret.
type AppSecret struct {
	ID      string
	Name    string // may be empty
	Value   string
	Starts  time.Time // zero: always was
	Expires time.Time
}

// AppCertificate is a certificate that signs client assertions.
type AppCertificate struct {
	ID          string
	Certificate *x509.Certificate
}

// FederatedCredential lets tokens of another issuer prove the application. Entra fetches the issuer's keys
// from its discovery document (documented); the embedded tenant fetches nothing and is given one.
type FederatedCredential struct {
	Issuer, Subject, Audience string
	Key                       *rsa.PublicKey
}

// Resource identifiers of the services that the embedded tenant issues tokens for.
const (
	ResourceGraph = "https://graph.microsoft.com"
	ResourcePIM   = "01fc33a7-78ba-4d2f-a4b7-768e336e890e" // MS-PIM, https://*.mspim.azure.com/
	AppIDGraph    = "00000003-0000-0000-c000-000000000000"
)

// Client ids of Microsoft's own clients that the embedded tenant knows. Observed in public
// lists of first-party applications.
const (
	ClientPortal   = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c" // Azure portal and Entra admin center
	ClientPIM      = "50aaa389-5a33-4f1a-91d7-2c45ecd8dac8" // Microsoft_Azure_PIMCommon
	ClientGraphCLI = "14d82eec-204b-4c2f-b7e8-296a70dab67e" // Microsoft Graph Command Line Tools
	ClientAzureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
)
