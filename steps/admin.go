package steps

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"

	"github.com/reprompt/reprompt/verdict"
)

func registerAdmin(sc *godog.ScenarioContext) {
	sc.Given(`^the test admin has a passkey$`, registerPasskey)
	sc.Given(`^re-authentication must consist of (multifactor authentication|a phishing-resistant method)$`, mustConsistOf)
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
