package browser

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp/remote"

	"github.com/reprompt/reprompt/loopback"
	"github.com/reprompt/reprompt/secret"
)

// Remote says how to reach a browser that runs already: in another process of this machine, in a container,
// at a service. What is a flag of a process that we start is the other side's to set there: the profile, the
// language, the certificates that are trusted.
type Remote struct {
	// URL is the address of the browser's own end of the DevTools protocol, as CheckRemote takes it. Whoever
	// has it has the browser.
	URL secret.Text
	// Proxy is the HTTP proxy of our sessions, seen from the browser; empty: what the browser uses by itself.
	Proxy string
	// Allows reports whether pages of our sessions may ask for a host, with its port where that is not 443.
	// Nil lets everything through. It holds requests of pages, frames and workers, and no WebSocket, no WebRTC
	// and no name that is resolved ahead. It is called on the reading goroutine and must not wait.
	Allows func(address string) bool
	// InsecureCertificates accepts every certificate. It is for a tenant of this machine whose proxy leads
	// nowhere else.
	InsecureCertificates bool
}

// RemoteName is what an Installation of a browser at another place is called.
const RemoteName = "remote browser"

// connectPatience bounds the connection to a browser, with its first answers.
const connectPatience = 20 * time.Second

// Connect connects to a browser that runs already and sees to it that it can do what is needed. Close leaves
// the browser running and nothing of ours in it. The context bounds the start only.
func Connect(ctx context.Context, to Remote) (*Browser, error) {
	where, err := RemoteHost(to.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectPatience, ErrStuck)
	defer cancel()
	transport, err := remote.DialContext(ctx, to.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("connect to the browser at %s: %s", where, hidden(to.URL, whyNotConnected(err)))
	}
	b := &Browser{
		options: Options{Installation: Installation{Name: RemoteName}}, remote: &to,
		sessions: map[cdp.BrowserContextID]*Session{},
		digest:   func() (string, error) { return "", errors.New("digest browser: its program is not on this machine") },
	}
	b.conn = newConn(transport, b.endSessions)
	b.root = b.conn.open("", b.event)
	if err := b.prove(ctx); err != nil {
		_ = b.Close() // the cause says more
		return nil, fmt.Errorf("connect to the browser at %s: %s", where, hidden(to.URL, err.Error()))
	}
	return b, nil
}

// chromiums are how the products that are Chromium call themselves.
var chromiums = regexp.MustCompile(`^(HeadlessChrome|Chrome|Chromium|Edg)/(\d+)\.`)

// prove sees to it that the other side is a browser, and one that knows the youngest command that a proof
// depends on: where commands are unknown their effect is missing, and nothing else would say so.
func (b *Browser) prove(ctx context.Context) error {
	if err := b.greet(ctx); err != nil {
		return fmt.Errorf("it did not answer as Chromium's browser endpoint does: %w; give webSocketDebuggerUrl of its /json/version", err)
	}
	if !chromiums.MatchString(b.version) {
		return fmt.Errorf("it calls itself %q, which is no Chromium, Chrome or Edge", b.version)
	}
	s, err := b.NewSession(ctx)
	if err != nil {
		return fmt.Errorf("it lets nobody open a context: %w; give the browser's address, not a page's (webSocketDebuggerUrl of its /json/version)", err)
	}
	defer func() { _ = s.Close(ctx) }() // Close of the browser takes what is left
	tab, err := s.NewTab(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, tab.page.route, nil, network.ConfigureDurableMessages, network.ConfigureDurableMessagesParams{
		MaxResourceBufferSize: new(int64(maxBody)), MaxTotalBufferSize: new(int64(maxBuffered)),
	})
	if err != nil {
		return fmt.Errorf("%s is too old, or too new: it does not take %s (%w), without which answers with tokens are lost; tried is Chromium 156",
			b.version, network.CommandConfigureDurableMessages, err)
	}
	return nil
}

// RemoteHost is the part of a remote browser's address that may be shown: scheme, host and port. The error
// says what is wrong with the address, without it.
func RemoteHost(address secret.Text) (string, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return "", errors.New("the browser's address is no URL: write it as wss://HOST/PATH")
	}
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		return "", fmt.Errorf("the browser's address begins with %s://: give webSocketDebuggerUrl of its /json/version, which begins with ws:// or wss://", u.Scheme)
	case u.Scheme != "ws" && u.Scheme != "wss":
		return "", errors.New("the browser's address does not begin with wss://: write it as wss://HOST/PATH")
	case u.Hostname() == "":
		return "", errors.New("the browser's address names no host: write it as wss://HOST/PATH")
	case u.Scheme == "ws" && !loopback.Is(u.Hostname()):
		return "", fmt.Errorf("ws://%s is not encrypted, and whoever reads along has the admin's session: use wss://, or a tunnel to this machine and ws://127.0.0.1:PORT", u.Host)
	}
	return u.Scheme + "://" + u.Host, nil
}

