package suite

import (
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/verdict"
)

// withPasskey registers a passkey for the clinic's admin and leaves it alone in the tenant file.
func (c *clinic) withPasskey() {
	c.Helper()
	journal, err := fixtures.Open(c.TempDir() + "/journal.db")
	c.must(err)
	c.Cleanup(func() { _ = journal.Close() })
	f := c.world.newFixtures(journal)
	key, err := f.RegisterPasskey(c.Context())
	c.must(err)
	c.tenant.Admin.Password, c.tenant.Admin.TOTPSecret = secret.Text{}, secret.Text{}
	c.tenant.Admin.Passkey = &config.Passkey{RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8}
}

func TestProofWithAPasskeyAlone(t *testing.T) {
	c := newClinic(t)
	c.withPasskey()
	for _, way := range []verdict.Way{verdict.WayGraph, verdict.WayPortal} {
		proofs, err := Prove(t.Context(), Options{Tenant: c.tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}, Way: way}, nil)
		c.must(err)
		if v := proofs[0].Verdict; v == nil || v.Outcome != "enforced" {
			t.Errorf("%s: verdict %+v, %v", way, v, proofs[0].Err)
		}
	}
}

func TestAPersonNeedsAWindow(t *testing.T) {
	tenant := lab(t, true)
	_, err := Prove(t.Context(), Options{Tenant: tenant, Human: true, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}}, nil)
	wantRequirement(t, "no window", err, []string{"say --headed"})
	tenant.Admin = config.Admin{UPN: tenant.Admin.UPN, ObjectID: tenant.Admin.ObjectID, Human: true}
	_, err = Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}}, nil)
	wantRequirement(t, "no credential", err, []string{"say --headed --human"})
}
