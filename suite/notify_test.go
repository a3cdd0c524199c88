package suite

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/config"
	"github.com/reprompt/reprompt/notify"
	"github.com/reprompt/reprompt/secret"
)

// The webhook obeys ca_file and proxy of the file; this machine is reached without the proxy.
func TestTheWebhookObeysProxyAndCA(t *testing.T) {
	got := 0
	hook := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got++ }))
	defer hook.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: hook.Certificate().Raw})
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	send := func(address string, ca []byte) error {
		sender, err := Sender(config.Notify{Webhook: &config.Webhook{URL: address, Secret: secret.New("shared")}}, proxy.URL, ca, nil)
		if err != nil {
			t.Fatal(err)
		}
		sender.Tries = 1
		return sender.Send(t.Context(), notify.Event{ID: "1", Kind: notify.VerdictChanged})
	}
	if err := send(hook.URL, ca); err != nil || got != 1 || len(asked) > 0 {
		t.Errorf("with the authority: %v, %d arrived, the proxy was asked for %v", err, got, asked)
	}
	if err := send(hook.URL, nil); err == nil || !strings.Contains(err.Error(), "certificate") || got != 1 {
		t.Errorf("without the authority: %v, %d arrived", err, got)
	}
	if err := send("https://hooks.example.com/reprompt", ca); err == nil || len(asked) != 1 || asked[0] != "CONNECT hooks.example.com:443" {
		t.Errorf("another machine: %v, the proxy was asked for %v", err, asked)
	}
}
