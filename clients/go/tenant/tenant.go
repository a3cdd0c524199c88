// Package tenant starts the product as a user does and says what a user then knows.
//
//	reprompt emulator --dir DIR --sample
//
// writes tenant.yaml (accounts and applications, secrets in files beside it), ca.pem, and
// emulator.json (addresses, and the listener that moves the tenant's clock). Nothing else of
// the product is read.
//
// [Twice] gives every test a tenant of its own in each of two runs, each in a process of its
// own, so that the environment is what configures the client: Go reads HTTPS_PROXY and
// SSL_CERT_FILE once per process.
package tenant

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// Run says how the client reaches the tenant.
type Run string

const (
	// Hosts is by the real host names: the environment names a proxy and a CA file, and the
	// client is configured as for the real service.
	Hosts Run = "hosts"
	// Authority is at the tenant's own address, without a proxy: the client is told where.
	Authority Run = "authority"
)

// Tenant is a running embedded tenant as its user knows it.
type Tenant struct {
	Run      Run
	ID       string
	Domain   string
	Admin    Admin
	Fixtures Application // confidential; has every permission that fixtures need
	Harness  Application // public

	// Authority is the tenant's sign-in: "https://login.microsoftonline.com/ID", or at its own
	// address. GraphBase is Microsoft Graph beside it, without a version.
	Authority string
	GraphBase string
	// Proxy is empty in the run Authority.
	Proxy string
	// CAFile is the certificate authority in PEM.
	CAFile string

	control control
}

// Admin is the test admin: eligible for Application Administrator, active in nothing.
type Admin struct {
	UPN, ObjectID, Password, TOTPSecret string
}

// Application is an application registration. A public one has no secret.
type Application struct {
	ClientID, Secret, RedirectURI string
}

// AuthorityHost is the scheme and host of the authority, which azidentity calls the authority
// host.
func (t *Tenant) AuthorityHost() string { return strings.TrimSuffix(t.Authority, "/"+t.ID) }

// Issuer is what ID tokens of the tenant name, wherever they are asked for.
func (t *Tenant) Issuer() string { return "https://login.microsoftonline.com/" + t.ID + "/v2.0" }

// files are what the emulator wrote into its folder.
type files struct {
	TenantID    string      `yaml:"tenant_id"`
	Domain      string      `yaml:"domain"`
	FixturesApp application `yaml:"fixtures_app"`
	HarnessApp  application `yaml:"harness_app"`
	Admin       admin       `yaml:"admin"`
	Proxy       string      `yaml:"proxy"`
	CAFile      string      `yaml:"ca_file"`
	addresses   addresses
}

type application struct {
	ClientID    string `yaml:"client_id"`
	SecretFile  string `yaml:"client_secret_file"`
	RedirectURI string `yaml:"redirect_uri"`
}

type admin struct {
	UPN          string `yaml:"upn"`
	ObjectID     string `yaml:"object_id"`
	PasswordFile string `yaml:"password_file"`
	TOTPFile     string `yaml:"totp_secret_file"`
}

// addresses are the part of emulator.json that no tenant file has.
type addresses struct {
	Authority    string `json:"authority"`
	GraphBase    string `json:"graph_base"`
	Control      string `json:"control"`
	ControlToken string `json:"control_token"`
}

// Open reads what the emulator wrote into dir.
func Open(dir string, run Run) (*Tenant, error) {
	var f files
	if err := f.read(dir); err != nil {
		return nil, err
	}
	t := &Tenant{
		Run: run, ID: f.TenantID, Domain: f.Domain,
		Harness:   Application{ClientID: f.HarnessApp.ClientID, RedirectURI: f.HarnessApp.RedirectURI},
		Authority: "https://login.microsoftonline.com/" + f.TenantID, GraphBase: "https://graph.microsoft.com", Proxy: f.Proxy,
		CAFile: filepath.Join(dir, f.CAFile), control: control{url: f.addresses.Control, token: f.addresses.ControlToken},
	}
	if run == Authority {
		t.Authority, t.GraphBase, t.Proxy = f.addresses.Authority, f.addresses.GraphBase, ""
	}
	t.Fixtures.ClientID = f.FixturesApp.ClientID
	t.Admin.UPN, t.Admin.ObjectID = f.Admin.UPN, f.Admin.ObjectID
	for name, into := range map[string]*string{
		f.FixturesApp.SecretFile: &t.Fixtures.Secret, f.Admin.PasswordFile: &t.Admin.Password, f.Admin.TOTPFile: &t.Admin.TOTPSecret,
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("read a secret of tenant.yaml: %w", err)
		}
		*into = strings.TrimSpace(string(text))
	}
	return t, nil
}

func (f *files) read(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "tenant.yaml"))
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(text, f); err != nil {
		return fmt.Errorf("read tenant.yaml: %w", err)
	}
	if text, err = os.ReadFile(filepath.Join(dir, "emulator.json")); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &f.addresses); err != nil {
		return fmt.Errorf("read emulator.json: %w", err)
	}
	return nil
}
