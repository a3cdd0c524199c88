package suite

import (
	"context"
	"errors"
	"net/url"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/fence"
	"github.com/reprompt/reprompt/loopback"
	"github.com/reprompt/reprompt/secret"
)

// BrowserURLVariable is the environment variable with the address of a browser that runs already.
const BrowserURLVariable = "REPROMPT_BROWSER_URL"

// CheckBrowserURL says what is wrong with the address of a remote browser, without showing it; nil when
// nothing is. Nothing is asked of anybody.
func CheckBrowserURL(address secret.Text) error {
	_, err := browser.RemoteHost(address)
	return err
}

// SecretsOfBrowserURL are the parts of such an address that must not be shown.
func SecretsOfBrowserURL(address secret.Text) []secret.Text { return browser.RemoteSecrets(address) }

// checkRemote says why the remote browser cannot be used with these options.
func (o Options) checkRemote() error {
	where, err := browser.RemoteHost(o.BrowserURL)
	switch {
	case o.BrowserPath != "":
		return errors.New("a browser is named twice, by its path and by its address: leave out one of REPROMPT_BROWSER and " + BrowserURLVariable + ", --browser and --browser-url, or path and url under browser in the tenant file")
	case err != nil:
		return err
	case o.Headed:
		return errors.New("--headed shows a window of a browser that is started here: leave it out with a remote browser")
	case o.emulated() && !browser.IsOfThisMachine(o.BrowserURL):
		return errors.New("the embedded tenant answers on this machine only, where the browser at " + where + " cannot reach it: use a browser of this machine, or the file of another tenant")
	}
	return nil
}

// emulated reports whether the tenant is an embedded one, of this process or of another.
func (o Options) emulated() bool { return o.Tenant == nil || o.Tenant.TestClock != nil }

// connectFenced connects to a remote browser for a place. A proxy of ours would not be where that browser is:
// the list of hosts is held by the browser itself, which asks us about each request, and only the proxy of the
// tenant file is named to it.
func connectFenced(ctx context.Context, p place, address secret.Text) (fenced, error) {
	to := browser.Remote{URL: address, Proxy: p.proxy, InsecureCertificates: p.leadsNowhereElse()}
	var list *fence.List
	if p.file != "" {
		var err error
		if list, err = fence.NewList(p.browserHosts); err != nil {
			return fenced{}, required(err)
		}
		to.Allows = list.Allows
	}
	running, err := browser.Connect(ctx, to)
	if err != nil {
		return fenced{}, required(err)
	}
	return fenced{Browser: running, list: list}, nil
}

// leadsNowhereElse reports whether all that a browser reaches is an embedded tenant: it has a test clock and
// a proxy of this machine. A remote browser cannot be told to trust its authority alone.
func (p place) leadsNowhereElse() bool {
	u, err := url.Parse(p.proxy)
	return p.control != nil && err == nil && loopback.Is(u.Hostname())
}

// remoteVersion asks a remote browser what it is.
func remoteVersion(ctx context.Context, address secret.Text) (string, error) {
	running, err := browser.Connect(ctx, browser.Remote{URL: address})
	if err != nil {
		return "", err
	}
	return running.Version(), running.Close()
}
