package suite

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// reach asks the sign-in host for a public document, so that a proxy, a certificate or a name that
// is wrong is told for what it is: the identity library tries again for a while and then hides the
// cause. Whatever else goes wrong is that library's to tell.
func (w *world) reach(ctx context.Context) error {
	address := w.place.authority + "/" + url.PathEscape(w.place.tenantID) + "/v2.0/.well-known/openid-configuration"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return requiredf("reach the sign-in host: %w", err)
	}
	resp, err := w.dial.client().Do(req)
	if err != nil {
		return w.unreachable(err)
	}
	_ = resp.Body.Close() // nothing of it was wanted
	return nil
}

// unreachable names the part of the way to a host that is at fault and where to mend it. nil means
// that the error is none of those that it knows.
func (w *world) unreachable(err error) error {
	host := "the host"
	if request := new(url.Error); errors.As(err, &request) {
		if address, bad := url.Parse(request.URL); bad == nil {
			host = address.Hostname()
		}
	}
	var (
		operation   *net.OpError
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		return requiredf("the proxy %s does not answer: %w; check %s", w.dial.proxyFor(host), cause(err), w.proxyFrom())
	case errors.As(err, &certificate):
		return requiredf("the certificate of %s is not trusted: %w; %s", host, certificate.Err, w.trustAdvice(certificate.Err))
	case errors.As(err, &name):
		return requiredf("the name %s is not known (%s): check the network, the name server and whether a proxy is needed (proxy in the tenant file)", name.Name, name.Err)
	case errors.Is(err, connectionRefused):
		return requiredf("%s does not answer: %w; check the network and whether a proxy is needed (proxy in the tenant file)", host, cause(err))
	}
	return nil
}

// cause is the innermost error: the others say again what was asked of whom.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// proxyFor is the address of the proxy on the way to a host.
func (d *dialer) proxyFor(host string) string {
	if d.proxy != nil {
		return d.proxy.Redacted()
	}
	used, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: host}})
	if err != nil || used == nil {
		return "on the way"
	}
	return used.Redacted()
}

// proxyFrom is where the proxy was named.
func (w *world) proxyFrom() string {
	switch {
	case w.dial.proxy == nil:
		return "the environment variable HTTPS_PROXY"
	case w.place.control != nil:
		return w.inFile("proxy") + ", and whether `reprompt emulator` is still running"
	}
	return w.inFile("proxy")
}

// trustAdvice is what to do about a certificate.
func (w *world) trustAdvice(err error) string {
	unknown := new(x509.UnknownAuthorityError)
	switch {
	case !errors.As(err, unknown):
		return "a proxy may stand in the way, or this machine's clock may be wrong"
	case len(w.place.caPEM) > 0:
		return "the certificates of " + w.inFile("ca_file") + " did not sign it: name the one that did"
	}
	return "name the certificate that signed it with " + w.inFile("ca_file")
}

// inFile names a key of the tenant file.
func (w *world) inFile(key string) string {
	if w.place.file == "" {
		return key
	}
	return fmt.Sprintf("%s in %s", key, w.place.file)
}
