package oidc_test

import (
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

// relyingParty is a client that trusts nobody: it discovers the tenant, and verifies every ID
// token by what the OpenID specification says.
type relyingParty struct {
	t        *testing.T
	tenant   *tenant.Tenant
	provider *oidc.Provider
	oauth    oauth2.Config
	walker   *person.Walker
}

func newRelyingParty(t *testing.T, tn *tenant.Tenant) *relyingParty {
	t.Helper()
	p := &relyingParty{t: t, tenant: tn, provider: discover(t, tn, tn.ID), walker: person.NewWalker(t, tn)}
	p.oauth = oauth2.Config{
		ClientID: tn.Harness.ClientID, Endpoint: p.provider.Endpoint(), RedirectURL: "http://localhost:51874",
		Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
	return p
}

// discover reads the document of a tenant. With the real names the issuer is where it is found;
// at the tenant's own address the relying party is told which issuer to expect there.
func discover(t *testing.T, tn *tenant.Tenant, id string) *oidc.Provider {
	t.Helper()
	issuer := "https://login.microsoftonline.com/" + id + "/v2.0"
	ctx, address := t.Context(), issuer
	if tn.Run == tenant.Authority {
		ctx, address = oidc.InsecureIssuerURLContext(ctx, issuer), tn.AuthorityHost()+"/"+id+"/v2.0"
	}
	provider, err := oidc.NewProvider(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// now is the tenant's time, by which its tokens are valid.
func (p *relyingParty) now() time.Time { return p.tenant.Now(p.t) }

func (p *relyingParty) verifier() *oidc.IDTokenVerifier {
	return p.provider.Verifier(&oidc.Config{ClientID: p.tenant.Harness.ClientID, Now: p.now})
}

// claims are those of the ID token that go-oidc leaves to the caller.
type claims struct {
	AuthTime int64  `json:"auth_time"`
	TenantID string `json:"tid"`
	ObjectID string `json:"oid"`
	Username string `json:"preferred_username"`
	Version  string `json:"ver"`
}

// signedIn is a verified sign-in.
type signedIn struct {
	raw    string
	token  *oidc.IDToken
	claims claims
	asked  []string
}

// signIn signs in and verifies the ID token, its nonce too.
func (p *relyingParty) signIn(parameters ...oauth2.AuthCodeOption) signedIn {
	p.t.Helper()
	raw, asked, nonce := p.rawToken(parameters...)
	token, err := p.verifier().Verify(p.t.Context(), raw)
	if err != nil {
		p.t.Fatal(err)
	}
	if token.Nonce != nonce {
		p.t.Errorf("nonce %q, want %q", token.Nonce, nonce)
	}
	s := signedIn{raw: raw, token: token, asked: asked}
	if err := token.Claims(&s.claims); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *relyingParty) rawToken(parameters ...oauth2.AuthCodeOption) (raw string, asked []string, nonce string) {
	p.t.Helper()
	nonce, state, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	parameters = append(parameters, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	landed, asked := p.walker.SignIn(p.oauth.AuthCodeURL(state, parameters...))
	if got := landed.Query().Get("state"); got != state {
		p.t.Fatalf("state %q, want %q in %s", got, state, landed)
	}
	token, err := p.oauth.Exchange(p.t.Context(), landed.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		p.t.Fatal(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		p.t.Fatal("no ID token")
	}
	if token.Type() != "Bearer" {
		p.t.Errorf("token type %q", token.Type())
	}
	return raw, asked, nonce
}
