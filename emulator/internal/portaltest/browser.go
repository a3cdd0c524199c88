// Package portaltest drives the portal's page in a real browser for the tests of the embedded
// tenant: one headless browser behind the tenant's proxy, isolated pages, frames of other sites
// as targets of their own, elements by their computed role and name.
//
// It is no harness: it shares no code with one, and knows just enough to walk the emulated
// pages and to see what they send.
package portaltest

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Deadline bounds every wait for something to appear in a page.
const Deadline = time.Minute

// Shell and Full are the names of the two kinds of Chromium: the headless shell, and the whole
// browser. They differ in what a hidden frame of another site sees of the login cookies.
const (
	Shell = "chromium-headless-shell"
	Full  = "chromium"
)

// Installed returns the path of a browser, or an error that says how to install it: without a
// browser nothing about the page would be tested.
func Installed(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed and the portal's page is tested in it: apt-get install %s", name, name)
	}
	return path, nil
}

// Browser is a running browser that trusts what one authority signed. Its pages have no other
// way out than the proxy they are given. Close it.
type Browser struct {
	ctx  context.Context
	stop func()
}

// Start starts an installed browser, [Shell] or [Full].
func Start(name string, authority *x509.Certificate) (*Browser, error) {
	path, err := Installed(name)
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,                         // tests run as root in containers, where Chromium refuses its sandbox
		chromedp.ProxyServer("http://127.0.0.1:9"), // nothing listens there: what is not a page's goes nowhere
		chromedp.Flag("ignore-certificate-errors-spki-list", publicKeyHash(authority)),
		// The headless shell keeps a frame of another site in the page's process unless told
		// otherwise; the full browser never does. One way for both, as targets.
		chromedp.Flag("site-per-process", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	// chromedp reports as errors that a frame's events arrive while it goes away.
	quiet := func(string, ...any) {}
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet))
	browser := &Browser{ctx: ctx, stop: func() { cancel(); stop() }}
	if err := chromedp.Do(ctx); err != nil {
		browser.Close()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return browser, nil
}

// Close ends the browser and waits for it.
func (b *Browser) Close() { b.stop() }

func publicKeyHash(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// NewPage opens a page behind a proxy such as "http://127.0.0.1:4123", in a browser context of
// its own: no cookies, no storage. It ends with the test. What the page logs as an error is kept
// and read with [Page.Complaints].
func (b *Browser) NewPage(t testing.TB, proxy string) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(func(p *target.CreateBrowserContextParams) {
		p.ProxyServer = proxy
		p.ProxyBypassList = "<-loopback>"
	}))
	t.Cleanup(cancel)
	page := &Page{View: View{ctx: ctx, t: t, what: "page"}}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a page: %v", err)
	}
	page.watch()
	return page
}

func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, Deadline, fmt.Errorf("not within %s", Deadline))
}
