package emulator_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/emulator/internal/portaltest"
)

const (
	portalRoles  = "https://entra.microsoft.com/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles"
	portalFrame  = "https://sandbox-1.reactblade.portal.azure.net/"
	portalBanner = "A Conditional Access policy is enabled and may require additional verification. Click to continue."
	signInHost   = "https://login.microsoftonline.com/"
)

// portalWorld is a running sample tenant and a page of a browser that reaches nothing else.
type portalWorld struct {
	t       *testing.T
	access  emulator.Access
	page    *portaltest.Page
	account portaltest.Account
}

// newPortalWorld starts a sample tenant and a browser ([portaltest.Shell] or [portaltest.Full]).
// When the test ends, a request that the tenant has no model for fails it.
func newPortalWorld(t *testing.T, browser string) *portalWorld {
	t.Helper()
	server, err := emulator.Start(t.Context(), emulator.Options{Sample: true, Seed: 11})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if list := server.Unmodelled(); len(list) > 0 {
			t.Errorf("requests without a model: %q", list)
		}
		if err := server.Close(); err != nil {
			t.Errorf("close the embedded tenant: %v", err)
		}
	})
	w := &portalWorld{t: t, access: server.Access()}
	block, _ := pem.Decode(w.access.CAPEM)
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	chromium, err := portaltest.Start(browser, authority)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(chromium.Close)
	w.page = chromium.NewPage(t, w.access.Proxy)
	admin := w.access.Admin
	w.account = portaltest.Account{UPN: admin.UPN, Password: admin.Password, TOTPSecret: admin.TOTPSecret, Now: w.now}
	return w
}

// control calls the control listener and decodes the answer.
func (w *portalWorld) control(method, path, body string, answer any) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.access.Control+path, bytes.NewBufferString(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.access.ControlToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusBadRequest {
		w.t.Fatalf("%s %s %s: status %d", method, path, body, response.StatusCode)
	}
	if answer == nil {
		return
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (w *portalWorld) now() time.Time {
	w.t.Helper()
	var clock struct{ Now time.Time }
	w.control(http.MethodGet, "/clock", "", &clock)
	return clock.Now
}

func (w *portalWorld) advance(d time.Duration) {
	w.t.Helper()
	w.control(http.MethodPost, "/clock/advance", fmt.Sprintf(`{"duration":%q}`, d), nil)
}

// signIn opens My roles and signs in; it returns the frame and what was asked for.
func (w *portalWorld) signIn() (portaltest.View, []string) {
	w.t.Helper()
	w.page.Open(portalRoles)
	asked := w.account.SignIn(w.page.View)
	return w.page.Frame(portalFrame), asked
}

// openRole opens the pane of a role with the shortest duration and a reason.
func openRole(frame portaltest.View, label, reason string) {
	frame.Click("link", label)
	frame.AwaitTrue(`document.querySelector("dialog input[type=number]") !== null`)
	portaltest.Eval[bool](frame, fmt.Sprintf(`(() => {
		const type = (field, text) => {
			field.value = text;
			field.dispatchEvent(new Event("input", {bubbles: true}));
		};
		type(document.querySelector("dialog input[type=number]"), "0.5");
		type(document.querySelector("dialog textarea"), %q);
		return true;
	})()`, reason))
}

// stepUp clicks the banner and walks the sign-in pages; it returns the new frame and what was
// asked for.
func (w *portalWorld) stepUp(frame portaltest.View, banner string) (portaltest.View, []string) {
	w.t.Helper()
	frame.Click("button", banner)
	frame.AwaitGone()
	asked := w.account.SignIn(w.page.View)
	return w.page.Frame(portalFrame), asked
}

func awaitStatus(frame portaltest.View, text string) {
	frame.AwaitTrue(fmt.Sprintf(`document.getElementById("notifications").textContent === %q`, text))
}

// hostsOf counts the requests to a host with a method, as the tenant recorded them.
func (w *portalWorld) countRequests(method, prefix string) (count int) {
	w.t.Helper()
	var all []struct{ Method, URL string }
	w.control(http.MethodGet, "/requests", "", &all)
	for _, request := range all {
		if request.Method == method && strings.HasPrefix(request.URL, prefix) {
			count++
		}
	}
	return count
}

// credentialAsked says whether a page asked for a password or a code.
func credentialAsked(asked []string) bool {
	return slices.Contains(asked, portaltest.Password) || slices.Contains(asked, portaltest.Code)
}

// graph posts to Microsoft Graph as the application that makes fixtures.
func (w *portalWorld) graph(path string, body map[string]any) (answer map[string]any) {
	w.t.Helper()
	return w.graphBy(http.MethodPost, path, body)
}

// graphBy calls Microsoft Graph as the application that makes fixtures.
func (w *portalWorld) graphBy(method, path string, body map[string]any) (answer map[string]any) {
	w.t.Helper()
	proxy, err := url.Parse(w.access.Proxy)
	if err != nil {
		w.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.access.CAPEM)
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}

	app := w.access.FixturesApp
	grant, err := client.PostForm(signInHost+w.access.TenantID+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
		"scope": {"https://graph.microsoft.com/.default"},
	})
	var token struct {
		Text string `json:"access_token"`
	}
	w.decode(grant, err, &token)

	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), method, "https://graph.microsoft.com/v1.0"+path, bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token.Text)
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	w.decode(response, err, &answer)
	return answer
}

func (w *portalWorld) decode(response *http.Response, err error, into any) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		w.t.Fatalf("%s %s: %d %s", response.Request.Method, response.Request.URL.Path, response.StatusCode, content)
	}
	if response.StatusCode == http.StatusNoContent {
		return
	}
	if err := json.Unmarshal(content, into); err != nil {
		w.t.Fatalf("%s: %v", response.Request.URL.Path, err)
	}
}
