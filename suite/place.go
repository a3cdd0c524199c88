package suite

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/browser/fence"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/graph"
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
	// browserHosts are the patterns of hosts that the browser of a tenant of a file may ask for.
	browserHosts []string
	// labels are what the portal's controls are called, beside the names that ship.
	labels []entra.Labels
	caPEM  []byte // nil: the system's roots

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
	// pace keeps the Conditional Access calls of all worlds of the tenant apart; nil on an embedded
	// one, which takes as many as come unless it is told otherwise.
	pace *graph.Pace
	// looks keeps the looks for effects of all worlds of the tenant apart.
	looks *spacing
	// pageWithin bounds the wait for one page, in machine time.
	pageWithin time.Duration
	// propagation bounds the wait for a change of the tenant to be seen; 0: it is seen at once.
	propagation time.Duration
	// settle is how old the configuration has to be before a proof, by the tenant's clock; 0: any age.
	settle time.Duration
	// file is the tenant file; empty for a tenant of this process.
	file string
}

// embeddedPage is pageWithin of a tenant that no file describes.
const embeddedPage = 30 * time.Second

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
		app:       withSecret(a.FixturesApp.ClientID, a.FixturesApp.ClientSecret),
		reader:    withSecret(a.ReaderApp.ClientID, a.ReaderApp.ClientSecret),
		prepares:  true,
		harnessID: a.HarnessApp.ClientID, harnessRedirect: a.HarnessApp.RedirectURI,
		adminUPN: a.Admin.UPN, adminID: a.Admin.ObjectID,
		adminPassword: a.Admin.Password, adminTOTP: a.Admin.TOTPSecret, used: &entra.UsedCodes{},
		secrets:    []secret.Text{a.FixturesApp.ClientSecret, a.ReaderApp.ClientSecret, c.token},
		control:    c,
		looks:      &spacing{},
		pageWithin: embeddedPage,
	}, nil
}

// browsable is the tenant of a tenant file as a browser needs it: with the portal's labels, and the hosts
// of the file and of --allow-host checked. The error is a *config.Error or a *RequirementError.
func browsable(t *config.Tenant, allowHosts []string) (place, error) {
	p := placeOfFile(t)
	for _, pattern := range t.Browser.AllowHosts {
		if err := fence.CheckPattern(pattern.Text); err != nil {
			return p, pattern.Wrong("browser.allow_hosts: "+err.Error(), "write it in quotes where it has an asterisk")
		}
	}
	for _, pattern := range allowHosts {
		if err := fence.CheckPattern(pattern); err != nil {
			return p, requiredf("--allow-host: %w", err)
		}
	}
	p.browserHosts = append(p.browserHosts, allowHosts...)
	for _, path := range t.Portal.Labels {
		labels, err := readLabels(path)
		if err != nil {
			return p, err
		}
		p.labels = append(p.labels, labels)
	}
	return p, nil
}

func readLabels(path config.Placed) (entra.Labels, error) {
	file, err := os.Open(path.Text)
	if err != nil {
		return entra.Labels{}, path.Wrong("portal.labels: "+err.Error(), "name an existing file")
	}
	defer file.Close()
	labels, err := entra.ReadLabels(io.LimitReader(file, mostLabels))
	if err != nil {
		return labels, path.Wrong(path.Text+": "+err.Error(), "mend that file; docs/real-tenant.md shows one")
	}
	return labels, nil
}

// mostLabels bounds a file of labels: those that ship have 1 KiB.
const mostLabels = 1 << 20

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
		breakGlass: t.Safety.BreakGlass,
		pageWithin: t.Waits.Page, propagation: t.Waits.Propagation, settle: t.Waits.Settle,
		file: t.File, browserHosts: t.BrowserHosts(), looks: &sharedBy(t).looks,
	}
	for _, pattern := range t.Browser.AllowHosts {
		p.browserHosts = append(p.browserHosts, pattern.Text)
	}
	if t.TestClock == nil {
		p.pace = &sharedBy(t).pace
	}
	if t.FixturesApp != nil {
		p.app = applicationOf(*t.FixturesApp)
	}
	for _, a := range []*config.Application{t.FixturesApp, t.ReaderApp} {
		if a != nil {
			p.secrets = append(p.secrets, a.ClientSecret, a.CertificatePassword)
		}
	}
	if t.TestClock != nil {
		p.control = &control{url: t.TestClock.URL, token: t.TestClock.Token, http: &http.Client{Timeout: controlWithin}}
		p.secrets = append(p.secrets, t.TestClock.Token)
	}
	return p.withAccount(t.Admin)
}
