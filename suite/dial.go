package suite

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/trace"
)

// answerWithin bounds one HTTP request, in machine time. Graph's own gateway gives up after
// less; a request that lasts longer hangs.
const answerWithin = 100 * time.Second

// dialer makes the HTTP clients of one target, and remembers by which certificates each host
// proved to be itself: what the evidence says about the target is derived from those.
type dialer struct {
	proxy *url.URL       // nil: the environment's
	roots *x509.CertPool // nil: the system's

	// watch is Options.watch.
	watch func(waited)
	// traced lets the traces of proofs hear what the clients send. It is set before the first client is made.
	traced bool

	mu     sync.Mutex
	chains map[string][]*x509.Certificate
	made   []*http.Transport
}

func newDialer(proxy string, caPEM []byte) (*dialer, error) {
	d := &dialer{chains: map[string][]*x509.Certificate{}}
	if proxy != "" {
		parsed, err := url.Parse(proxy)
		if err != nil || parsed.Host == "" {
			return nil, fmt.Errorf("proxy %q: want an address such as http://127.0.0.1:8080", proxy)
		}
		d.proxy = parsed
	}
	var err error
	d.roots, err = rootsWith(caPEM)
	return d, err
}

// rootsWith are the system's authorities and those of a PEM file; nil, the system's, without one.
func rootsWith(caPEM []byte) (*x509.CertPool, error) {
	if len(caPEM) == 0 {
		return nil, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(caPEM) {
		return nil, errors.New("the CA file holds no PEM certificate")
	}
	return roots, nil
}

// client returns a client with connections of its own that retries and caches nothing.
func (d *dialer) client() *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{RootCAs: d.roots, MinVersion: tls.VersionTLS12, VerifyConnection: d.remember},
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
	}
	if d.proxy != nil {
		transport.Proxy = http.ProxyURL(d.proxy)
	}
	d.mu.Lock()
	d.made = append(d.made, transport)
	d.mu.Unlock()
	client := &http.Client{
		Transport: telemetry.Transport(bounded{transport}), Timeout: answerWithin,
		// No host redirects a call of ours; to follow would carry tokens and secrets along.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if d.watch != nil {
		client.Transport = timed{client.Transport, d.watch}
	}
	if d.traced {
		client.Transport = trace.Transport(client.Transport)
	}
	return client
}

// largestAnswer bounds what is read of any answer, whoever reads it; the readers of this module have
// narrower bounds of their own.
const largestAnswer = 64 << 20

// bounded breaks an answer off that is larger than largestAnswer.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, largestAnswer)
	}
	return response, err
}

// remember runs after the chain was verified; it refuses nothing.
func (d *dialer) remember(state tls.ConnectionState) error {
	chain := state.PeerCertificates
	if len(state.VerifiedChains) > 0 {
		chain = state.VerifiedChains[0]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.chains[state.ServerName] = chain
	return nil
}

// seen returns the chain of each host that was spoken to.
func (d *dialer) seen() map[string][]*x509.Certificate {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := make(map[string][]*x509.Certificate, len(d.chains))
	for host, chain := range d.chains {
		seen[host] = chain
	}
	return seen
}

func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, transport := range d.made {
		transport.CloseIdleConnections()
	}
}

// spkiOf returns the base64 SHA-256 of the public key of every certificate in a PEM file: the
// form in which a browser is told to trust a CA for one run.
func spkiOf(caPEM []byte) ([]string, error) {
	var all []string
	for block, rest := pem.Decode(caPEM); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read CA: %w", err)
		}
		sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
		all = append(all, base64.StdEncoding.EncodeToString(sum[:]))
	}
	return all, nil
}
