package suite

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/loopback"
	"github.com/reprompt/reprompt/notify"
	"github.com/reprompt/reprompt/secret"
)

// Sender makes the sender of notifications that a file asks for. proxy and caPEM are those of the file;
// empty means the environment's proxy and the system's authorities. A receiver on this machine is reached
// without a proxy. secrets are withheld wherever they stand.
func Sender(n config.Notify, proxy string, caPEM []byte, secrets []secret.Text) (*notify.Sender, error) {
	s := &notify.Sender{Secrets: secrets}
	if len(n.Command) > 0 {
		s.Command = &notify.Command{Args: n.Command, Dir: n.Dir}
	}
	if n.Webhook == nil {
		return s, nil
	}
	roots, err := rootsWith(caPEM)
	if err != nil {
		return nil, required(err)
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, IdleConnTimeout: 90 * time.Second,
	}
	if proxy != "" {
		through, err := url.Parse(proxy)
		if err != nil {
			return nil, requiredf("proxy %q: want an address such as http://127.0.0.1:8080", proxy)
		}
		transport.Proxy = func(r *http.Request) (*url.URL, error) {
			if loopback.Is(r.URL.Hostname()) {
				return nil, nil
			}
			return through, nil
		}
	}
	s.Webhook = &notify.Webhook{URL: n.Webhook.URL, Secret: n.Webhook.Secret, HTTP: transport}
	return s, nil
}

// SecretsOf are the secrets of a tenant file.
func SecretsOf(t *config.Tenant) []secret.Text {
	var all []secret.Text
	for _, p := range placeOfFile(t).testAdmins(Options{Tenant: t}) {
		all = append(append(all, p.adminPassword, p.adminTOTP), p.secrets...)
	}
	all = append(all, browser.RemoteSecrets(t.Browser.URL)...)
	if w := t.Notify.Webhook; w != nil {
		all = append(all, w.Secret)
	}
	var kept []secret.Text
	for _, s := range all {
		if !s.Empty() {
			kept = append(kept, s)
		}
	}
	return kept
}
