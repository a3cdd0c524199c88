package graph_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

// call is what a server got.
type call struct {
	method string
	path   string // with the version: /v1.0/…
	query  url.Values
	header http.Header
	body   string
}

// reply is what it answers.
type reply struct {
	status int
	header map[string]string
	body   string
}

// server answers each call with the next reply, the last one again and again.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	replies []reply
}

func serve(t *testing.T, replies ...reply) *server {
	t.Helper()
	s := &server{replies: replies}
	s.Server = httptest.NewServer(http.HandlerFunc(s.answer))
	t.Cleanup(s.Close)
	return s
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
	next := s.replies[0]
	if len(s.replies) > 1 {
		s.replies = s.replies[1:]
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range next.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

// client asks this server with the token "token".
func (s *server) client(t *testing.T) *graph.Client {
	t.Helper()
	return s.clientWith(t, func(context.Context, string) (secret.Text, error) { return secret.New("token"), nil })
}

func (s *server) clientWith(t *testing.T, token func(context.Context, string) (secret.Text, error)) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Options{BaseURL: s.URL + "/v1.0", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// only returns the one call that was made.
func (s *server) only(t *testing.T) call {
	t.Helper()
	if len(s.calls) != 1 {
		t.Fatalf("got %d calls, want 1", len(s.calls))
	}
	return s.calls[0]
}

// decoded is a body as generic JSON.
func decoded(t *testing.T, body string) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatalf("body %q: %v", body, err)
	}
	return value
}

// at walks into generic JSON.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func ok(body string) reply { return reply{status: http.StatusOK, body: body} }

func refusal(status int, code, message string) reply {
	body, _ := json.Marshal(map[string]any{"error": map[string]any{
		"code": code, "message": message, "innerError": map[string]any{"request-id": "inner"},
	}})
	return reply{status: status, body: string(body)}
}
