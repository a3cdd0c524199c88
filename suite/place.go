package suite

import (
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/reprompt/reprompt/secret"
)

// place is everything that has to be known about a tenant to work on it. The real and the
// embedded tenant differ in its values and in nothing else.
type place struct {
	tenantID string
	domain   string

	authority string // https://login.microsoftonline.com
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

	// breakGlass are accounts that every policy made here excludes.
	breakGlass []string
	// control is nil when the tenant's clock is a real one.
	control *control
	// pageWithin bounds the wait for one page, in machine time.
	pageWithin time.Duration
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

// placeOf is a tenant of an embedded Entra, as its control listener describes it.
func placeOf(a access, c *control, caPEM []byte) (place, error) {
	if a.TenantID == "" || a.Admin.ObjectID == "" {
		return place{}, fmt.Errorf("make a tenant: the control listener left out its id or its admin")
	}
	return place{
		tenantID: a.TenantID, domain: a.Domain,
		authority: "https://login.microsoftonline.com",
		graphBase: "https://graph.microsoft.com/v1.0",
		portal:    "https://entra.microsoft.com",
		proxy:     a.Proxy, caPEM: caPEM,
		app:       withSecret(a.FixturesApp.ClientID, secret.New(a.FixturesApp.ClientSecret)),
		harnessID: a.HarnessApp.ClientID, harnessRedirect: a.HarnessApp.RedirectURI,
		adminUPN: a.Admin.UPN, adminID: a.Admin.ObjectID,
		adminPassword: secret.New(a.Admin.Password), adminTOTP: secret.New(a.Admin.TOTPSecret),
		control: c,
	}, nil
}
