package emulator_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"runtime"
	"testing"

	"github.com/reprompt/reprompt/emulator"
)

// served is a running embedded tenant for a benchmark.
func served(b *testing.B) *emulator.Server {
	b.Helper()
	server, err := emulator.Start(b.Context(), emulator.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return server
}

func closed(b *testing.B, server *emulator.Server) {
	b.Helper()
	if err := server.Close(); err != nil {
		b.Fatal(err)
	}
}

// proxied is a client without connections, behind the server's proxy.
func proxied(b *testing.B, access emulator.Access) *http.Client {
	b.Helper()
	proxy, err := url.Parse(access.Proxy)
	if err != nil {
		b.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(access.CAPEM)
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
}

// applicationToken asks for the token of the application that prepares, and fails without one.
func applicationToken(b testing.TB, client *http.Client, access emulator.Access) string {
	b.Helper()
	response, err := client.PostForm("https://login.microsoftonline.com/"+access.TenantID+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "scope": {graphScope},
		"client_id": {access.FixturesApp.ClientID}, "client_secret": {access.FixturesApp.ClientSecret},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		b.Fatalf("%s: no token (%v)", response.Status, err)
	}
	return answer.Token
}

// BenchmarkListening is from nothing to a tenant that accepts connections. Goal: under 100 ms.
func BenchmarkListening(b *testing.B) {
	for b.Loop() {
		server := served(b)
		b.StopTimer()
		closed(b, server)
		b.StartTimer()
	}
}

// BenchmarkFirstToken is from nothing to an application's token, with the signing key made
// and TLS set up on the way. Goal: under 500 ms.
func BenchmarkFirstToken(b *testing.B) {
	for b.Loop() {
		server := served(b)
		client := proxied(b, server.Access())
		applicationToken(b, client, server.Access())
		b.StopTimer()
		client.CloseIdleConnections()
		closed(b, server)
		b.StartTimer()
	}
}

// BenchmarkFurtherTenant is POST /tenants on a running server, and what each tenant keeps of
// memory. Goal: under 1 ms and 100 KiB.
func BenchmarkFurtherTenant(b *testing.B) {
	server := served(b)
	defer closed(b, server)
	access := server.Access()
	tenants := 0
	before := heap()
	for b.Loop() {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, access.Control+"/tenants", bytes.NewReader(nil))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+access.ControlToken)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		var made emulator.Access
		if err := json.NewDecoder(response.Body).Decode(&made); err != nil || made.TenantID == "" {
			b.Fatalf("%s: no tenant (%v)", response.Status, err)
		}
		response.Body.Close()
		tenants++
	}
	b.ReportMetric(float64(heap()-before)/1024/float64(tenants), "KiB/tenant")
}

// heap is what is alive after a collection.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
