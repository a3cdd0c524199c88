package msal_test

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/reprompt/reprompt/clients/go/tenant"
	"github.com/reprompt/reprompt/clients/go/token"
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
		c := token.Read(t, result.AccessToken)
		if c.TenantID != tn.ID || !slices.Contains(c.Roles, "User.ReadWrite.All") || c.ClientACR != "1" || !c.CP1() {
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

func TestClientCertificate(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		certificate := tenant.NewCertificate(t)
		tn.Fixtures = tn.Register(t, certificate)
		for name, options := range map[string][]confidential.Option{
			"thumbprint alone": nil, "with its chain": {confidential.WithX5C()},
		} {
			t.Run(name, func(t *testing.T) {
				credential, err := confidential.NewCredFromCert([]*x509.Certificate{certificate.Certificate}, certificate.Key)
				if err != nil {
					t.Fatal(err)
				}
				result, err := newConfidential(t, tn, credential, options...).AcquireTokenByCredential(t.Context(), graphDefault)
				if err != nil {
					t.Fatal(err)
				}
				if c := token.Read(t, result.AccessToken); c.AppID != tn.Fixtures.ClientID || c.ClientACR != "2" {
					t.Errorf("claims %+v", c)
				}
			})
		}
	})
}

func TestAnotherCertificateIsRefused(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		tn.Fixtures = tn.Register(t, tenant.NewCertificate(t))
		other := tenant.NewCertificate(t)
		credential, err := confidential.NewCredFromCert([]*x509.Certificate{other.Certificate}, other.Key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = newConfidential(t, tn, credential).AcquireTokenByCredential(t.Context(), graphDefault)
		if err == nil || !strings.Contains(err.Error(), "AADSTS700027") {
			t.Errorf("answered %v", err)
		}
	})
}
