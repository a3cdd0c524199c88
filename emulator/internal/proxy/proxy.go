// Package proxy is the door to the embedded tenant: an HTTP proxy on loopback that ends
// CONNECT tunnels to the emulated host names in the emulator itself, on TLS with HTTP/2 or
// HTTP/1.1, and refuses every other destination.
//
//	CONNECT login.microsoftonline.com:443   200, then TLS with a leaf for that name
//	CONNECT example.org:443                 403, recorded
//	CONNECT an emulated host that a fault makes unreachable   502
//	GET http://example.org/                 403, recorded
//	GET http://graph.microsoft.com/         502, recorded: the service speaks TLS only
//
// So a client that is given the proxy and the authority's certificate reaches the emulated
// hosts under their real names, and nothing else.
package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what the proxy serves.
type Options struct {
	// Listen is the loopback address; empty means 127.0.0.1 and a free port.
	Listen string
	// Handler answers the requests inside the tunnels. Request.Host is an emulated host.
	Handler http.Handler
	// Emulated says whether a host name (lower case, no port) is answered here.
	Emulated func(host string) bool
	// Certificate returns the leaf for an emulated host.
	Certificate func(host string) (*tls.Certificate, error)
	// Unreachable says whether a connection to an emulated host cannot be opened just now; nil means that
	// each can.
	Unreachable func(host string) bool
	// Refused is told of every request that was turned away; nil means nobody is.
	Refused func(method, url string, status int)
}

// Proxy is a running proxy. Close it.
type Proxy struct {
	opts   Options
	outer  net.Listener
	inner  *tunnels
	front  *http.Server
	tenant *http.Server
	done   sync.WaitGroup
}

// readHeaderTimeout ends connections that open and say nothing.
const readHeaderTimeout = 30 * time.Second

// Start listens and serves until Close.
func Start(opts Options) (*Proxy, error) {
	listener, err := ListenLoopback(opts.Listen)
	if err != nil {
		return nil, err
	}
	p := &Proxy{opts: opts, outer: listener, inner: newTunnels(listener.Addr())}
	// Browsers cut connections as they please; their TLS and HTTP complaints are not news.
	silent := log.New(discard{}, "", 0)
	p.front = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: readHeaderTimeout, ErrorLog: silent}
	p.tenant = &http.Server{
		Handler:           opts.Handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ErrorLog:          silent,
		TLSConfig:         &tls.Config{GetCertificate: p.certificate, MinVersion: tls.VersionTLS12},
	}
	p.done.Go(func() { p.report(p.front.Serve(p.outer)) })
	p.done.Go(func() { p.report(p.tenant.ServeTLS(p.inner, "", "")) })
	return p, nil
}

// ListenLoopback listens on an address of this machine only; empty means a free port. It
// refuses one that other machines could reach: whoever reaches it is inside the tenant.
func ListenLoopback(address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: give host and port, such as 127.0.0.1:0: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("listen on %q: not a loopback address; give 127.0.0.1 or [::1]", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (give port 0 for a free one): %w", address, err)
	}
	return listener, nil
}

// URL is the proxy's address as clients take it, such as "http://127.0.0.1:41235".
func (p *Proxy) URL() string { return "http://" + p.outer.Addr().String() }

// Close cuts every connection and waits for the serving goroutines.
func (p *Proxy) Close() error {
	err := errors.Join(p.front.Close(), p.tenant.Close(), p.inner.Close())
	p.done.Wait()
	return err
}

// report drops the error that every closed server returns. Any other one means that the
// listener died under us, which the next request shows as a refused connection.
func (p *Proxy) report(error) {}

func (p *Proxy) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(hello.ServerName)
	if !p.opts.Emulated(host) {
		return nil, fmt.Errorf("TLS for %q: not an emulated host", host)
	}
	return p.opts.Certificate(host)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	host, port := splitTarget(r)
	switch {
	case r.Method == http.MethodConnect && p.opts.Emulated(host) && p.opts.Unreachable != nil && p.opts.Unreachable(host):
		http.Error(w, "the proxy cannot resolve "+host, http.StatusBadGateway) // a fault, and no host that is not emulated
	case r.Method == http.MethodConnect && p.opts.Emulated(host) && port == "443":
		p.tunnel(w)
	case r.Method == http.MethodConnect:
		p.refuse(w, r.Method, "https://"+r.Host, http.StatusForbidden, "the embedded tenant does not answer for this host")
	case !r.URL.IsAbs():
		http.Error(w, "this is an HTTP proxy: set it as HTTPS_PROXY", http.StatusBadRequest)
	case p.opts.Emulated(host):
		p.refuse(w, r.Method, plainURL(r), http.StatusBadGateway, "the embedded tenant speaks https only")
	default:
		p.refuse(w, r.Method, plainURL(r), http.StatusForbidden, "the embedded tenant does not answer for this host")
	}
}

func splitTarget(r *http.Request) (host, port string) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	return strings.ToLower(host), port
}

// plainURL leaves out query and fragment, which may carry secrets.
func plainURL(r *http.Request) string { return r.URL.Scheme + "://" + r.URL.Host + r.URL.EscapedPath() }

func (p *Proxy) refuse(w http.ResponseWriter, method, url string, status int, why string) {
	if p.opts.Refused != nil {
		p.opts.Refused(method, url, status)
	}
	http.Error(w, why, status)
}

// tunnel takes the connection over from the front server and hands it to the inner one.
func (p *Proxy) tunnel(w http.ResponseWriter) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "cannot open a tunnel: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection Established\r\n\r\n")); err != nil {
		conn.Close()
		return
	}
	// The front server may have read the client's first TLS bytes together with the
	// CONNECT request. Dropping them breaks about every third handshake.
	if err := p.inner.Hand(&resumed{Conn: conn, first: buffered.Reader}); err != nil {
		conn.Close()
	}
}

// resumed is a connection whose first bytes were already read into a buffer.
type resumed struct {
	net.Conn
	first *bufio.Reader
}

func (c *resumed) Read(b []byte) (int, error) {
	if c.first.Buffered() > 0 {
		return c.first.Read(b[:min(len(b), c.first.Buffered())])
	}
	return c.Conn.Read(b)
}

// tunnels is a listener that accepts the connections it is handed.
type tunnels struct {
	addr   net.Addr
	conns  chan net.Conn
	ctx    context.Context
	cancel context.CancelFunc
}

func newTunnels(addr net.Addr) *tunnels {
	ctx, cancel := context.WithCancel(context.Background())
	return &tunnels{addr: addr, conns: make(chan net.Conn), ctx: ctx, cancel: cancel}
}

// Hand passes a connection to Accept; it fails once the listener is closed.
func (t *tunnels) Hand(conn net.Conn) error {
	select {
	case t.conns <- conn:
		return nil
	case <-t.ctx.Done():
		return net.ErrClosed
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.cancel()
	return nil
}

func (t *tunnels) Addr() net.Addr { return t.addr }

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
