package msal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

var graphDefault = []string{"https://graph.microsoft.com/.default"}

func newConfidential(t *testing.T, tn *tenant.Tenant, credential confidential.Credential, more ...confidential.Option) confidential.Client {
	t.Helper()
	if tn.Run == tenant.Authority {
		more = append(more, confidential.WithInstanceDiscovery(false))
	}
	client, err := confidential.New(tn.Authority, tn.Fixtures.ClientID, credential, more...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientSecret(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		secret, err := confidential.NewCredFromSecret(tn.Fixtures.Secret)
		if err != nil {
			t.Fatal(err)
		}
		client := newConfidential(t, tn, secret, confidential.WithClientCapabilities([]string{"cp1"}))
		result, err := client.AcquireTokenByCredential(t.Context(), graphDefault)
		if err != nil {
			t.Fatal(err)
		}
		c := claimsOf(t, result.AccessToken)
		if c.TenantID != tn.ID || !slices.Contains(c.Roles, "User.ReadWrite.All") || c.ClientACR != "1" || !slices.ContainsFunc(c.Capabilities, isCP1) {
			t.Errorf("claims %+v", c)
		}
		if left := time.Until(result.ExpiresOn); left < 55*time.Minute {
			t.Errorf("the token lasts %s", left)
		}
		again, err := client.AcquireTokenByCredential(t.Context(), graphDefault)
		if err != nil || again.AccessToken != result.AccessToken {
			t.Errorf("MSAL did not keep the token: %v", err)
		}
	})
}

func isCP1(s string) bool { return strings.EqualFold(s, "cp1") }

func TestAWrongSecretIsRefused(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		secret, err := confidential.NewCredFromSecret("not the secret")
		if err != nil {
			t.Fatal(err)
		}
		_, err = newConfidential(t, tn, secret).AcquireTokenByCredential(t.Context(), graphDefault)
		if err == nil || !strings.Contains(err.Error(), "AADSTS7000215") {
			t.Errorf("answered %v", err)
		}
	})
}
