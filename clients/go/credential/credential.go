// Package credential makes the credentials of the Azure SDK as its user would: with the real host
// names by ids and secrets alone; at the tenant's own address with the authority's host besides,
// and with the word that it needs no discovery.
package credential

import (
	"context"
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/reprompt/reprompt/clients/go/person"
	"github.com/reprompt/reprompt/clients/go/tenant"
)

// addresses are the settings of a run; known says that the authority needs no discovery.
func addresses(tn *tenant.Tenant) (options azcore.ClientOptions, known bool) {
	if tn.Run == tenant.Hosts {
		return azcore.ClientOptions{}, false
	}
	return azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: tn.AuthorityHost()}}, true
}

// Secret is the application that may configure the tenant, with the given secret.
func Secret(t *testing.T, tn *tenant.Tenant, secret string) azcore.TokenCredential {
	t.Helper()
	options, known := addresses(tn)
	made, err := azidentity.NewClientSecretCredential(tn.ID, tn.Fixtures.ClientID, secret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: known})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// Certificate is an application of its own that proves itself with a certificate, which is sent
// along or not.
func Certificate(t *testing.T, tn *tenant.Tenant, chain bool) azcore.TokenCredential {
	t.Helper()
	held := tenant.NewCertificate(t)
	app, key := tn.Register(t, held), crypto.PrivateKey(held.Key)
	options, known := addresses(tn)
	made, err := azidentity.NewClientCertificateCredential(tn.ID, app.ClientID, []*x509.Certificate{held.Certificate}, key,
		&azidentity.ClientCertificateCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: known, SendCertificateChain: chain})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// DeviceCode is the test admin, who enters each code that the SDK shows; asked is what that
// person was asked for at the last one.
func DeviceCode(t *testing.T, tn *tenant.Tenant, asked *[]string) azcore.TokenCredential {
	t.Helper()
	w := person.NewWalker(t, tn)
	options, known := addresses(tn)
	made, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: options, DisableInstanceDiscovery: known, TenantID: tn.ID, ClientID: tn.Harness.ClientID,
		UserPrompt: func(_ context.Context, shown azidentity.DeviceCodeMessage) error {
			*asked = w.EnterDeviceCode(shown.VerificationURL, shown.UserCode)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}
