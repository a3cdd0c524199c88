package oidc_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

func TestIDTokensVerify(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		s := newRelyingParty(t, tn).signIn()
		if s.token.Issuer != tn.Issuer() || s.token.Subject == "" || len(s.token.Audience) != 1 || s.token.Audience[0] != tn.Harness.ClientID {
			t.Errorf("issuer %s, audience %v, subject %q", s.token.Issuer, s.token.Audience, s.token.Subject)
		}
		if s.claims.TenantID != tn.ID || s.claims.ObjectID != tn.Admin.ObjectID || s.claims.Username != tn.Admin.UPN || s.claims.Version != "2.0" {
			t.Errorf("claims %+v", s.claims)
		}
		if life := s.token.Expiry.Sub(s.token.IssuedAt); life < 55*time.Minute || life > 25*time.Hour {
			t.Errorf("the token lasts %s", life)
		}
	})
}

// foreign is one thing about a token or about who reads it that is not as it should be.
type foreign struct {
	name    string
	read    func(p *relyingParty) *oidc.IDTokenVerifier // nil: the right one
	damage  func(parts []string)                        // nil: the token as it was issued
	problem string
}

func (f foreign) run(t *testing.T, p *relyingParty, raw string) {
	verifier := p.verifier()
	if f.read != nil {
		verifier = f.read(p)
	}
	parts := strings.Split(raw, ".")
	if f.damage != nil {
		f.damage(parts)
	}
	_, err := verifier.Verify(t.Context(), strings.Join(parts, "."))
	if err == nil || !strings.Contains(err.Error(), f.problem) {
		t.Errorf("verified: %v, want %q", err, f.problem)
	}
}

// What makes the token good is really in it: with any of it changed the verifier refuses.
func TestForeignTokensAreRefused(t *testing.T) {
	encode := base64.RawURLEncoding.EncodeToString
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		p := newRelyingParty(t, tn)
		raw, other := p.signIn().raw, tn.Another(t)
		for _, row := range []foreign{
			{name: "for another audience", problem: "expected audience", read: func(p *relyingParty) *oidc.IDTokenVerifier {
				return p.provider.Verifier(&oidc.Config{ClientID: tn.Fixtures.ClientID, Now: p.now})
			}},
			// Keys are the service's, as Entra's are: only the issuer tells tenants apart.
			{name: "from another tenant", problem: "different provider", read: func(p *relyingParty) *oidc.IDTokenVerifier {
				return discover(t, tn, other).Verifier(&oidc.Config{ClientID: tn.Harness.ClientID, Now: p.now})
			}},
			{name: "expired", problem: "token is expired", read: func(p *relyingParty) *oidc.IDTokenVerifier {
				return p.provider.Verifier(&oidc.Config{ClientID: tn.Harness.ClientID, Now: func() time.Time { return p.now().Add(26 * time.Hour) }})
			}},
			{name: "of the future", problem: "before the nbf", read: func(p *relyingParty) *oidc.IDTokenVerifier {
				return p.provider.Verifier(&oidc.Config{ClientID: tn.Harness.ClientID, Now: func() time.Time { return p.now().Add(-time.Hour) }})
			}},
			{name: "with other claims", problem: "failed to verify signature", damage: func(parts []string) {
				payload, err := base64.RawURLEncoding.DecodeString(parts[1])
				if err != nil {
					t.Fatal(err)
				}
				parts[1] = encode([]byte(strings.Replace(string(payload), tn.Admin.UPN, "somebody@example.com", 1)))
			}},
			{name: "with another signature", problem: "failed to verify signature", damage: func(parts []string) {
				parts[2] = encode(make([]byte, 256))
			}},
			{name: "unsigned", problem: "alg", damage: func(parts []string) {
				parts[0], parts[2] = encode([]byte(`{"alg":"none","typ":"JWT"}`)), ""
			}},
		} {
			t.Run(row.name, func(t *testing.T) { row.run(t, p, raw) })
		}
	})
}

// Each token answers the request that it was asked by: a token got with another nonce has that
// one, which a relying party that compares would refuse.
func TestTheNonceIsTheRequests(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		p := newRelyingParty(t, tn)
		first, second := p.signIn(), p.signIn()
		if first.token.Nonce == second.token.Nonce {
			t.Error("two requests, one nonce")
		}
		raw, _, _ := p.rawToken()
		token, err := p.verifier().Verify(t.Context(), raw)
		if err != nil {
			t.Fatal(err)
		}
		if token.Nonce == first.token.Nonce {
			t.Error("the nonce of another request")
		}
	})
}

// The document of all tenants names no tenant: a strict relying party cannot use it, as with
// the real service. The document of one tenant has no placeholder in it.
func TestTheDocumentOfAllTenantsIsRefused(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		_, err := oidc.NewProvider(t.Context(), tn.AuthorityHost()+"/common/v2.0")
		if err == nil || !strings.Contains(err.Error(), "{tenantid}") {
			t.Errorf("discovered: %v", err)
		}
	})
}

// A code is good once, for the redirect URI that it was asked for, and for who has the verifier.
func TestACodeIsBoundToItsRequest(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		for _, row := range []struct {
			name    string
			twice   bool
			change  func(c *oauth2.Config, verifier *string)
			problem string
		}{
			{name: "a second time", twice: true, problem: "AADSTS54005"},
			{name: "another redirect URI", change: func(c *oauth2.Config, _ *string) { c.RedirectURL = "http://localhost:51875" }, problem: "AADSTS500112"},
			{name: "another verifier", change: func(_ *oauth2.Config, v *string) { *v = oauth2.GenerateVerifier() }, problem: "AADSTS501481"},
			{name: "another client", change: func(c *oauth2.Config, _ *string) { c.ClientID = azureCLI }, problem: "AADSTS70000"},
		} {
			t.Run(row.name, func(t *testing.T) {
				p := newRelyingParty(t, tn)
				verifier := oauth2.GenerateVerifier()
				landed, _ := p.walker.SignIn(p.oauth.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
				code := landed.Query().Get("code")
				if row.twice {
					if _, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); err != nil {
						t.Fatal(err)
					}
				}
				if row.change != nil {
					row.change(&p.oauth, &verifier)
				}
				_, err := p.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
				if err == nil || !strings.Contains(err.Error(), row.problem) {
					t.Errorf("redeemed: %v, want %s", err, row.problem)
				}
			})
		}
	})
}

// azureCLI is another public client that every tenant knows.
const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
