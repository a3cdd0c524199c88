package browser

import (
	"strings"
	"testing"
)

func TestBareURLHoldsNoSecret(t *testing.T) {
	for address, want := range map[string]string{
		"https://u:p@login.example/authorize?code=1#code=2": "https://login.example/authorize",
		"http://localhost:1/":                               "http://localhost:1/",
		"about:blank":                                       "about:blank",
		"http://[broken?code=":                              "",
	} {
		if got := bareURL(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestNetworkErrorSaysWhatToDo(t *testing.T) {
	for code, want := range map[string]string{
		"net::ERR_TUNNEL_CONNECTION_FAILED": "the proxy refuses this host",
		"net::ERR_PROXY_CONNECTION_FAILED":  "the proxy does not answer",
		"net::ERR_CERT_AUTHORITY_INVALID":   "certificate is not trusted",
		"net::ERR_SSL_PROTOCOL_ERROR":       "no TLS connection",
		"net::ERR_NAME_NOT_RESOLVED":        "does not resolve",
		"net::ERR_CONNECTION_REFUSED":       "nothing answers there",
		"net::ERR_SOMETHING_NOBODY_FORESAW": "by hand",
	} {
		err := networkError("https://portal.example:444/x?secret=1", code)
		if err.Host != "portal.example:444" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", code, err)
		}
	}
}
