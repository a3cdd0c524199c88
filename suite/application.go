package suite

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/secret"
)

// applicationSignIn makes the credential of an application. A new one each time, because a
// credential keeps its tokens by the machine's clock.
type applicationSignIn func(authority string, tenantID string, transport *http.Client) (azcore.TokenCredential, error)

func applicationOf(a config.Application) applicationSignIn {
	switch {
	case a.AzureCLI:
		return withAzureCLI()
	case a.ManagedIdentity:
		return withManagedIdentity(a.ClientID)
	case a.WorkloadIdentity:
		return withWorkloadIdentity(a.ClientID)
	case a.CertificateFile != "":
		return withCertificate(a.ClientID, a.CertificateFile, a.CertificatePassword)
	default:
		return withSecret(a.ClientID, a.ClientSecret)
	}
}

func clientOptions(authority string, transport *http.Client) azcore.ClientOptions {
	return azcore.ClientOptions{
		Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: authority + "/"},
		Transport: transport,
	}
}

// withSecret signs an application in with a client secret.
func withSecret(clientID string, clientSecret secret.Text) applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		return azidentity.NewClientSecretCredential(tenantID, clientID, clientSecret.Reveal(),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true})
	}
}

// withCertificate signs an application in with the key of a PEM or PKCS #12 file.
func withCertificate(clientID, file string, password secret.Text) applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		var phrase []byte
		if !password.Empty() {
			phrase = []byte(password.Reveal())
		}
		certificates, key, err := azidentity.ParseCertificates(content, phrase)
		if err != nil {
			return nil, fmt.Errorf("read certificate %s: want PEM or PKCS #12 with its key, and certificate_password where it has one: %w", file, err)
		}
		return azidentity.NewClientCertificateCredential(tenantID, clientID, certificates, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true})
	}
}

// withWorkloadIdentity exchanges a federated token, whose file AZURE_FEDERATED_TOKEN_FILE names.
func withWorkloadIdentity(clientID string) applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true, ClientID: clientID, TenantID: tenantID,
		})
	}
}

// withManagedIdentity takes the identity of the machine, or one that is assigned to it. Its endpoint
// is on the machine, so that no proxy is used.
func withManagedIdentity(clientID string) applicationSignIn {
	return func(string, string, *http.Client) (azcore.TokenCredential, error) {
		var options azidentity.ManagedIdentityCredentialOptions
		if clientID != "" {
			options.ID = azidentity.ClientID(clientID)
		}
		return azidentity.NewManagedIdentityCredential(&options)
	}
}

// withAzureCLI borrows the token of whoever is signed in to the Azure CLI.
func withAzureCLI() applicationSignIn {
	return func(_, tenantID string, _ *http.Client) (azcore.TokenCredential, error) {
		return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: tenantID})
	}
}

// withEnvironment signs in with what AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and their like say.
func withEnvironment() applicationSignIn {
	return func(authority, tenantID string, transport *http.Client) (azcore.TokenCredential, error) {
		if os.Getenv("AZURE_TENANT_ID") == "" {
			return nil, errors.New("AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH are not set: export them, or use --as azure-cli")
		}
		if named := os.Getenv("AZURE_TENANT_ID"); !strings.EqualFold(named, tenantID) {
			return nil, fmt.Errorf("AZURE_TENANT_ID names the tenant %s and not %s: export the right one", named, tenantID)
		}
		return azidentity.NewEnvironmentCredential(&azidentity.EnvironmentCredentialOptions{
			ClientOptions: clientOptions(authority, transport), DisableInstanceDiscovery: true,
		})
	}
}
