package emulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/reprompt/reprompt/emulator"
)

// withoutProxy is a client that trusts the authority and knows no proxy.
func (l *lab) withoutProxy() *http.Client {
	l.t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.access.CAPEM) {
		l.t.Fatal("no certificate authority")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	l.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func getJSON(t *testing.T, client *http.Client, address, token string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v %v", address, response.Status, answer, err)
	}
	return answer
}

// Addresses in the tenant's document name the host that was asked; the issuer is a name, and
// stays the one that tokens carry.
func TestTheTenantsOwnAddressNamesItself(t *testing.T) {
	l := start(t, emulator.Options{})
	byNumber := strings.Replace(l.access.Authority, "localhost", "127.0.0.1", 1)
	for _, authority := range []string{l.access.Authority, byNumber} {
		document := getJSON(t, l.withoutProxy(), authority+"/v2.0/.well-known/openid-configuration", "")
		for _, name := range []string{"authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "end_session_endpoint", "jwks_uri"} {
			if got, _ := document[name].(string); !strings.HasPrefix(got, authority+"/") {
				t.Errorf("%s: %s is %s", authority, name, got)
			}
		}
		if want := "https://login.microsoftonline.com/" + l.access.TenantID + "/v2.0"; document["issuer"] != want {
			t.Errorf("%s: issuer %s, want %s", authority, document["issuer"], want)
		}
	}
}

// A token from the tenant's own address is for Graph by its real name, and Graph there pages
// within its own address: a client that follows nextLink stays where it was sent.
func TestGraphAtTheTenantsOwnAddress(t *testing.T) {
	l := start(t, emulator.Options{Sample: true})
	client := l.withoutProxy()
	own := cloud.Configuration{ActiveDirectoryAuthorityHost: l.access.GraphBase, Services: map[cloud.ServiceName]cloud.ServiceConfiguration{}}
	credential, err := azidentity.NewClientSecretCredential(l.access.TenantID, l.access.FixturesApp.ClientID, l.access.FixturesApp.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{DisableInstanceDiscovery: true, ClientOptions: azcore.ClientOptions{Transport: client, Cloud: own}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}})
	if err != nil {
		t.Fatal(err)
	}
	options := getJSON(t, client, l.access.GraphBase+"/beta/users/"+l.access.Admin.ObjectID+"/authentication/fido2Methods/creationOptions", token.Token)
	publicKey, _ := options["publicKey"].(map[string]any)
	if party, _ := publicKey["rp"].(map[string]any); party["id"] != "localhost" {
		t.Errorf("a passkey would be registered for %v", party)
	}
	page := getJSON(t, client, l.access.GraphBase+"/v1.0/users?$top=1", token.Token)
	next, _ := page["@odata.nextLink"].(string)
	if !strings.HasPrefix(next, l.access.GraphBase+"/v1.0/users?") {
		t.Fatalf("next page at %q", next)
	}
	if second, _ := getJSON(t, client, next, token.Token)["value"].([]any); len(second) != 1 {
		t.Errorf("second page: %v", second)
	}
	l.nothingUnmodelled()
}

// Certificates name the tenant's own address only, whatever a client asks for.
func TestTheTenantsOwnAddressIsNobodyElse(t *testing.T) {
	l := start(t, emulator.Options{})
	own, err := url.Parse(l.access.GraphBase)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.access.CAPEM)
	conn, err := tls.Dial("tcp", own.Host, &tls.Config{RootCAs: roots, ServerName: "login.microsoftonline.com"})
	if err == nil {
		conn.Close()
		t.Error("the listener proved to be login.microsoftonline.com")
	}
}
