package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

func registerAdmin(sc sentences) {
	sc.Given(`^a test admin made for this scenario, with (a passkey|an access pass)$`, makeAdmin)
	sc.Given(`^the test admin has a passkey$`, registerPasskey)
	sc.Given(`^another account is signed in in the browser of the test admin$`, anotherAccountSignedIn)
	sc.Given(`^re-authentication must consist of (multifactor authentication|a phishing-resistant method)$`, mustConsistOf)
}

// makeAdmin makes an account that signs in with what is named and with nothing else; nobody knows a
// password of it. It may use the harness's public client, and is eligible for nothing yet. It is "the
// test admin" of the sentences after it, so it comes before those that name the test admin, and is taken
// away with all that it has when the scenario ends.
//
// Example: Given a test admin made for this scenario, with a passkey
func makeAdmin(ctx context.Context, credential string) error {
	s := of(ctx)
	if s.role.DefinitionID != "" || len(s.policies) > 0 {
		return errors.New("make a test admin: the scenario has a role or policies of the tenant's own one already; put the sentence before those")
	}
	return s.tenant.MakeAdmin(ctx, credential == "a passkey")
}

// registerPasskey registers a passkey for the test admin, whose key is put into the browser of
// the proof. The password and the one-time code stay.
//
// Example: Given the test admin has a passkey
func registerPasskey(ctx context.Context) error {
	s := of(ctx)
	key, err := s.tenant.Fixtures().RegisterPasskey(ctx)
	if err != nil {
		return fmt.Errorf("register a passkey: %w", err)
	}
	s.tenant.AddPasskey(key)
	return nil
}

// anotherAccountSignedIn makes an account that is signed in in the same browser before the test admin,
// so that the pages have to ask which of the two is meant.
//
// Example: Given another account is signed in in the browser of the test admin
func anotherAccountSignedIn(ctx context.Context) error {
	s := of(ctx)
	account, err := s.tenant.Fixtures().CreateAccount(ctx, fixtures.UserOptions{Name: "another account"})
	if err != nil {
		return fmt.Errorf("make another account: %w", err)
	}
	s.tenant.AddNeighbour(account)
	return nil
}

// mustConsistOf says what counts as signing in again. Without it anything counts that the tenant
// asked for.
//
// Example: Given re-authentication must consist of multifactor authentication
func mustConsistOf(ctx context.Context, what string) error {
	of(ctx).require = map[string]verdict.Require{
		"multifactor authentication": verdict.RequireMFA, "a phishing-resistant method": verdict.RequirePhishingResistant,
	}[what]
	return nil
}
