package suite

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

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

	// app reads configuration, and on a tenant that is not production writes fixtures.
	app applicationSignIn
	// harness is the own public client.
	harnessID, harnessRedirect string

	adminUPN, adminID        string
	adminPassword, adminTOTP secret.Text
	adminPasskey             *browser.Passkey // nil when there is none
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
	// file is the tenant file; empty for a tenant of this process.
	file string
}

// applicationSignIn makes the credential of an application. A new one each time, because a
// credential keeps its tokens by the machine's clock.
type applicationSignIn func(authority string, tenantID string, transport *http.Client) (azcore.TokenCredential, error)

// withSecret signs an application in with a client secret.
func withSecret(clientID string, clientSecret secret.Text) applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(tenantID, clientID, clientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true})
	}
}

func clientOptions(authority string, transport *http.Client) azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: authority + "/"},
		Transport: transport,
	}
}

// withCertificate signs an application in with the key of a PEM or PKCS #12 file.
func withCertificate(clientID, file string) applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		certificates, key, err := azidentity.ParseCertificates(content, nil)
		if err != nil {
			return nil, fmt.Errorf("read certificate %s: want PEM or PKCS #12 with its key and no password: %w", file, err)
		}
		return azidentity.NewClientCertificateCredential(tenantID, clientID, certificates, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true})
	}
}

// withAzureCLI borrows the token of whoever is signed in to the Azure CLI.
func withAzureCLI() applicationSignIn {
	return func(_, tenantID string, _ *http.Client) (azcore.TokenCredential, error) {
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: tenantID})
	}
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
		harnessID: a.HarnessApp.ClientID, harnessRedirect: a.HarnessApp.RedirectURI,
		adminUPN: a.Admin.UPN, adminID: a.Admin.ObjectID,
		adminPassword: secret.New(a.Admin.Password), adminTOTP: secret.New(a.Admin.TOTPSecret), used: &entra.UsedCodes{},
		secrets:    []secret.Text{secret.New(a.FixturesApp.ClientSecret), c.token},
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
		app:       applicationOf(t.FixturesApp),
		harnessID: t.HarnessApp.ClientID, harnessRedirect: t.HarnessApp.RedirectURI,
		adminUPN: t.Admin.UPN, adminID: t.Admin.ObjectID,
		adminPassword: t.Admin.Password, adminTOTP: t.Admin.TOTPSecret, used: &entra.UsedCodes{},
		secrets:    []secret.Text{t.FixturesApp.ClientSecret},
		breakGlass: t.Safety.BreakGlass,
		pageWithin: t.Waits.Page, propagation: t.Waits.Propagation,
		file: t.File,
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

func applicationOf(a config.FixturesApp) applicationSignIn {
	switch {
	case a.AzureCLI:
		return withAzureCLI()
	case a.CertificateFile != "":
		return withCertificate(a.ClientID, a.CertificateFile)
	default:
		return withSecret(a.ClientID, a.ClientSecret)
	}
}
