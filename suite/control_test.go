package suite

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/secret"
)

func TestControlNamesTheTenantAndItself(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer opensesame" || r.URL.Query().Get("tenant") != "a&b" || r.URL.Path != "/requests" {
			http.Error(w, "wrong request "+r.URL.String(), http.StatusBadRequest)
			return
		}
		_, _ = w.Write([]byte(`[{"method":"GET","url":"https://x/","status":501,"unmodelled":true}]`))
	}))
	defer server.Close()
	c := &control{url: server.URL, token: secret.New("opensesame"), http: server.Client()}
	requests, err := c.requests(t.Context(), "a&b")
	if err != nil || len(requests) != 1 || !requests[0].Unmodelled {
		t.Errorf("requests = %+v, %v", requests, err)
	}
}

func TestControlErrorSaysWhatWasAnsweredAndHidesTheToken(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "unknown tenant", http.StatusNotFound)
	}))
	defer server.Close()
	c := &control{url: server.URL, token: secret.New("opensesame"), http: server.Client()}
	err := c.deleteTenant(t.Context(), "x/y")
	if err == nil || !strings.Contains(err.Error(), "404: unknown tenant") || strings.Contains(err.Error(), "opensesame") {
		t.Errorf("error = %v", err)
	}
}
