package suite

import (
	"errors"
	"net/http"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
)

// place is everything that has to be known about a tenant to work on it. The real and the
// embedded tenant differ in its values and in nothing else.
type place struct {
	tenantID string
	domain   string

	authority string // https://login.microsoftonline.com
	graph     string // https://graph.microsoft.com; scopes begin with it
	graphBase string // https://graph.microsoft.com/v1.0
	portal    string // https://entra.microsoft.com

	proxy string // empty: the environment's
	caPEM []byte // nil: the system's roots

	// app prepares a tenant for scenarios, reader reads what is proved. A tenant file may name one
	// of the two only, which then is both.
	app, reader applicationSignIn
	// prepares is true where app may write.
	prepares bool
	// harness is the own public client.
	harnessID, harnessRedirect string

	adminUPN, adminID        string
	adminPassword, adminTOTP secret.Text
	adminPass                secret.Text      // temporary access pass; empty when there is none
	adminPasskey             *browser.Passkey // nil when there is none
	adminMake                string           // what an admin that is yet to be made signs in with; empty when it is there
	// used remembers what must not be sent again, over all sign-ins of the admin.
	used *entra.UsedCodes
	// secrets are the others of the tenant; none of all these may reach the evidence.
	secrets []secret.Text

	// breakGlass are accounts that every policy made here excludes.
	breakGlass []string
	// control is nil when the tenant's clock is a real one.
	control *control
	// pageWithin bounds the wait for one page, in machine time.
	pageWithin time.Duration
	// propagation bounds the wait for a change of the tenant to be seen, in machine time.
	propagation time.Duration
	// settle is how old the configuration has to be before a proof, by the tenant's clock; 0: any age.
	settle time.Duration
	// file is the tenant file; empty for a tenant of this process.
	file string
}

// Bounds on a tenant that no file describes: an embedded one answers at once.
const (
	embeddedPage        = 30 * time.Second
	embeddedPropagation = 30 * time.Second
)

// placeOfAccess is a tenant of an embedded Entra, as its control listener describes it.
func placeOfAccess(a access, c *control, caPEM []byte) (place, error) {
	if a.TenantID == "" || a.Admin.ObjectID == "" {
		return place{}, errors.New("make a tenant: the control listener left out its id or its admin")
	}
	return place{
		tenantID: a.TenantID, domain: a.Domain,
		authority: "https://login.microsoftonline.com",
		graph:     "https://graph.microsoft.com",
		graphBase: "https://graph.microsoft.com/v1.0",
		portal:    "https://entra.microsoft.com",
		proxy:     a.Proxy, caPEM: caPEM,
		app:       withSecret(a.FixturesApp.ClientID, secret.New(a.FixturesApp.ClientSecret)),
		reader:    withSecret(a.ReaderApp.ClientID, secret.New(a.ReaderApp.ClientSecret)),
		prepares:  true,
		harnessID: a.HarnessApp.ClientID, harnessRedirect: a.HarnessApp.RedirectURI,
		adminUPN: a.Admin.UPN, adminID: a.Admin.ObjectID,
		adminPassword: secret.New(a.Admin.Password), adminTOTP: secret.New(a.Admin.TOTPSecret), used: &entra.UsedCodes{},
		secrets:    []secret.Text{secret.New(a.FixturesApp.ClientSecret), secret.New(a.ReaderApp.ClientSecret), c.token},
		control:    c,
		pageWithin: embeddedPage, propagation: embeddedPropagation,
	}, nil
}

// placeOfFile is the tenant of a tenant file.
func placeOfFile(t *config.Tenant) place {
	hosts := t.Hosts()
	p := place{
		tenantID: t.TenantID, domain: t.Domain,
		authority: hosts.Authority, graph: hosts.Graph, graphBase: hosts.GraphBase, portal: hosts.Portal,
		proxy: t.Proxy, caPEM: t.CA,
		app:       applicationOf(t.Reader()),
		reader:    applicationOf(t.Reader()),
		prepares:  t.FixturesApp != nil,
		harnessID: t.HarnessApp.ClientID, harnessRedirect: t.HarnessApp.RedirectURI,
		adminUPN: t.Admin.UPN, adminID: t.Admin.ObjectID,
		adminPassword: t.Admin.Password, adminTOTP: t.Admin.TOTPSecret, used: &entra.UsedCodes{},
		adminPass: t.Admin.TemporaryAccessPass, adminMake: t.Admin.Make,
		secrets:    []secret.Text{t.Admin.TemporaryAccessPass},
		breakGlass: t.Safety.BreakGlass,
		pageWithin: t.Waits.Page, propagation: t.Waits.Propagation, settle: t.Waits.Settle,
		file: t.File,
	}
	if t.FixturesApp != nil {
		p.app = applicationOf(*t.FixturesApp)
	}
	for _, a := range []*config.Application{t.FixturesApp, t.ReaderApp} {
		if a != nil {
			p.secrets = append(p.secrets, a.ClientSecret, a.CertificatePassword)
		}
	}
	if key := t.Admin.Passkey; key != nil {
		p.adminPasskey = &browser.Passkey{
			RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8,
		}
		p.secrets = append(p.secrets, key.PrivateKeyPKCS8)
	}
	if t.TestClock != nil {
		p.control = &control{url: t.TestClock.URL, token: t.TestClock.Token, http: &http.Client{Timeout: controlWithin}}
		p.secrets = append(p.secrets, t.TestClock.Token)
	}
	return p
}
