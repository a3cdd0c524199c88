package browser

import (
	"os"
	"strings"
)

// disabledFeatures of Chromium: what talks to hosts nobody asked for, what puts something in
// front of a page, and the back-forward cache, which freezes a page that was left instead of
// ending it, together with whatever waits for an answer from it.
var disabledFeatures = []string{
	"Translate", "OptimizationHints", "MediaRouter", "DialMediaRouteProvider",
	"AutofillServerCommunication", "NetworkTimeServiceQuerying", "BackForwardCache",
	"PasswordManagerOnboarding", "HttpsUpgrades", "AcceptCHFrame",
}

// quiet are flags that keep the browser from asking, from updating itself and from slowing
// down pages that are not in front.
var quiet = []string{
	"--no-first-run", "--no-default-browser-check", "--no-pings", "--no-service-autorun",
	"--disable-background-networking", "--disable-background-timer-throttling",
	"--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
	"--disable-breakpad", "--disable-crash-reporter", "--disable-client-side-phishing-detection",
	"--disable-component-update", "--disable-default-apps", "--disable-domain-reliability",
	"--disable-extensions", "--disable-hang-monitor", "--disable-ipc-flooding-protection",
	"--disable-popup-blocking", "--disable-prompt-on-repost", "--disable-quic", "--disable-sync",
	"--disable-save-password-bubble", "--disable-search-engine-choice-screen", "--disable-infobars",
	"--metrics-recording-only", "--safebrowsing-disable-auto-update", "--password-store=basic",
	"--use-mock-keychain", "--force-color-profile=srgb", "--enable-automation", "--hide-scrollbars",
	"--mute-audio", "--lang=en-US",
}

// flags are the command line of the browser for these options.
func (o Options) flags() []string {
	all := append([]string{}, quiet...)
	all = append(all, "--disable-features="+strings.Join(disabledFeatures, ","), "--window-size=1280,800")
	if !o.Headed {
		all = append(all, "--headless")
	}
	if os.Getuid() == 0 || o.NoSandbox {
		// Chromium refuses to run as root inside its sandbox.
		all = append(all, "--no-sandbox")
	}
	if o.Proxy != "" {
		// Without that rule Chromium reaches loopback addresses past the proxy.
		all = append(all, "--proxy-server="+o.Proxy, "--proxy-bypass-list=<-loopback>")
	}
	if len(o.TrustSPKI) > 0 {
		all = append(all, "--ignore-certificate-errors-spki-list="+strings.Join(o.TrustSPKI, ","))
	}
	return append(all, o.extraFlags...)
}
