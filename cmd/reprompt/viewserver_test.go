package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/evidence"
)

// served is what the view server of the released bundle answers to a request.
func served(t *testing.T, method, host, target string) *httptest.ResponseRecorder {
	t.Helper()
	viewer, err := evidence.NewViewer(filepath.Join("..", "..", "evidence", "testdata", "bundles", "v1"), evidence.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	r := httptest.NewRequest(method, target, nil)
	r.Host = host
	w := httptest.NewRecorder()
	newViewServer(viewer, "127.0.0.1:4711").ServeHTTP(w, r)
	return w
}

func TestTheViewServerAnswersOnlyItsOwnAddress(t *testing.T) {
	for host, want := range map[string]int{
		"127.0.0.1:4711": http.StatusOK, "localhost:4711": http.StatusMisdirectedRequest, "127.0.0.1": http.StatusMisdirectedRequest,
		"evil.example:4711": http.StatusMisdirectedRequest, "": http.StatusMisdirectedRequest,
	} {
		if got := served(t, http.MethodGet, host, "/"); got.Code != want || want != http.StatusOK && strings.Contains(got.Body.String(), "<") {
			t.Errorf("%q: HTTP %d, %d bytes", host, got.Code, got.Body.Len())
		}
	}
}

func TestTheViewServerChangesNothing(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
		if got := served(t, method, "127.0.0.1:4711", "/"); got.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: HTTP %d", method, got.Code)
		}
	}
}

// A report may be anybody's: it can show itself and pictures, and run nothing.
func TestTheViewServerServesTheBundleAsItIs(t *testing.T) {
	for target, want := range map[string]struct{ kind, policy, holds string }{
		"/":             {"text/html; charset=utf-8", "sandbox ", "Three witnesses"},
		"/report.html":  {"text/html; charset=utf-8", "sandbox ", "Three witnesses"},
		"/run.json":     {"application/json", "default-src 'none'", "reprompt/bundle/v1"},
		"/signer.pem":   {"text/plain; charset=utf-8", "default-src 'none'", "PUBLIC KEY"},
		"/junit.xml":    {"text/plain; charset=utf-8", "default-src 'none'", "testsuite"},
		"/trace.html":   {"text/html; charset=utf-8", "script-src 'sha256-", "--trace"},
		"/trace.html?x": {"text/html; charset=utf-8", "script-src 'sha256-", "No trace"},
	} {
		got := served(t, http.MethodGet, "127.0.0.1:4711", target)
		header := got.Header()
		if got.Code != http.StatusOK || header.Get("Content-Type") != want.kind || !strings.Contains(got.Body.String(), want.holds) {
			t.Errorf("%s: HTTP %d, %s", target, got.Code, header.Get("Content-Type"))
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, want.policy) || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: policy %s", target, policy)
		}
		if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s: headers %v", target, header)
		}
	}
	for _, target := range []string{"/../../../go.mod", "/%2e%2e/%2e%2e/go.mod", "/scenarios", "/no-such-file", "/scenarios/../run.json"} {
		if got := served(t, http.MethodGet, "127.0.0.1:4711", target); got.Code != http.StatusNotFound {
			t.Errorf("%s: HTTP %d", target, got.Code)
		}
	}
}
