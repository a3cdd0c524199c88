package trace

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/secret"
)

// token is an access token as Graph is given one; nobody signed it.
func token(t *testing.T, claims string) string {
	t.Helper()
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return encode(`{"alg":"RS256","typ":"JWT"}`) + "." + encode(claims) + "." + encode("SECRET-signature")
}

const accessClaims = `{"aud":"https://graph.microsoft.com","iss":"https://sts.windows.net/t/","appid":"app","oid":"o","tid":"t","uti":"u","scp":"A B","acrs":["c1"],"xms_cc":["cp1"],"iat":1767225600,"nbf":1767225600,"exp":1767229200,"secret_claim":"SECRET-claim"}`

// Of an exchange that is full of secrets nothing but an allow-list is told.
func TestCallsTellNoSecret(t *testing.T) {
	bearer := token(t, accessClaims)
	form := "grant_type=authorization_code&code=SECRET-code&client_secret=SECRET-secret&SECRET%20name=1&claims=" +
		`%7B%22access_token%22%3A%7B%22acrs%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22c1%22%7D%7D%7D`
	answer, err := json.Marshal(map[string]string{"access_token": bearer, "refresh_token": "SECRET-refresh", "id_token": bearer})
	if err != nil {
		t.Fatal(err)
	}
	call := callOf(exchange{
		at: time.Unix(10, 0), answered: time.Unix(11, 0), from: "page", method: "POST", contentType: "application/x-www-form-urlencoded",
		address: "https://user:SECRET-user@login.microsoftonline.com/t/oauth2/v2.0/token?prompt=none&login_hint=SECRET-hint&state=SECRET-state#SECRET-fragment",
		body:    []byte(form), bearer: secret.New(bearer), status: 200, requestID: "SECRET with spaces", answerType: "application/json; charset=utf-8", answer: answer,
	})
	text, err := json.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "SECRET") || strings.Contains(string(text), bearer) {
		t.Errorf("it tells a secret: %s", text)
	}
	if call.Host != "login.microsoftonline.com" || call.Path != "/t/oauth2/v2.0/token" || call.Took != time.Second {
		t.Errorf("it tells %s", text)
	}
	if diff := cmp.Diff(map[string]string{"grant_type": "authorization_code", "prompt": "none"}, call.Values); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"claims", "client_secret", "code", "grant_type", "login_hint", "prompt", "state"}, call.Names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"c1"}, call.Contexts); diff != "" {
		t.Error(diff)
	}
	for name, claims := range map[string]any{"carried": call.Carried, "received": call.Received} {
		if fmt.Sprintf("%T", claims) != "*tokens.AccessClaims" || call.Carried == nil || !call.Carried.HasContext("c1") || call.Received.UTI != "u" {
			t.Errorf("%s: %+v", name, claims)
		}
	}
}

func TestCallsTellWhatWasRefused(t *testing.T) {
	for name, row := range map[string]struct{ answer, want string }{
		"Graph":          {`{"error":{"code":"RoleAssignmentRequestAcrsValidationFailed","message":"SECRET"}}`, "RoleAssignmentRequestAcrsValidationFailed"},
		"OAuth":          {`{"error":"invalid_grant","error_description":"SECRET"}`, "invalid_grant"},
		"a sentence":     {`{"error":"SECRET is no code"}`, ""},
		"no JSON":        {`SECRET`, ""},
		"another object": {`[1]`, ""},
	} {
		call := callOf(exchange{method: "POST", address: "https://graph.microsoft.com/v1.0/x", status: 400, answerType: "application/json", answer: []byte(row.answer)})
		if call.Code != row.want {
			t.Errorf("%s: %q", name, call.Code)
		}
	}
}

func TestJSONBodiesAreToldByTheirNames(t *testing.T) {
	call := callOf(exchange{
		method: "POST", address: "https://graph.microsoft.com/v1.0/x", contentType: "application/json",
		body: []byte(`{"action":"selfActivate","isValidationOnly":true,"justification":"SECRET","scheduleInfo":{"startDateTime":"SECRET"},"directoryScopeId":7}`),
	})
	want := map[string]string{"action": "selfActivate", "isValidationOnly": "true"}
	if diff := cmp.Diff(want, call.Values); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"action", "directoryScopeId", "isValidationOnly", "justification", "scheduleInfo"}, call.Names); diff != "" {
		t.Error(diff)
	}
}

// Whoever is heard notices nothing: bodies arrive whole, in both directions, and errors as they were.
func TestAWireChangesNothing(t *testing.T) {
	large := strings.Repeat("0123456789", 100_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path == "/cut" {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("request-id", "abc-1")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	wire := &Wire{}
	client := &http.Client{Transport: Transport(server.Client().Transport)}
	send := func(path, body string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(wire.Within(t.Context()), http.MethodPost, server.URL+path+"?code=SECRET", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		return client.Do(req)
	}
	for _, body := range []string{"", `{"error":{"code":"Nope"}}`, large} {
		resp, err := send("/echo", body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		if err != nil || string(got) != body {
			t.Errorf("%d bytes of %d came back, %v", len(got), len(body), err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := send("/cut", ""); err == nil {
		t.Error("an error was swallowed")
	}
	heard := wire.since(time.Time{})
	if len(heard) != 4 || heard[1].call.Code != "Nope" || heard[1].call.Request != "abc-1" || heard[3].call.Failed == "" || heard[3].call.Status != 0 {
		t.Errorf("%d calls were heard: %+v", len(heard), heard)
	}
	for _, h := range heard {
		if text := fmt.Sprintf("%+v", h.call); strings.Contains(text, "SECRET") {
			t.Error(text)
		}
	}
	if later := wire.since(time.Now()); len(later) != 0 {
		t.Errorf("%d calls after the last", len(later))
	}
}

// Two proofs that share a client, at the same time, hear what each sent itself; what nobody's proof sent
// nobody hears.
func TestAWireHearsItsOwnProofOnly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	client := &http.Client{Transport: Transport(server.Client().Transport)}
	get := func(ctx context.Context, path string) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	}
	wires := map[string]*Wire{"/one": {}, "/two": {}}
	var proofs sync.WaitGroup
	for path, wire := range wires {
		proofs.Go(func() {
			ctx, cancel := context.WithCancel(wire.Within(t.Context()))
			defer cancel()
			for range 20 {
				get(ctx, path)
			}
		})
	}
	get(t.Context(), "/nobody")
	proofs.Wait()
	for path, wire := range wires {
		heard := wire.since(time.Time{})
		for _, h := range heard {
			if h.call.Path != path {
				t.Errorf("the proof that sends %s heard %s", path, h.call.Path)
			}
		}
		if len(heard) != 20 {
			t.Errorf("%s: %d calls were heard, want 20", path, len(heard))
		}
	}
}

func TestWhatTeachesNothingIsNotTold(t *testing.T) {
	for resource, want := range map[string]bool{"Document": true, "XHR": true, "Fetch": true, "Image": false, "Script": false, "Stylesheet": false} {
		if got := isTold(browser.Exchange{Resource: resource, Method: "GET", URL: "https://a.example/"}); got != want {
			t.Errorf("%s: %v", resource, got)
		}
	}
	if isTold(browser.Exchange{Resource: "Fetch", Method: "OPTIONS", URL: "https://a.example/"}) || isTold(browser.Exchange{Resource: "Document", Method: "GET", URL: "data:text/html,x"}) {
		t.Error("a preflight or a page that came from nowhere is told")
	}
}
