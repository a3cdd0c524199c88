package suite

import (
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/graph"
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

// A test admin that was made for the run signs in, is proved, and is gone with the run.
func TestProofWithATestAdminMadeForTheRun(t *testing.T) {
	for _, credential := range []string{"passkey", "access pass"} {
		t.Run(credential, func(t *testing.T) {
			c := newClinic(t)
			journal, err := fixtures.Open(t.TempDir() + "/journal.db")
			c.must(err)
			t.Cleanup(func() { _ = journal.Close() })
			f := c.world.newFixtures(journal)
			made, err := f.MakeTestAdmin(t.Context(), fixtures.TestAdminOptions{Name: "second admin", ClientID: c.tenant.HarnessApp.ClientID, Scopes: harnessScopes, Passkey: credential == "passkey"})
			c.must(err)
			role, err := c.world.reader.Role(t.Context(), embeddedRole)
			c.must(err)
			c.must(f.MakeHolderEligible(t.Context(), fixtures.Holder{Principal: made.ID, Role: role.ID}))
			c.policy(graph.Policy{
				Name: "every time", IncludeUsers: []string{made.ID}, Contexts: []string{"c1"}, IncludeApplications: []string{}, GrantOperator: "OR", Grants: []string{"mfa"},
				Frequency: &graph.Frequency{Enabled: true, Interval: graph.FrequencyEveryTime, AuthenticationType: graph.FrequencyFull},
			})
			c.tenant.Admin = config.Admin{UPN: made.UPN, ObjectID: made.ID, TemporaryAccessPass: made.AccessPass}
			if key := made.Passkey; credential == "passkey" {
				c.tenant.Admin.TemporaryAccessPass = secret.Text{}
				c.tenant.Admin.Passkey = &config.Passkey{RPID: key.RPID, CredentialID: key.CredentialID, UserHandle: key.UserHandle, PrivateKeyPKCS8: key.PrivateKeyPKCS8}
			}
			proof := c.proved(Options{}, ProveRequest{Roles: []string{embeddedRole}})[0]
			if proof.Verdict.Outcome != verdict.Enforced {
				t.Errorf("verdict %+v", proof.Verdict)
			}
			report, err := f.Undo(t.Context())
			changes := map[string]int{"passkey": 5, "access pass": 4}[credential]
			if err != nil || len(report.Items) != changes {
				t.Errorf("undone %+v, %v", report, err)
			}
			if _, err := c.world.reader.User(t.Context(), made.ID); !graph.IsNotFound(err) {
				t.Errorf("the account is still there: %v", err)
			}
			client := c.principal(c.tenant.HarnessApp.ClientID)
			if assigned, err := c.setup.AssignedTo(t.Context(), client.ID); err != nil || len(assigned) != 1 {
				t.Errorf("assigned are %+v, %v", assigned, err)
			}
		})
	}
}
