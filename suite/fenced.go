package suite

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/fence"
)

// fenced is a browser that is held to the hosts of its tenant. Close it. Its zero value is of a tenant of
// this process, whose browser reaches nothing else anyway: no fence.
type fenced struct {
	*browser.Browser
	fence *fence.Fence // nil: none
	list  *fence.List  // of a remote browser, which looks at every request; nil: none
}

// startFenced starts a browser for a place, or connects to the remote one that the options name. The fence
// stands between the browser and whatever proxy the network demands.
func startFenced(ctx context.Context, p place, installation browser.Installation, with Options) (fenced, error) {
	if !with.BrowserURL.Empty() {
		return connectFenced(ctx, p, with.BrowserURL)
	}
	trusted, err := spkiOf(p.caPEM)
	if err != nil {
		return fenced{}, err
	}
	options := browser.Options{Installation: installation, Headed: with.Headed, Proxy: p.proxy, TrustSPKI: trusted}
	if options.NoSandbox, err = noSandbox(); err != nil {
		return fenced{}, err
	}
	var around *fence.Fence
	if p.file != "" {
		if around, err = p.openFence(); err != nil {
			return fenced{}, err
		}
		options.Proxy = around.Proxy()
	}
	running, err := browser.Start(ctx, options)
	if err != nil {
		_ = fenced{fence: around}.closeFence()
		return fenced{}, err
	}
	return fenced{Browser: running, fence: around}, nil
}

// sandboxVariable says that the browser is started without its sandbox: "none". It belongs to the machine, a
// container that is the sandbox, and not to a tenant: no tenant file can say it.
const sandboxVariable = "REPROMPT_BROWSER_SANDBOX"

func noSandbox() (bool, error) {
	switch value := os.Getenv(sandboxVariable); value {
	case "":
		return false, nil
	case "none":
		return true, nil
	default:
		return false, requiredf("%s is %q: say none, or leave it out", sandboxVariable, value)
	}
}

// openFence opens the browser's fence, once it is sure that it can go through the network's proxy.
func (p place) openFence() (*fence.Fence, error) {
	signIn, err := http.NewRequest(http.MethodGet, p.authority, nil)
	if err != nil {
		return nil, err
	}
	proxy, err := p.upstream(signIn)
	if err == nil && proxy != nil {
		err = fence.CheckProxy(proxy)
	}
	if err != nil {
		return nil, requiredf("the browser's way to %s: %w", p.authority, err)
	}
	roots, err := rootsWith(p.caPEM)
	if err != nil {
		return nil, required(err)
	}
	return fence.Start(fence.Options{Allow: p.browserHosts, Upstream: p.upstream, Roots: roots})
}

// upstream is the proxy on the way to an address: that of the tenant file for everything, else the
// environment's, as everywhere in this program.
func (p place) upstream(r *http.Request) (*url.URL, error) {
	if p.proxy != "" {
		return url.Parse(p.proxy)
	}
	return http.ProxyFromEnvironment(r)
}

// Close ends the browser, then the fence.
func (f fenced) Close() error {
	err := f.Browser.Close()
	if failed := f.closeFence(); err == nil {
		err = failed
	}
	return err
}

func (f fenced) closeFence() error {
	if f.fence == nil {
		return nil
	}
	return f.fence.Close()
}

// refused are the hosts that the pages asked for and did not get, sorted; without those that Chromium
// asks for itself.
func (f fenced) refused() []string {
	list := f.list
	if f.fence != nil {
		list = f.fence.List
	}
	if list == nil {
		return nil
	}
	return slices.DeleteFunc(list.Refused(), ofTheBrowserItself)
}

// sayRefused tells people which hosts were refused, and how to allow them. Empty when none was.
func sayRefused(hosts []string) string {
	if len(hosts) == 0 {
		return ""
	}
	named := hosts
	if len(named) > mostNamed {
		named = named[:mostNamed]
	}
	text := strings.Join(named, ", ")
	if more := len(hosts) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("the browser was refused hosts that are not on its list: %s; where the tenant needs one, add it with --allow-host %s or to browser.allow_hosts",
		text, named[0])
}

// mostNamed bounds how many hosts a sentence names: a page chooses how many there are.
const mostNamed = 8
