package activation

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/verdict"
)

// What a page was answered names the service, and never what its address holds that signs in.
func TestAnOutageIsToldWithoutWhatSignsIn(t *testing.T) {
	at := func(e browser.Exchange) browser.Exchange {
		e.Method, e.Host, e.URL = "GET", "entra.microsoft.com", "https://entra.microsoft.com/signin/index/?code=SECRET#client_info=SECRET&state=SECRET"
		e.Resource = "Document"
		return e
	}
	for name, tt := range map[string]struct {
		e    browser.Exchange
		code verdict.Code // empty: no outage
		says string
	}{
		"an error of the service":        {at(browser.Exchange{Status: 503}), verdict.ServiceFailed, "HTTP 503 to GET https://entra.microsoft.com/signin/index/"},
		"too many requests":              {at(browser.Exchange{Status: 429}), verdict.Throttled, "HTTP 429"},
		"half a body":                    {at(browser.Exchange{Status: 200, Failed: "net::ERR_HTTP2_PROTOCOL_ERROR"}), verdict.ServiceFailed, "ERR_HTTP2_PROTOCOL_ERROR to GET"},
		"a connection that was cut":      {at(browser.Exchange{Failed: "net::ERR_CONNECTION_RESET"}), verdict.ServiceFailed, "ERR_CONNECTION_RESET"},
		"an error that no page may read": {at(browser.Exchange{Failed: "net::ERR_FAILED"}), verdict.ServiceFailed, "ERR_FAILED"},
		"a page that never came":         {at(browser.Exchange{Top: true}), verdict.ServiceFailed, "nothing to GET"},
		"a token that is no good":        {at(browser.Exchange{Status: 401}), verdict.TokenRevoked, "HTTP 401"},
		"a refusal":                      {at(browser.Exchange{Status: 403}), "", ""},
		"a host that is not let through": {at(browser.Exchange{Failed: "net::ERR_TUNNEL_CONNECTION_FAILED"}), "", ""},
		"a frame that is still loading":  {at(browser.Exchange{}), "", ""},
	} {
		if brokeDown(tt.e) != (tt.code != "") {
			t.Errorf("%s: an outage: %t", name, brokeDown(tt.e))
		}
		if tt.code == "" {
			continue
		}
		if code, text := outageOf(tt.e); code != tt.code || !strings.Contains(text, tt.says) || strings.Contains(text, "SECRET") {
			t.Errorf("%s: %s %q, want %s and %q", name, code, text, tt.code, tt.says)
		}
	}
	asked := at(browser.Exchange{Status: 401})
	asked.Resource = preflight
	if code, _ := outageOf(asked); !brokeDown(asked) || code != verdict.ServiceFailed {
		t.Errorf("a question that was refused: %t %s", brokeDown(asked), code)
	}
	picture := at(browser.Exchange{Status: 503})
	if picture.Resource = "Image"; brokeDown(picture) {
		t.Error("a picture that fails is taken for an outage")
	}
}
