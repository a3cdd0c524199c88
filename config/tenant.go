package config

import (
	"time"

	"github.com/reprompt/reprompt/secret"
)

// Schema is the form of tenant file that this package reads.
const Schema = "reprompt/tenant/v1"

// Defaults of what may be left out.
const (
	defaultActivations = 10
	defaultPage        = 30 * time.Second
	defaultStep        = 2 * time.Minute
	defaultPropagation = 5 * time.Minute
	defaultSettle      = 5 * time.Minute
)

// What a step-up must consist of to count, per role.
const (
	RequireAny               = "any"
	RequireMFA               = "mfa"
	RequirePhishingResistant = "phishing-resistant"
)

// Tenant is a tenant file, read and checked. Ids are in lower case, paths absolute or relative to
// the working folder.
type Tenant struct {
	File     string // where it was read from
	Cloud    Cloud
	TenantID string
	Domain   string

	FixturesApp *Application // nil on a tenant that is only proved
	ReaderApp   *Application // nil: FixturesApp reads, too
	HarnessApp  HarnessApp
	Admin       Admin
	TestAdmins  []Admin // others beside Admin, so that several roles are proved at a time
	Safety      Safety
	Roles       map[string]Role // by display name

	Proxy     string // URL; empty: none
	CAFile    string // path; empty: none
	CA        []byte // the content of CAFile: PEM with at least one certificate
	TestClock *TestClock
	Waits     Waits
	Browser   Browser
	Portal    Portal
	Signing   Signing
	Notify    Notify
	// ControlsFile holds rows of a control map; empty: none but those built in. It is not read here.
	ControlsFile string
}

// Application signs in as itself. Exactly one of ClientSecret, CertificateFile, WorkloadIdentity,
// ManagedIdentity and AzureCLI is set.
type Application struct {
	ClientID            string // empty with AzureCLI, and with the identity that the machine itself has
	ClientSecret        secret.Text
	CertificateFile     string      // PEM or PKCS #12 with its key; only its owner may read it
	CertificatePassword secret.Text // of CertificateFile; empty: it has none
	WorkloadIdentity    bool        // a federated token, whose file AZURE_FEDERATED_TOKEN_FILE names
	ManagedIdentity     bool        // of the machine that this runs on
	AzureCLI            bool        // whoever is signed in to the Azure CLI
}

// Reader is the application that prove and doctor read with: reader_app, else fixtures_app. Load makes
// sure that one of them is there; without either it is one that cannot sign in.
func (t *Tenant) Reader() Application {
	switch {
	case t.ReaderApp != nil:
		return *t.ReaderApp
	case t.FixturesApp != nil:
		return *t.FixturesApp
	}
	return Application{}
}

// HarnessApp is the public client through which the admin signs in.
type HarnessApp struct {
	ClientID    string
	RedirectURI string
}

// What a test admin that is made for the run signs in with.
const (
	MadeWithPasskey    = "passkey"
	MadeWithAccessPass = "access-pass"
)

// Admin is the test admin. Make is set alone, or with UPN and ObjectID at least one of Password,
// TemporaryAccessPass, Passkey and Human.
type Admin struct {
	// Make is MadeWithPasskey or MadeWithAccessPass where run makes the account and takes it away again;
	// empty: it is there.
	Make                string
	UPN                 string
	ObjectID            string
	Password            secret.Text
	TOTPSecret          secret.Text // base32 in capitals, without spaces and padding; empty: no one-time codes
	TemporaryAccessPass secret.Text
	Passkey             *Passkey
	Human               bool // a person signs in, in a browser that is shown
}

// Passkey is a discoverable credential of the admin with its private key.
type Passkey struct {
	RPID                     string
	CredentialID, UserHandle []byte
	PrivateKeyPKCS8          secret.Text // base64url without padding
}

// Safety says what may be done to the tenant.
type Safety struct {
	TenantIDs            []string // tenants that may be written to; Tenant.TenantID is one of them
	BreakGlass           []string // object ids that every policy made excludes
	MaxActivationsPerDay int
}

// Role is what is asked of the activation of one role.
type Role struct {
	Require string // RequireAny, RequireMFA or RequirePhishingResistant
}

// Require is what the step-up of the role must consist of: RequireAny for a role that the file
// does not name.
func (t *Tenant) Require(role string) string {
	if r, ok := t.Roles[role]; ok {
		return r.Require
	}
	return RequireAny
}

// TestClock is the control listener of an embedded tenant, on this machine.
type TestClock struct {
	URL   string
	Token secret.Text
}

// Waits are how long is waited, by the machine's clock, before something counts as not coming.
type Waits struct {
	Page        time.Duration // for a page to come and stand still
	Step        time.Duration // for one step of a scenario
	Propagation time.Duration // for a change of the tenant to be seen; 0, of an embedded tenant: it is seen at once
	Settle      time.Duration // by the tenant's clock: how old policies and role setting have to be before a proof
}

// Browser says which browser is driven, and where it may go.
type Browser struct {
	Path       string      // empty: the one that is found, or that of URL
	URL        secret.Text // of a browser that runs already; empty: none. It is not checked here
	AllowHosts []Placed    // patterns of hosts beside BrowserHosts of the cloud; not checked here
}

// Portal says what the portal looks like.
type Portal struct {
	Labels []Placed // paths of files with the names of its controls in another language; not read here
}

// Placed is a text of the tenant file whose meaning this package does not know, and where it stands:
// whoever knows it refuses it with Wrong.
type Placed struct {
	Text         string
	File         string
	Line, Column int
}

// Wrong is the error of a text that cannot be used.
func (p Placed) Wrong(text, mend string) *Error {
	return &Error{File: p.File, Line: p.Line, Column: p.Column, Text: text, Mend: mend}
}
