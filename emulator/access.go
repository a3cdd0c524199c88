package emulator

import (
	"fmt"
	"os"

	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// AccessSchema is the value of [Access.Schema].
const AccessSchema = "reprompt/emulator/v1"

// Access is what a harness must know to use a tenant: the content of emulator.json, and of
// the answer to POST /tenants. It holds every secret of the tenant.
type Access struct {
	Schema       string      `json:"schema"`     // [AccessSchema]
	Proxy        string      `json:"proxy"`      // such as "http://127.0.0.1:41235"
	CA           string      `json:"ca"`         // file name of the authority, beside emulator.json
	Authority    string      `json:"authority"`  // of the tenant at its own address, "https://localhost:40213/TENANT-ID"
	GraphBase    string      `json:"graph_base"` // of Microsoft Graph there, "https://localhost:40213"; /v1.0 or /beta follows
	Control      string      `json:"control"`
	ControlToken string      `json:"control_token"`
	TenantID     string      `json:"tenant_id"`
	Domain       string      `json:"domain"`
	Admin        Admin       `json:"admin"`
	FixturesApp  FixturesApp `json:"fixtures_app"`
	ReaderApp    FixturesApp `json:"reader_app"` // reads what a proof needs, and can write nothing
	SetupApp     FixturesApp `json:"setup_app"`  // registers applications, as an administrator would
	HarnessApp   HarnessApp  `json:"harness_app"`
	PID          int         `json:"pid"` // of the process that serves

	// CAPEM is the certificate authority, for a trust store. It is a file of its own.
	CAPEM []byte `json:"-"`
}

// Admin is the test admin.
type Admin struct {
	UPN        string `json:"upn"`
	ObjectID   string `json:"object_id"`
	Password   string `json:"password"`
	TOTPSecret string `json:"totp_secret"` // base32, for SHA-1, six digits, thirty seconds
}

// FixturesApp is an application that signs in by client credentials.
type FixturesApp struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// HarnessApp is the harness's own public client. Any port of the loopback redirect is
// accepted.
type HarnessApp struct {
	ClientID    string `json:"client_id"`
	RedirectURI string `json:"redirect_uri"`
}

// caFile is the name of the authority's file beside emulator.json.
const caFile = "ca.pem"

func (s *Server) createTenant(sample bool) (Access, error) {
	var facts provision.Facts
	_, err := s.store.Create(func(t *store.Tenant) error {
		facts = provision.Fill(t)
		if sample {
			if err := provision.Sample(t, facts); err != nil {
				return err
			}
		}
		if s.hostile {
			t.SetAdversarial(true)
		}
		return nil
	})
	if err != nil {
		return Access{}, fmt.Errorf("make a tenant: %w", err)
	}
	return s.describe(facts), nil
}

func (s *Server) describe(f provision.Facts) Access {
	return Access{
		Schema: AccessSchema, Proxy: s.proxy.URL(), CA: caFile, Authority: s.direct.URL() + "/" + f.TenantID, GraphBase: s.direct.URL(), Control: s.address, ControlToken: s.token,
		TenantID: f.TenantID, Domain: f.Domain,
		Admin:       Admin{UPN: f.AdminUPN, ObjectID: f.AdminID, Password: f.Password, TOTPSecret: f.TOTPSecret},
		FixturesApp: FixturesApp{ClientID: f.FixturesID, ClientSecret: f.FixturesSecret},
		ReaderApp:   FixturesApp{ClientID: f.ReaderID, ClientSecret: f.ReaderSecret},
		SetupApp:    FixturesApp{ClientID: f.SetupID, ClientSecret: f.SetupSecret},
		HarnessApp:  HarnessApp{ClientID: f.HarnessID, RedirectURI: f.RedirectURI},
		PID:         os.Getpid(), CAPEM: s.authority.PEM(),
	}
}

// tenantMaker makes tenants for the control listener.
type tenantMaker struct{ *Server }

func (m tenantMaker) Create(sample bool) (any, error) { return m.createTenant(sample) }
