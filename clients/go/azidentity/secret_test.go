package azidentity_test

import (
	"errors"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

var graphDefault = []string{"https://graph.microsoft.com/.default"}

func TestClientSecretCredential(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		options := &azidentity.ClientSecretCredentialOptions{}
		if tn.Run == tenant.Authority {
			options.ClientOptions, options.DisableInstanceDiscovery = azcore.ClientOptions{Cloud: cloud.Configuration{ActiveDirectoryAuthorityHost: tn.AuthorityHost()}}, true
		}
		credential, err := azidentity.NewClientSecretCredential(tn.ID, tn.Fixtures.ClientID, tn.Fixtures.Secret, options)
		if err != nil {
			t.Fatal(err)
		}
		token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: graphDefault, EnableCAE: true})
		if err != nil {
			t.Fatal(err)
		}
		if token.Token == "" {
			t.Error("empty token")
		}
		_ = errors.Is
	})
}
