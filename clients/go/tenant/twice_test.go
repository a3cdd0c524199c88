package tenant_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

func TestMain(m *testing.M) { tenant.Main(m) }

func ask(t *testing.T, client *http.Client, address string) error {
	t.Helper()
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", address, response.Status)
	}
	return nil
}

// A client that configures nothing reaches the tenant in both runs, by the environment alone; and
// it is really the environment: another trust is refused.
func TestEachRunIsReachedByItsEnvironment(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		document := tn.Authority + "/v2.0/.well-known/openid-configuration"
		if err := ask(t, http.DefaultClient, document); err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, document, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		proxy, err := http.ProxyFromEnvironment(request)
		if err != nil || (proxy != nil) != (tn.Run == tenant.Hosts) || proxy != nil && proxy.String() != tn.Proxy {
			t.Errorf("proxy %v, %v", proxy, err)
		}
		strangers := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
		defer strangers.CloseIdleConnections()
		var unknown x509.UnknownAuthorityError
		if err := ask(t, &http.Client{Transport: strangers}, document); !errors.As(err, &unknown) {
			t.Errorf("without the tenant's authority: %v", err)
		}
	})
}

// Nothing else in the environment speaks to a client.
func TestTheEnvironmentIsSmall(t *testing.T) {
	tenant.Twice(t, func(t *testing.T, tn *tenant.Tenant) {
		var heard []string
		for _, entry := range os.Environ() {
			name, _, _ := strings.Cut(entry, "=")
			for _, prefix := range []string{"AZURE", "MSAL", "HTTP", "NO_PROXY", "SSL", "GODEBUG", "http", "https", "no_proxy"} {
				if strings.HasPrefix(name, prefix) {
					heard = append(heard, name)
				}
			}
		}
		slices.Sort(heard)
		want := []string{"SSL_CERT_FILE"}
		if tn.Run == tenant.Hosts {
			want = []string{"HTTPS_PROXY", "SSL_CERT_FILE"}
		}
		if !slices.Equal(heard, want) {
			t.Errorf("a client hears of %v, want %v", heard, want)
		}
		if err := ask(t, http.DefaultClient, tn.Authority+"/v2.0/.well-known/openid-configuration"); err != nil {
			t.Error(err)
		}
	})
}
