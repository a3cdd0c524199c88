package browser

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ErrNavigated says that the document was replaced, or its tab closed, before it answered.
// What was asked of it may or may not have happened.
var ErrNavigated = errors.New("the document was replaced before it answered")

// ErrClosed says that the tab or session is closed.
var ErrClosed = errors.New("the tab is closed")

// ErrEnded says that the browser ended, or stopped speaking to us, though nobody closed it.
var ErrEnded = errors.New("the browser ended unexpectedly")

// ErrCrashed says that the process behind a page died.
var ErrCrashed = errors.New("the page crashed")

// ErrStuck says that the browser is there and did not do in time what takes it no time.
var ErrStuck = errors.New("the browser does not answer")

// PageError is a page that did not do what was asked of it.
type PageError struct {
	// URL is the page's address without query and fragment, which may hold codes.
	URL string
	// What happened, in words.
	What string
	// Screenshot is a PNG with credential fields masked; nil when none could be taken.
	Screenshot []byte
	// Err is the cause; may be nil.
	Err error
}

// Error implements error.
func (e *PageError) Error() string {
	text := e.What
	if e.URL != "" {
		text += " at " + e.URL
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *PageError) Unwrap() error { return e.Err }

// NetworkError is a top-level page that the browser could not fetch: the proxy refused the
// host, the name does not resolve, the certificate is not trusted.
type NetworkError struct {
	// Host that could not be reached, with its port when it is not the scheme's own.
	Host string
	// Code is Chromium's name of the failure, for example "net::ERR_TUNNEL_CONNECTION_FAILED".
	Code string
	// Mend says what to do about it.
	Mend string
}

// Error implements error.
func (e *NetworkError) Error() string {
	return fmt.Sprintf("reach %s: %s: %s", e.Host, e.Code, e.Mend)
}

// mends says what to do, by a part of Chromium's error name. The first match wins.
var mends = []struct{ part, mend string }{
	{"ERR_TUNNEL_CONNECTION_FAILED", "the proxy refuses this host; allow it there"},
	{"ERR_PROXY", "the proxy does not answer; check its address"},
	{"ERR_NO_SUPPORTED_PROXIES", "the proxy address is not understood; give http://host:port"},
	{"ERR_CERT", "its certificate is not trusted here; check ca_file, the clock and who intercepts TLS"},
	{"ERR_SSL", "no TLS connection came about; check the proxy and who intercepts TLS"},
	{"ERR_NAME_NOT_RESOLVED", "the name does not resolve; check DNS or set a proxy"},
	{"ERR_CONNECTION", "nothing answers there; check the network, a firewall or the proxy"},
	{"ERR_INTERNET_DISCONNECTED", "this machine has no network"},
	{"ERR_TIMED_OUT", "nothing answers there; check the network, a firewall or the proxy"},
	{"ERR_BLOCKED_BY_CLIENT", "it is not on the list of the run; allow it there"},
	{"ERR_BLOCKED", "the browser refuses the address; check its policies"},
	{"ERR_EMPTY_RESPONSE", "the server closed the connection without an answer; try again"},
}

func networkError(address, code string) *NetworkError {
	host := address
	if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
		host = parsed.Host
	}
	for _, row := range mends {
		if strings.Contains(code, row.part) {
			return &NetworkError{Host: host, Code: code, Mend: row.mend}
		}
	}
	return &NetworkError{Host: host, Code: code, Mend: "open it by hand from this machine to see why"}
}

// bareURL strips what may hold a secret from an address: user, query and fragment.
func bareURL(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	parsed.User, parsed.RawQuery, parsed.Fragment, parsed.RawFragment = nil, "", "", ""
	return parsed.String()
}
