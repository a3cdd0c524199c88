package person

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/reprompt/reprompt/clients/go/tenant"
)

// Browser is a headless Chromium with a profile of its own. It goes through the tenant's proxy
// where there is one, and trusts the tenant's authority beside its own.
type Browser struct {
	t      *testing.T
	tenant *tenant.Tenant
	ctx    context.Context
}

// programs are names of Chromium in the order of preference. Debian's chromium is a wrapper
// script, which the path behind it avoids.
var programs = []string{
	"/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell", "/usr/lib/chromium/chromium", "chromium", "chromium-browser",
	"google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable",
}

// NewBrowser starts a browser that ends with the test.
func NewBrowser(t *testing.T, tn *tenant.Tenant) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(find(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("ignore-certificate-errors-spki-list", keyDigest(t, tn.CAFile)),
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root inside its sandbox
	}
	if tn.Proxy != "" {
		options = append(options, chromedp.ProxyServer(tn.Proxy))
	}
	bounded, end := context.WithTimeout(t.Context(), patience)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(bounded, chromedp.WithAllocatorOptions(options...))
	t.Cleanup(cancel)
	return &Browser{t: t, tenant: tn, ctx: ctx}
}

// patience bounds a test's whole time before the browser: a page that never comes is an error
// that names the step.
const patience = 2 * time.Minute

func find(t *testing.T) string {
	t.Helper()
	candidates := programs
	if named := os.Getenv("REPROMPT_BROWSER"); named != "" {
		candidates = []string{named}
	}
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium found: run make deps, or set REPROMPT_BROWSER")
	return ""
}

// keyDigest is how Chromium is told to trust a certificate authority for one start.
func keyDigest(t *testing.T, caFile string) string {
	t.Helper()
	text, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("%s holds no PEM block", caFile)
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// question is what the page in front asks for; "client" once the client's own address is
// there.
const question = `(() => {
	if (location.protocol === "http:") return "client";
	const kinds = {i0116: "username", i0118: "password", idTxtBx_SAOTCC_OTC: "code", KmsiCheckboxField: "stay", tilesHolder: "account"};
	for (const id in kinds) if (document.getElementById(id)) return kinds[id];
	return "";
})()`

// SignIn opens an address and answers pages until the client's own address is shown. It
// returns what it was asked.
func (b *Browser) SignIn(address string) (asked []string, err error) {
	_, err = chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Navigate(address)))
	if err != nil {
		return nil, fmt.Errorf("open the sign-in page: %w", err)
	}
	given := map[string]bool{}
	for {
		what, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](question))
		if err != nil {
			return asked, fmt.Errorf("read the page after %v: %w", asked, err)
		}
		if what == "client" {
			return asked, nil
		}
		if what == "" || given[what] {
			where, _ := chromedp.Run(b.ctx, chromedp.Location())
			return asked, fmt.Errorf("after %v the page at %s asks for %q", asked, where, what)
		}
		given[what] = true
		asked = append(asked, what)
		if err := b.answer(what); err != nil {
			return asked, fmt.Errorf("answer the page for %s: %w", what, err)
		}
	}
}

// answer does on a page what a person does, and waits for the document that follows.
func (b *Browser) answer(what string) error {
	admin := b.tenant.Admin
	next := chromedp.Click(chromedp.ID("idSIButton9"))
	var typed chromedp.Action[chromedp.Void]
	switch what {
	case Username:
		typed = chromedp.SendKeys(chromedp.ID("i0116"), admin.UPN)
	case Password:
		typed = chromedp.SendKeys(chromedp.ID("i0118"), admin.Password)
	case Code:
		text, err := code(admin.TOTPSecret, b.tenant.Now(b.t))
		if err != nil {
			return err
		}
		typed = chromedp.SendKeys(chromedp.ID("idTxtBx_SAOTCC_OTC"), text)
	case Account:
		next = chromedp.Click(chromedp.CSS(`[data-test-id="` + admin.UPN + `"]`))
	}
	if typed != nil {
		if err := chromedp.Do(b.ctx, typed); err != nil {
			return err
		}
	}
	_, err := chromedp.Run(b.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, next))
	return err
}