// IsOfThisMachine reports whether a remote browser's address is one of this machine. What listens there may
// still be a tunnel.
func IsOfThisMachine(address secret.Text) bool {
	u, err := url.Parse(address.Reveal())
	return err == nil && loopback.Is(u.Hostname())
}

// shortestPart is how long a part of an address is that is taken for a secret: Chromium's own ids have 36
// characters.
const shortestPart = 12

// RemoteSecrets are the parts of a remote browser's address that must not be shown, the whole first. Empty for
// an empty address.
func RemoteSecrets(address secret.Text) []secret.Text {
	if address.Empty() {
		return nil
	}
	all := []secret.Text{address}
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return all
	}
	parts := strings.Split(u.Path, "/")
	for _, values := range u.Query() {
		parts = append(parts, values...)
	}
	if password, ok := u.User.Password(); ok {
		parts = append(parts, password)
	}
	parts = append(parts, u.User.Username(), u.RawQuery)
	for _, part := range parts {
		if len(part) >= shortestPart {
			all = append(all, secret.New(part))
		}
	}
	return all
}

// hidden is a text without the parts of the address that must not be shown.
func hidden(address secret.Text, text string) string {
	for _, part := range RemoteSecrets(address) {
		text = strings.ReplaceAll(text, part.Reveal(), "[secret]")
		text = strings.ReplaceAll(text, url.QueryEscape(part.Reveal()), "[secret]")
	}
	return text
}

// answered finds the status in the dialer's error, which has no field for it.
var answered = regexp.MustCompile(`unexpected status "(\d+[^"]*)"`)

// whyNotConnected says why no connection came about and what to do, without the address.
func whyNotConnected(err error) string {
	if request := new(url.Error); errors.As(err, &request) {
		err = request.Err
	}
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		plain       tls.RecordHeaderError
		dialed      *net.OpError
	)
	status := answered.FindStringSubmatch(err.Error())
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("the name %s is not known: check the address", name.Name)
	case errors.As(err, &certificate):
		return fmt.Sprintf("its certificate is not trusted: %v; have this machine trust whoever signed it (SSL_CERT_FILE on Linux)", certificate.Err)
	case errors.As(err, &plain), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return "it does not speak TLS: give the port that does, or ws:// through a tunnel to this machine"
	case errors.As(err, &dialed) && dialed.Op == "dial":
		return fmt.Sprintf("nothing answers there (%v): is it running, with a DevTools port, and is the address right?", dialed.Err)
	case len(status) > 0 && strings.HasPrefix(status[1], "404"):
		return "it answers 404 Not Found: this is no browser's address, or of one that was restarted; give webSocketDebuggerUrl of its /json/version"
	case len(status) > 0 && (strings.HasPrefix(status[1], "401") || strings.HasPrefix(status[1], "403")):
		return "it refuses us (" + status[1] + "): check the token in the address"
	case len(status) > 0:
		return "it answers " + status[1] + " where a WebSocket was asked for: check the address (Chromium itself wants localhost or an IP address as its host)"
	}
	return err.Error()
}

// leave ends the connection to a remote browser, once nothing of ours is left in it.
func (b *Browser) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	b.mu.Lock()
	sessions := slices.Collect(maps.Values(b.sessions))
	b.mu.Unlock()
	var errs []error
	for _, s := range sessions {
		errs = append(errs, s.Close(ctx))
	}
	b.endSessions(ErrClosed)
	select {
	case <-b.conn.gone:
		errs = nil // the connection ended before, and the contexts with it
	default:
	}
	b.conn.close()
	return errors.Join(errs...)
}

// contextParams are those of a new session's browser context. It goes with the connection, also when we are
// killed.
func (b *Browser) contextParams() target.CreateBrowserContextParams {
	params := target.CreateBrowserContextParams{DisposeOnDetach: new(true)}
	if b.remote != nil && b.remote.Proxy != "" {
		// Without that rule Chromium reaches loopback addresses past the proxy.
		params.ProxyServer, params.ProxyBypassList = b.remote.Proxy, "<-loopback>"
	}
	return params
}

// fenced reports whether every request is looked at before it goes out.
func (b *Browser) fenced() bool { return b.remote != nil && b.remote.Allows != nil }

// allowed reports whether a page may ask for an address.
func (b *Browser) allowed(address string) bool {
	if !b.fenced() {
		return true
	}
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "data", "blob", "about": // nothing goes out
		return true
	case "https":
		return b.remote.Allows(u.Host)
	}
	b.remote.Allows(u.Host + ":80") // what the list would say of a tunnel: no, and noted
	return false
}
