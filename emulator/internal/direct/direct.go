// Package direct is the tenant's own address: an https listener on loopback for clients that
// are told where their authority is and go through no proxy.
//
//	https://localhost:PORT/{tenant}/v2.0/.well-known/openid-configuration   sign-in
//	https://localhost:PORT/v1.0/users                                       Microsoft Graph
//
// It ends TLS, with HTTP/2 or HTTP/1.1, and hands every request on. What a path means is up to
// the handler.
package direct

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/proxy"
)

// Listener is a running listener. Close it.
type Listener struct {
	url    string
	server *http.Server
	done   sync.WaitGroup
}

// readHeaderTimeout ends connections that open and say nothing.
const readHeaderTimeout = 30 * time.Second

// host is the name that the address is given under; a client may use the number as well.
const host = "localhost"

// Listen serves on a loopback address until Close; empty means 127.0.0.1 and a free port.
// certificate returns the leaf of a host name or address.
func Listen(address string, handler http.Handler, certificate func(host string) (*tls.Certificate, error)) (*Listener, error) {
	listener, err := proxy.ListenLoopback(address)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	l := &Listener{url: "https://" + net.JoinHostPort(host, port)}
	l.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout,
		// Clients that do not trust the authority cut the handshake: no news.
		ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return certificate(asked(hello))
		}},
	}
	l.done.Go(func() { l.report(l.server.ServeTLS(listener, "", "")) })
	return l, nil
}

// asked is the host that the certificate has to name: the address itself for a client that was
// given a number and so sends no name.
func asked(hello *tls.ClientHelloInfo) string {
	if hello.ServerName != "" {
		return host
	}
	address, _, err := net.SplitHostPort(hello.Conn.LocalAddr().String())
	if err != nil {
		return host
	}
	return address
}

// URL is the address, such as "https://localhost:40213".
func (l *Listener) URL() string { return l.url }

// Close cuts every connection and waits for the serving goroutine.
func (l *Listener) Close() error {
	err := l.server.Close()
	l.done.Wait()
	return err
}

// report drops the error that every closed server returns. Any other one means that the
// listener died under us, which the next request shows as a refused connection.
func (l *Listener) report(error) {}
