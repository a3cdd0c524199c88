package emulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

const graphScope = "https://graph.microsoft.com/.default"

// lab is a running embedded tenant and a client that goes through its proxy.
type lab struct {
	t      *testing.T
	server *emulator.Server
	access emulator.Access
	http   *http.Client
}

func start(t *testing.T, opts emulator.Options) *lab {
	t.Helper()
	server, err := emulator.Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, server: server, access: server.Access()}
	l.http = &http.Client{Transport: transport(t, l.access)}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// transport is what HTTPS_PROXY and SSL_CERT_FILE make of a Go client.
func transport(t *testing.T, access emulator.Access) *http.Transport {
	t.Helper()
	proxy, err := url.Parse(access.Proxy)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(access.CAPEM) {
		t.Fatal("no certificate authority")
	}
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// control calls the control listener and decodes its answer into out, unless it is nil.
func (l *lab) control(method, path, body string, out any) int {
	l.t.Helper()
	request, err := http.NewRequestWithContext(l.t.Context(), method, l.access.Control+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.access.ControlToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			l.t.Fatalf("%s %s answered %s %q", method, path, response.Status, text)
		}
	}
	return response.StatusCode
}

func (l *lab) now() time.Time {
	l.t.Helper()
	var clock struct{ Now time.Time }
	if status := l.control(http.MethodGet, "/clock?tenant="+l.access.TenantID, "", &clock); status != http.StatusOK {
		l.t.Fatalf("GET /clock answered %d", status)
	}
	return clock.Now
}

