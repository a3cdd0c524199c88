package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/certs"
)

const emulatedHost = "login.microsoftonline.com"

// refusals collects what the proxy turned away.
type refusals struct {
	mu  sync.Mutex
	all []string
}

func (r *refusals) add(method, url string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, fmt.Sprint(method, " ", url, " ", status))
}

func start(t *testing.T) (*Proxy, *x509.CertPool, *refusals) {
	t.Helper()
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	refused := &refusals{}
	p, err := Start(Options{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %s %s", r.Proto, r.Host, r.URL.Path)
		}),
		Emulated:    func(host string) bool { return host == emulatedHost },
		Certificate: authority.Leaf,
		Refused:     refused.add,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AddCert(authority.Certificate())
	return p, roots, refused
}

func client(t *testing.T, p *Proxy, roots *x509.CertPool, http2 bool) *http.Client {
	t.Helper()
	address, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		Proxy:             http.ProxyURL(address),
		TLSClientConfig:   &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2: http2,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestEmulatedHostIsAnsweredUnderItsOwnName(t *testing.T) {
	p, roots, _ := start(t)
	for name, row := range map[string]struct {
		http2 bool
		want  string
	}{
		"HTTP/2":   {true, "HTTP/2.0 " + emulatedHost + " /common"},
		"HTTP/1.1": {false, "HTTP/1.1 " + emulatedHost + " /common"},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := client(t, p, roots, row.http2).Get("https://" + emulatedHost + "/common")
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(body); got != row.want {
				t.Errorf("answer %q, want %q", got, row.want)
			}
			if !certs.Marked(response.TLS.PeerCertificates[0]) {
				t.Error("the leaf is not marked as embedded")
			}
		})
	}
}

func TestEveryOtherDestinationIsRefusedAndRecorded(t *testing.T) {
	p, roots, refused := start(t)
	hc := client(t, p, roots, true)
	if _, err := hc.Get("https://example.org/secret?code=1"); err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("CONNECT to a host that is not emulated: %v, want Forbidden", err)
	}
	for target, want := range map[string]int{
		"http://example.org/page?code=1":   http.StatusForbidden,
		"http://" + emulatedHost + "/page": http.StatusBadGateway,
	} {
		response, err := hc.Get(target)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s answered %d, want %d", target, response.StatusCode, want)
		}
	}
	got := map[string]bool{}
	for _, line := range refused.all {
		got[line] = true
	}
	want := map[string]bool{
		"CONNECT https://example.org:443 403":      true,
		"GET http://example.org/page 403":          true,
		"GET http://" + emulatedHost + "/page 502": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recorded refusals (-want +got):\n%s", diff)
	}
}

// A host that a fault makes unreachable is one that the proxy cannot resolve, and none that it refuses.
func TestAHostThatCannotBeReachedIsNoRefusal(t *testing.T) {
	p, roots, refused := start(t)
	down := true
	p.opts.Unreachable = func(host string) bool { return down && host == emulatedHost }
	browser := client(t, p, roots, true)
	if _, err := browser.Get("https://" + emulatedHost + "/"); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("error %v, want a bad gateway", err)
	}
	down = false
	response, err := browser.Get("https://" + emulatedHost + "/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if len(refused.all) != 0 {
		t.Errorf("refused: %q", refused.all)
	}
}

// A client may send its first TLS bytes in the same packet as CONNECT; the server has then
// buffered them before the connection is taken over.
func TestBytesSentTogetherWithConnectAreNotLost(t *testing.T) {
	p, roots, _ := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	eager := &eagerConn{Conn: conn, preface: "CONNECT " + emulatedHost + ":443 HTTP/1.1\r\nHost: " + emulatedHost + ":443\r\n\r\n"}
	tlsConn := tls.Client(eager, &tls.Config{RootCAs: roots, ServerName: emulatedHost})
	if err := tlsConn.HandshakeContext(context.Background()); err != nil {
		t.Fatalf("handshake whose first bytes came with CONNECT: %v", err)
	}
}

// eagerConn sends the preface in one write with the first bytes of the handshake, and takes
// the proxy's answer off the front of what it reads.
type eagerConn struct {
	net.Conn
	preface  string
	answered *bufio.Reader
}

func (c *eagerConn) Write(b []byte) (int, error) {
	if c.preface == "" {
		return c.Conn.Write(b)
	}
	first := append([]byte(c.preface), b...)
	c.preface = ""
	_, err := c.Conn.Write(first)
	return len(b), err
}

func (c *eagerConn) Read(b []byte) (int, error) {
	if c.answered == nil {
		c.answered = bufio.NewReader(c.Conn)
		response, err := http.ReadResponse(c.answered, &http.Request{Method: http.MethodConnect})
		if err != nil {
			return 0, err
		}
		if response.StatusCode != http.StatusOK {
			return 0, fmt.Errorf("CONNECT answered %s", response.Status)
		}
	}
	return c.answered.Read(b)
}

func TestListenRefusesAnAddressThatOthersCanReach(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "192.0.2.1:0", "nonsense"} {
		p, err := Start(Options{Listen: address})
		if err == nil {
			p.Close()
			t.Errorf("listening on %q was allowed", address)
		}
	}
}
