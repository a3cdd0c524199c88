package steps

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"
)

func registerAdmin(sc *godog.ScenarioContext) {
	sc.Given(`^the test admin has a passkey$`, registerPasskey)
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