// graph calls Microsoft Graph with a token and returns status and body.
func (l *lab) graph(method, path, token string, body any) (int, map[string]any) {
	l.t.Helper()
	var payload bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&payload).Encode(body); err != nil {
			l.t.Fatal(err)
		}
	}
	request, err := http.NewRequestWithContext(l.t.Context(), method, "https://graph.microsoft.com"+path, &payload)
	if err != nil {
		l.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := l.http.Do(request)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && err != io.EOF {
		l.t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

func (l *lab) client() walker.Client {
	return walker.Client{
		Tenant: l.access.TenantID, ClientID: l.access.HarnessApp.ClientID, Redirect: l.access.HarnessApp.RedirectURI,
		Scope: "openid profile offline_access https://graph.microsoft.com/RoleAssignmentSchedule.ReadWrite.Directory",
	}
}

// signIn signs the admin in, with the context asked unless it is empty.
func (l *lab) signIn(b *walker.Walker, contextID string) (walker.Tokens, string) {
	l.t.Helper()
	claims := `{"access_token":{"xms_cc":{"values":["cp1"]}}}`
	if contextID != "" {
		claims = `{"access_token":{"acrs":{"essential":true,"value":"` + contextID + `"},"xms_cc":{"values":["cp1"]}}}`
	}
	if err := b.Get(l.client().AuthorizeURL(map[string]string{"claims": claims})); err != nil {
		l.t.Fatal(err)
	}
	admin := l.access.Admin
	steps, err := b.SignIn(walker.Credentials{UPN: admin.UPN, Password: admin.Password, TOTPSecret: admin.TOTPSecret, Now: l.now, Stay: true})
	if err != nil {
		l.t.Fatalf("sign in after %v: %v", steps, err)
	}
	tokens, err := b.Redeem(l.client())
	if err != nil || tokens.Status != http.StatusOK {
		l.t.Fatalf("redeem: %v %s", err, tokens.Description)
	}
	return tokens, strings.Join(steps, " ")
}

func TestAccessIsTheContentOfEmulatorJSON(t *testing.T) {
	l := start(t, emulator.Options{})
	text, err := json.Marshal(l.access)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	keys := func(m map[string]any) map[string]bool {
		set := map[string]bool{}
		for name, value := range m {
			set[name] = value != ""
		}
		return set
	}
	want := map[string]bool{"schema": true, "proxy": true, "ca": true, "authority": true, "graph_base": true, "control": true, "control_token": true, "tenant_id": true, "domain": true, "admin": true, "fixtures_app": true, "reader_app": true, "setup_app": true, "harness_app": true, "pid": true}
	if diff := cmp.Diff(want, keys(got)); diff != "" {
		t.Errorf("fields that are set (-want +got):\n%s", diff)
	}
	for name, want := range map[string]map[string]bool{
		"admin":        {"upn": true, "object_id": true, "password": true, "totp_secret": true},
		"fixtures_app": {"client_id": true, "client_secret": true},
		"reader_app":   {"client_id": true, "client_secret": true},
		"setup_app":    {"client_id": true, "client_secret": true},
		"harness_app":  {"client_id": true, "redirect_uri": true},
	} {
		if diff := cmp.Diff(want, keys(got[name].(map[string]any))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if l.access.Schema != "reprompt/emulator/v1" {
		t.Errorf("schema %q", l.access.Schema)
	}
}

func (l *lab) nothingUnmodelled() {
	l.t.Helper()
	if list := l.server.Unmodelled(); len(list) > 0 {
		l.t.Errorf("unmodelled requests:\n%s", strings.Join(list, "\n"))
	}
}

// The sample tenant from end to end, as a client of Graph sees it.
func TestActivationAsksForANewSignIn(t *testing.T) {
	l := start(t, emulator.Options{Sample: true})
	b := walker.New(l.http.Transport)
	plain, steps := l.signIn(b, "")
	if steps != "username password stay" {
		t.Errorf("first sign-in asked for %q", steps)
	}
	if status, code := l.activate(plain.Access); status != http.StatusBadRequest || code != "RoleAssignmentRequestAcrsValidationFailed" {
		t.Fatalf("activation with a plain token: %d %s", status, code)
	}
	l.control(http.MethodPost, "/clock/advance", `{"duration":"11m"}`, nil)
	stepped, steps := l.signIn(b, "c1")
	if steps != "password code" {
		t.Errorf("the step-up asked for %q", steps)
	}
	if status, code := l.activate(stepped.Access); status != http.StatusCreated {
		t.Fatalf("activation after the step-up: %d %s", status, code)
	}
	l.nothingUnmodelled()
}

// activate posts an activation of Application Administrator, and returns the status and the
// error code.
func (l *lab) activate(token string) (int, string) {
	l.t.Helper()
	status, answer := l.graph(http.MethodPost, "/v1.0/roleManagement/directory/roleAssignmentScheduleRequests", token, map[string]any{
		"action": "selfActivate", "principalId": l.access.Admin.ObjectID, "directoryScopeId": "/",
		"roleDefinitionId": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "justification": "test",
		"scheduleInfo": map[string]any{"expiration": map[string]any{"type": "afterDuration", "duration": "PT30M"}},
	})
	code := ""
	if failure, ok := answer["error"].(map[string]any); ok {
		code = fmt.Sprint(failure["code"])
	}
	return status, code
}

func TestANewTenantIsEntrasDefault(t *testing.T) {
	l := start(t, emulator.Options{})
	credential, err := azidentity.NewClientSecretCredential(l.access.TenantID, l.access.FixturesApp.ClientID, l.access.FixturesApp.ClientSecret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: azcore.ClientOptions{Transport: l.http}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := credential.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/v1.0/identity/conditionalAccess/policies", "/v1.0/identity/conditionalAccess/authenticationContextClassReferences",
		"/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances",
	} {
		status, answer := l.graph(http.MethodGet, path, token.Token, nil)
		if list, ok := answer["value"].([]any); status != http.StatusOK || !ok || len(list) != 0 {
			t.Errorf("%s: %d %v, want an empty list", path, status, answer)
		}
	}
}

func TestDateIsTheTenantsTime(t *testing.T) {
	l := start(t, emulator.Options{})
	l.control(http.MethodPost, "/clock/advance", `{"duration":"48h"}`, nil)
	response, err := l.http.Get("https://login.microsoftonline.com/" + l.access.TenantID + "/v2.0/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(date); ahead < 47*time.Hour {
		t.Errorf("Date is %s ahead of the machine, want 48h", ahead)
	}
}

func TestOneSeedMakesOneTenant(t *testing.T) {
	first, again, other := start(t, emulator.Options{Seed: 5}), start(t, emulator.Options{Seed: 5}), start(t, emulator.Options{Seed: 6})
	if first.access.TenantID != again.access.TenantID || first.access.Admin != again.access.Admin {
		t.Error("one seed made two different tenants")
	}
	if first.access.TenantID == other.access.TenantID || first.access.Admin.Password == other.access.Admin.Password {
		t.Error("two seeds made one tenant")
	}
	if first.access.ControlToken == again.access.ControlToken {
		t.Error("the control token comes from the seed, which is printed")
	}
}

// What emulator.json and tenant.yaml say of the first tenant is still so after a reset, and nothing
// else of it is left.
func TestAResetKeepsWhatClientsWereTold(t *testing.T) {
	l := start(t, emulator.Options{Sample: true})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.access.Control+"/reset", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+l.access.ControlToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got emulator.Access
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d, %v", answer.StatusCode, err)
	}
	want := l.access
	want.CAPEM = nil // not sent
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("access (-before +after):\n%s", diff)
	}
}

func TestTheServerEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server, err := emulator.Start(ctx, emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if response, err := http.Get(server.Access().Control + "/clock"); err == nil {
		response.Body.Close()
		t.Error("the control listener still answers")
	}
}

func TestAnAddressInUseIsAnErrorThatNamesIt(t *testing.T) {
	l := start(t, emulator.Options{})
	taken := strings.TrimPrefix(l.access.Proxy, "http://")
	for name, opts := range map[string]emulator.Options{"proxy": {ListenProxy: taken}, "own address": {ListenDirect: taken}, "control": {ListenControl: taken}} {
		server, err := emulator.Start(t.Context(), opts)
		if err == nil {
			server.Close()
			t.Fatalf("%s: two servers listen on one address", name)
		}
		if !strings.Contains(err.Error(), taken) || !strings.Contains(err.Error(), "port 0") {
			t.Errorf("%s: %v names neither the address nor the way out", name, err)
		}
	}
}
