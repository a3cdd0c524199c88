package fence

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// start opens a fence around the hosts that patterns name.
func start(t *testing.T, options Options) *Fence {
	t.Helper()
	f, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// through is a client that goes through the fence and trusts the server's certificate.
func through(t *testing.T, f *Fence, server *httptest.Server) *http.Client {
	t.Helper()
	proxy, err := url.Parse(f.Proxy())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), DisableKeepAlives: true}
	if server != nil {
		transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func tenant(t *testing.T) (server *httptest.Server, port string) {
	t.Helper()
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "got "+string(body))
	}))
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return server, port
}

func TestTunnelsToAllowedHosts(t *testing.T) {
	server, port := tenant(t)
	f := start(t, Options{Allow: []string{"127.0.0.1:" + port}})
	answer, err := through(t, f, server).Post(server.URL, "text/plain", strings.NewReader("it"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(body) != "got it" {
		t.Errorf("got %q, %v", body, err)
	}
	if refused := f.Refused(); len(refused) > 0 {
		t.Errorf("refused %q", refused)
	}
}

func TestRefusesEveryOtherHost(t *testing.T) {
	server, port := tenant(t)
	f := start(t, Options{Allow: []string{"login.example.com", "127.0.0.1:1"}})
	client := through(t, f, server)
	for _, address := range []string{server.URL, "https://evil.example.org/", "https://login.example.com.evil.org/", "http://login.example.com/"} {
		answer, err := client.Get(address)
		if err == nil {
			if answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s answered %s", address, answer.Status)
			}
			_ = answer.Body.Close()
		}
	}
	want := []string{"127.0.0.1", "evil.example.org", "login.example.com", "login.example.com.evil.org"}
	if got := f.Refused(); !slices.Equal(got, want) {
		t.Errorf("refused %q, want %q (port %s)", got, want, port)
	}
}

func TestPatterns(t *testing.T) {
	f := &List{allow: []string{"login.example.com", "*.cdn.example", "other.example:8443"}}
	for address, want := range map[string]bool{
		"login.example.com:443": true, "LOGIN.example.com.:443": true, "login.example.com": true,
		"login.example.com:80": false, "xlogin.example.com:443": false, "a.cdn.example:443": true,
		"a.b.cdn.example:443": true, "cdn.example:443": false, "evilcdn.example:443": false, ".cdn.example:443": false,
		"other.example:8443": true, "other.example:443": false, "": false,
	} {
		if got := f.allows(address); got != want {
			t.Errorf("%q is let through: %v", address, got)
		}
	}
	for pattern, right := range map[string]bool{
		"login.example.com": true, "*.example.com": true, "localhost:8443": true, "*": false, "*.com": false, "*.": false, "": false,
		"https://login.example.com": false, "login.example.com/path": false, "a*.example.com": false, "login.example.com:": false,
	} {
		if err := CheckPattern(pattern); (err == nil) != right {
			t.Errorf("%q: %v", pattern, err)
		}
	}
	if _, err := Start(Options{Allow: []string{"*"}}); err == nil {
		t.Error("a fence around everything was opened")
	}
}

// A network that demands a proxy is gone through by it, with its credentials.
func TestThroughTheProxyOfTheNetwork(t *testing.T) {
	server, port := tenant(t)
	asked := make(chan *http.Request, 1)
	status := http.StatusOK
	corporate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		if status != http.StatusOK {
			http.Error(w, "no", status)
			return
		}
		far, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		near, ahead, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(far, ahead); _ = far.Close() }()
		_, _ = io.Copy(near, far)
		_ = near.Close()
	}))
	t.Cleanup(corporate.Close)
	proxy, err := url.Parse(corporate.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy.User = url.UserPassword("me", "pass")
	f := start(t, Options{Allow: []string{"tenant.example:" + port}, Upstream: http.ProxyURL(proxy)})
	client := through(t, f, server)
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true}

	answer, err := client.Get("https://tenant.example:" + port + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	got := <-asked
	if got.Method != http.MethodConnect || got.Host != "tenant.example:"+port {
		t.Errorf("the proxy was asked for %s %s", got.Method, got.Host)
	}
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:pass")); got.Header.Get("Proxy-Authorization") != want {
		t.Errorf("it was given %q", got.Header.Get("Proxy-Authorization"))
	}

	status = http.StatusProxyAuthRequired
	if _, err := client.Get("https://tenant.example:" + port + "/"); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("a proxy that refuses: %v", err)
	}
	<-asked
}

// A proxy may itself speak TLS, with a certificate that only ca_file's authority signs.
func TestThroughAProxyThatSpeaksTLS(t *testing.T) {
	_, port := tenant(t)
	corporate := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != "127.0.0.1:"+port {
			t.Errorf("the proxy was asked for %s %s", r.Method, r.Host)
		}
		http.Error(w, "no", http.StatusTeapot)
	}))
	t.Cleanup(corporate.Close)
	proxy, err := url.Parse(corporate.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		roots *x509.CertPool
		says  string
	}{
		"trusted": {corporate.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, "refused a tunnel"},
		"unknown": {x509.NewCertPool(), "unknown authority"},
	} {
		f := start(t, Options{Allow: []string{"127.0.0.1:" + port}, Upstream: http.ProxyURL(proxy), Roots: row.roots})
		if _, err := f.dial(t.Context(), "127.0.0.1:"+port); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v, want %q", name, err, row.says)
		}
	}
}

func TestProxiesThatCannotBeAsked(t *testing.T) {
	for _, address := range []string{"socks5://127.0.0.1:1", "http://127.0.0.1:1"} {
		proxy, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		f := start(t, Options{Allow: []string{"tenant.example"}, Upstream: http.ProxyURL(proxy)})
		if _, err := through(t, f, nil).Get("https://tenant.example/"); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// Close ends tunnels that are still open.
func TestCloseEndsTunnels(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	f, err := Start(Options{Allow: []string{listener.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.Proxy(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "CONNECT "+listener.Addr().String()+" HTTP/1.1\r\nHost: "+listener.Addr().String()+"\r\n\r\nahead")
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	early := make([]byte, 5)
	if _, err := io.ReadFull(far, early); err != nil || string(early) != "ahead" {
		t.Fatalf("what was sent ahead came as %q, %v", early, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := far.Read(early); err == nil {
		t.Errorf("the tunnel is still open: read %d", n)
	}
}
