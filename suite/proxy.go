package suite

import (
	"net/url"
	"os"
	"strings"

	"github.com/reprompt/reprompt/browser"
)

// browserProxy is the proxy that the browser uses, and which hosts it reaches past it. A proxy of the
// tenant file is for everything. Without one the browser obeys HTTPS_PROXY and NO_PROXY as the rest
// of this program does: Chromium by itself reads them on some desktops and not on others.
func (p place) browserProxy() (server string, past []string) {
	if p.proxy != "" {
		return p.proxy, nil
	}
	address := orElse(os.Getenv("HTTPS_PROXY"), os.Getenv("https_proxy"))
	if address != "" && !strings.Contains(address, "://") {
		address = "http://" + address
	}
	parsed, err := url.Parse(address)
	if address == "" || err != nil || parsed.Host == "" {
		return "", nil
	}
	past = pastProxy(orElse(os.Getenv("NO_PROXY"), os.Getenv("no_proxy")))
	if len(past) == 1 && past[0] == "*" {
		return "", nil
	}
	return parsed.Scheme + "://" + parsed.Host, past // Chromium takes no user and password there
}

// pastProxy turns NO_PROXY into rules of Chromium: a domain means its hosts, too, as everywhere.
func pastProxy(list string) []string {
	rules := []string{"<local>", "localhost", "127.0.0.1", "[::1]"} // never by a proxy of the environment
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		switch {
		case entry == "*":
			return []string{"*"}
		case entry == "":
		case strings.HasPrefix(entry, "."):
			rules = append(rules, "*"+entry)
		case strings.Contains(entry, "/"), strings.Trim(entry, "0123456789.:") == "":
			rules = append(rules, entry) // an address, or a range of them
		default:
			rules = append(rules, entry, "*."+entry)
		}
	}
	return rules
}

// browserOptions is how a browser is started for this place.
func (p place) browserOptions(installation browser.Installation, headed bool) (browser.Options, error) {
	trusted, err := spkiOf(p.caPEM)
	server, past := p.browserProxy()
	return browser.Options{Installation: installation, Headed: headed, Proxy: server, PastProxy: past, TrustSPKI: trusted}, err
}
