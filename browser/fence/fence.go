// Package fence holds a browser to the hosts that it has business with. A Fence is an HTTP proxy on
// a loopback port: it opens tunnels (CONNECT) to the hosts of its list and to no other, directly
// or through the proxy that the network demands, and notes the names of all that it refused.
//
// A pattern is a host name, "login.microsoftonline.com", or "*.msauth.net", which stands for every
// name below it and not for msauth.net itself. A pattern may end in a port; without one it means 443.
//
// It does not look into the tunnels: what a page does at a host that is allowed is not its business.
// Other programs of the machine may use the port as well; they get no further than the browser.
package fence

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Options say what is let through.
type Options struct {
	// Allow are the patterns of hosts. Empty lets nothing through.
	Allow []string
	// Upstream finds the proxy on the way to an address, as http.ProxyFromEnvironment does. Nil
	// means that there is none.
	Upstream func(*http.Request) (*url.URL, error)
	// Roots are trusted to certify a proxy whose address begins with https. Nil means the system's.
	Roots *x509.CertPool
}

// Fence is a running proxy. It is safe for concurrent use.
type Fence struct {
	*List
	options  Options
	listener net.Listener
	server   *http.Server
	tunnels  sync.WaitGroup
	ctx      context.Context
	stop     context.CancelFunc

	mu     sync.Mutex
	closed bool
}

// patience bounds how long a connection to a host may take to be made.
const patience = 30 * time.Second

// Start opens the proxy. Close it.
func Start(options Options) (*Fence, error) {
	list, err := NewList(options.Allow)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the browser's proxy: %w", err)
	}
	f := &Fence{List: list, options: options, listener: listener}
	f.ctx, f.stop = context.WithCancel(context.Background())
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: patience}
	go func() { _ = f.server.Serve(listener) }() // ends with Close
	return f, nil
}

// CheckPattern says what is wrong with a pattern of a host; nil when nothing is.
func CheckPattern(pattern string) error {
	host, port := splitPort(pattern)
	name := strings.TrimPrefix(host, "*.")
	switch {
	case name == "" || strings.ContainsAny(name, "*/@ ") || strings.Contains(pattern, "://"):
		return fmt.Errorf("the host pattern %q is none: write a host name such as login.example.com, or *.example.com for all below it", pattern)
	case !strings.Contains(name, ".") && strings.HasPrefix(host, "*."):
		return fmt.Errorf("the host pattern %q would let nearly everything through: name a domain, such as *.example.com", pattern)
	case port == "":
		return fmt.Errorf("the host pattern %q ends in a colon: write a port behind it, or leave it out", pattern)
	}
	return nil
}

// Proxy is the address to give to a browser.
func (f *Fence) Proxy() string { return "http://" + f.listener.Addr().String() }

// Close ends the proxy and every tunnel, and waits until they are gone.
func (f *Fence) Close() error {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.stop()
	err := f.server.Close()
	f.tunnels.Wait()
	return err
}

// ServeHTTP implements http.Handler.
func (f *Fence) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address := cmp.Or(r.Host, r.URL.Host)
	if r.Method != http.MethodConnect || !f.allows(address) {
		f.refuse(address)
		http.Error(w, "this host is not on the list of the browser", http.StatusForbidden)
		return
	}
	if !f.begin() {
		return
	}
	defer f.tunnels.Done()
	far, err := f.dial(f.ctx, address)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	near, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		_ = far.Close()
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n") // a failure shows in the copying
	f.join(near, buffered.Reader, far)
}

// begin counts a tunnel; false when the fence is closed.
func (f *Fence) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.tunnels.Add(1)
	}
	return !f.closed
}

// splitPort is a host in lower case, and its port; 443 where none is written.
func splitPort(address string) (host, port string) {
	host, port = address, "443"
	if i := strings.LastIndexByte(address, ':'); i >= 0 && !strings.HasSuffix(address, "]") {
		host, port = address[:i], address[i+1:]
	}
	return strings.ToLower(strings.TrimSuffix(host, ".")), port
}

// dial connects to a host, through the proxy on the way where there is one.
func (f *Fence) dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	host, port := splitPort(address)
	target := net.JoinHostPort(strings.Trim(host, "[]"), port)
	var dialer net.Dialer
	proxy, err := f.upstream(host, port)
	if err != nil {
		return nil, err
	}
	if proxy == nil {
		return dialer.DialContext(ctx, "tcp", target)
	}
	conn, err := f.reach(ctx, proxy)
	if err != nil {
		return nil, fmt.Errorf("reach the proxy: %w", err)
	}
	return throughProxy(ctx, conn, proxy, target)
}

func (f *Fence) upstream(host, port string) (*url.URL, error) {
	if f.options.Upstream == nil {
		return nil, nil
	}
	address := &url.URL{Scheme: "https", Host: host}
	if port != "443" {
		address.Host = host + ":" + port
	}
	proxy, err := f.options.Upstream(&http.Request{URL: address})
	if err != nil || proxy == nil {
		return nil, err
	}
	return proxy, CheckProxy(proxy)
}

// CheckProxy says what is wrong with the address of a proxy on the way; nil when nothing is.
func CheckProxy(proxy *url.URL) error {
	if ports[proxy.Scheme] == "" {
		return fmt.Errorf("the proxy %s is none that tunnels can be asked of: its address has to begin with http:// or https://", proxy.Redacted())
	}
	return nil
}

// ports are those of proxies that name none.
var ports = map[string]string{"http": "80", "https": "443"}

// reach connects to a proxy.
func (f *Fence) reach(ctx context.Context, proxy *url.URL) (net.Conn, error) {
	address := net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), ports[proxy.Scheme]))
	if proxy.Scheme == "https" {
		dialer := tls.Dialer{Config: &tls.Config{RootCAs: f.options.Roots, MinVersion: tls.VersionTLS12}}
		return dialer.DialContext(ctx, "tcp", address)
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", address)
}

// throughProxy asks a proxy for a tunnel.
func throughProxy(ctx context.Context, conn net.Conn, proxy *url.URL, target string) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	ask := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{}}
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		ask.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
	}
	reader := bufio.NewReader(conn)
	err := ask.Write(conn)
	var answer *http.Response
	if err == nil {
		answer, err = http.ReadResponse(reader, ask)
	}
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("ask the proxy for a tunnel: %w", err), conn.Close())
	case answer.StatusCode != http.StatusOK:
		return nil, errors.Join(fmt.Errorf("the proxy refused a tunnel to %s: %s", target, answer.Status), conn.Close())
	}
	_ = conn.SetDeadline(time.Time{})
	return &buffered{Conn: conn, reader: reader}, nil
}

// buffered reads first what was read ahead.
type buffered struct {
	net.Conn
	reader *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.reader.Read(p) }

// join copies both ways until one side ends, or the fence does.
func (f *Fence) join(near net.Conn, ahead *bufio.Reader, far net.Conn) {
	over := context.AfterFunc(f.ctx, func() { closeBoth(near, far) })
	defer over()
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(far, ahead) // its end is the end of the tunnel, whatever the reason
		closeBoth(near, far)
		close(done)
	}()
	_, _ = io.Copy(near, far)
	closeBoth(near, far)
	<-done
}

func closeBoth(a, b net.Conn) { _, _ = a.Close(), b.Close() }
