package control

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/certs"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// register makes an application and returns what was answered and what the tenant has.
func (l *listener) register(body map[string]any) (applicationAnswer, store.Application) {
	l.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	status, answered := l.call("POST", "/applications", string(text))
	var answer applicationAnswer
	if err := json.Unmarshal([]byte(answered), &answer); err != nil || status != http.StatusOK {
		l.t.Fatalf("%d %s", status, answered)
	}
	var app store.Application
	l.tenant(l.tenants[0], func(t *store.Tenant) {
		found, ok := t.Apps.Get(answer.ClientID)
		if !ok {
			l.t.Fatalf("no application %q", answer.ClientID)
		}
		app = *found
	})
	return answer, app
}

func TestAnApplicationIsRegisteredForItsPlatform(t *testing.T) {
	for platform, row := range map[string]struct{ public, spa bool }{
		"web": {false, false}, "spa": {false, true}, "public": {true, false},
	} {
		l := newListener(t)
		answer, app := l.register(map[string]any{"display_name": "x", "platform": platform, "redirect_uris": []string{"http://localhost/back"}, "scopes": []string{"User.Read"}})
		if app.Public != row.public || slices.Equal(app.SPARedirectURIs, app.RedirectURIs) != row.spa || answer.ClientSecret != "" {
			t.Errorf("%s: %+v", platform, app)
		}
		if !slices.Equal(app.Scopes[store.ResourceGraph], []string{"User.Read"}) {
			t.Errorf("%s: scopes %v", platform, app.Scopes)
		}
	}
}

func TestAConfidentialClientGetsSecretAndCertificate(t *testing.T) {
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	answer, app := newListener(t).register(map[string]any{
		"display_name": "x", "platform": "web", "secret": true, "certificate": string(authority.PEM()), "app_roles": []string{"User.Read.All"},
	})
	if answer.ClientSecret == "" || len(app.Secrets) != 1 || app.Secrets[0].Value != answer.ClientSecret {
		t.Error("the secret that was answered is not the application's")
	}
	if len(app.Certificates) != 1 || !app.Certificates[0].Certificate.Equal(authority.Certificate()) {
		t.Error("the certificate is not the application's")
	}
}

func TestARegistrationThatCannotBeIsRefused(t *testing.T) {
	noCertificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")}))
	for name, body := range map[string]map[string]any{
		"no name":                   {"platform": "spa"},
		"unknown platform":          {"display_name": "x", "platform": "desktop"},
		"public with a secret":      {"display_name": "x", "platform": "public", "secret": true},
		"relative redirect":         {"display_name": "x", "platform": "spa", "redirect_uris": []string{"/back"}},
		"redirect with a fragment":  {"display_name": "x", "platform": "spa", "redirect_uris": []string{"http://localhost/#x"}},
		"certificate that is none":  {"display_name": "x", "platform": "web", "certificate": "x"},
		"certificate of other form": {"display_name": "x", "platform": "web", "certificate": noCertificate},
	} {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if status, answer := newListener(t).call("POST", "/applications", string(text)); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}
