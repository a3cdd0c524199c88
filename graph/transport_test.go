package graph_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
)

func TestNewRefusesBaseURLWithoutVersion(t *testing.T) {
	for _, base := range []string{"https://graph.microsoft.com", "graph.microsoft.com/v1.0", "https://graph.microsoft.com/beta"} {
		if _, err := graph.New(graph.Options{BaseURL: base}); err == nil {
			t.Errorf("base URL %q was taken", base)
		}
	}
}

// The SDK's default client would send the second body as plain text marked as gzip, in most runs.
func TestRetriedPostCarriesTheSameBody(t *testing.T) {
	s := serve(t,
		reply{status: http.StatusTooManyRequests, header: map[string]string{"Retry-After": "0"}, body: "{}"},
		reply{status: http.StatusCreated, body: `{"id":"p1","displayName":"x"}`})
	made, err := s.client(t).CreatePolicy(t.Context(), graph.Policy{Name: "x", State: graph.PolicyEnabled})
	if err != nil {
		t.Fatal(err)
	}
	if made.ID != "p1" || len(s.calls) != 2 {
		t.Fatalf("made %q in %d calls, want p1 in 2", made.ID, len(s.calls))
	}
	if diff := cmp.Diff(s.calls[0].body, s.calls[1].body); diff != "" {
		t.Errorf("the second body differs (-first +second):\n%s", diff)
	}
	if encoding := s.calls[1].header.Get("Content-Encoding"); encoding != "" {
		t.Errorf("the second body is marked as %q", encoding)
	}
	if name := at(decoded(t, s.calls[1].body), "displayName"); name != "x" {
		t.Errorf("displayName %v, want x", name)
	}
}

func TestRetries(t *testing.T) {
	busy := func(status int) reply {
		return reply{status: status, header: map[string]string{"Retry-After": "0"}, body: "{}"}
	}
	for name, test := range map[string]struct {
		reply reply
		act   func(*graph.Client) error
		calls int
	}{
		"a read that is throttled is tried till patience ends": {busy(429), read, 5},
		"a read during an outage is tried four times":          {busy(503), read, 4},
		"a deletion behind a gateway is repeated":              {busy(504), remove, 4},
		"a POST may have been acted on before a 503":           {busy(503), create, 1},
		"a POST may have been acted on before a 504":           {busy(504), create, 1},
		"a POST that is throttled was not acted on":            {busy(429), create, 5},
		"a refusal is final":                                   {refusal(400, "BadRequest", "no"), read, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.reply)
			err := test.act(patientClient(t, graph.Options{BaseURL: s.URL + "/v1.0", Clock: newLeapClock(), Seed: 1, Patience: 10 * time.Second}))
			var refused *graph.Error
			if !errors.As(err, &refused) || refused.Status != test.reply.status {
				t.Errorf("error %v, want status %d", err, test.reply.status)
			}
			if len(s.calls) != test.calls {
				t.Errorf("%d calls, want %d", len(s.calls), test.calls)
			}
		})
	}
}

func read(c *graph.Client) error   { _, err := c.Contexts(context.Background()); return err }
func remove(c *graph.Client) error { return c.DeletePolicy(context.Background(), "p1") }
func create(c *graph.Client) error {
	_, err := c.CreatePolicy(context.Background(), graph.Policy{Name: "x", State: graph.PolicyEnabled})
	return err
}

func TestContinuousAccessChallengeIsAnsweredOnce(t *testing.T) {
	claims := base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"nbf":{"essential":true,"value":"1"}}}`))
	challenge := reply{status: 401, body: "{}", header: map[string]string{
		"WWW-Authenticate": `Bearer realm="", error="insufficient_claims", claims="` + claims + `"`,
	}}
	s := serve(t, challenge, ok(`{"value":[]}`))
	var asked []string
	c := s.clientWith(t, func(_ context.Context, claims string) (secret.Text, error) {
		asked = append(asked, claims)
		return secret.New("token" + claims), nil
	})
	if _, err := c.Contexts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", claims}, asked); diff != "" {
		t.Errorf("claims asked of Token (-want +got):\n%s", diff)
	}
	if got := s.calls[1].header.Get("Authorization"); got != "Bearer token"+claims {
		t.Error("the second request does not carry the new token")
	}
}

func TestUnquotedChallengeIsAnErrorAndNoPanic(t *testing.T) {
	s := serve(t, reply{status: 401, body: "{}", header: map[string]string{"WWW-Authenticate": `Bearer error="insufficient_claims", claims=abc`}})
	_, err := s.client(t).Contexts(t.Context())
	var refused *graph.Error
	if !errors.As(err, &refused) || refused.Status != 401 {
		t.Errorf("error %v, want status 401", err)
	}
}

func TestTokenIsRequired(t *testing.T) {
	s := serve(t, ok(`{"value":[]}`))
	for name, token := range map[string]func(context.Context, string) (secret.Text, error){
		"no provider": nil,
		"empty token": func(context.Context, string) (secret.Text, error) { return secret.Text{}, nil },
		"an error":    func(context.Context, string) (secret.Text, error) { return secret.Text{}, errors.New("boom") },
	} {
		if _, err := s.clientWith(t, token).Contexts(t.Context()); err == nil {
			t.Errorf("%s: the call went through", name)
		}
	}
	if len(s.calls) != 0 {
		t.Errorf("%d requests left without a token", len(s.calls))
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := serve(t, ok(`{"value":[]}`))
	s := serve(t, reply{status: 307, header: map[string]string{"Location": elsewhere.URL}, body: "{}"})
	if _, err := s.client(t).Contexts(t.Context()); err == nil || !strings.Contains(err.Error(), "redirected") {
		t.Errorf("error %v, want one that names the redirect", err)
	}
	if len(elsewhere.calls) != 0 {
		t.Error("the token went to another host")
	}
}

func TestPagesAreFollowedOnTheSameHostOnly(t *testing.T) {
	s := serve(t)
	s.replies = []reply{
		ok(`{"value":[{"id":"c1"}],"@odata.nextLink":"` + s.URL + `/v1.0/more?$skiptoken=x%2By"}`),
		ok(`{"value":[{"id":"c2"}]}`),
	}
	contexts, err := s.client(t).Contexts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(contexts) != 2 || contexts[1].ID != "c2" {
		t.Errorf("contexts %v, want c1 and c2", contexts)
	}
	if got := s.calls[1].query.Get("$skiptoken"); got != "x+y" {
		t.Errorf("skip token %q, want x+y", got)
	}

	elsewhere := serve(t, ok(`{"value":[]}`))
	s = serve(t, ok(`{"value":[],"@odata.nextLink":"`+elsewhere.URL+`/v1.0/more"}`))
	if _, err := s.client(t).Contexts(t.Context()); err == nil {
		t.Error("a page on another host was followed")
	}
	if len(elsewhere.calls) != 0 {
		t.Error("the token went to another host")
	}
}

func TestPagesAreNotFollowedWithoutEnd(t *testing.T) {
	s := serve(t)
	for range 1100 {
		s.replies = append(s.replies, ok(`{"value":[],"@odata.nextLink":"`+s.URL+`/v1.0/more"}`))
	}
	if _, err := s.client(t).Contexts(t.Context()); err == nil {
		t.Error("pages without end were all read")
	}
	if len(s.calls) > 1000 {
		t.Errorf("%d pages were read, want at most 1000", len(s.calls))
	}
}

func TestErrors(t *testing.T) {
	for name, test := range map[string]struct {
		reply reply
		want  graph.Error
	}{
		"envelope with header": {
			reply{status: 403, header: map[string]string{"request-id": "r1"}, body: `{"error":{"code":"Forbidden","message":"no"}}`},
			graph.Error{Op: "list authentication contexts", Status: 403, Code: "Forbidden", Message: "no", RequestID: "r1"},
		},
		"request id inside": {
			refusal(400, "BadRequest", "no"),
			graph.Error{Op: "list authentication contexts", Status: 400, Code: "BadRequest", Message: "no", RequestID: "inner"},
		},
		"a gateway's page": {
			reply{status: 502, header: map[string]string{"Content-Type": "text/html"}, body: "<html>"},
			graph.Error{Op: "list authentication contexts", Status: 502},
		},
		"no body": {
			reply{status: 500},
			graph.Error{Op: "list authentication contexts", Status: 500},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := serve(t, test.reply).client(t).Contexts(t.Context())
			var got *graph.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want a *graph.Error", err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A client that is ReadOnly reads, and says of each write what it would have been.
func TestReadOnlyWritesNothing(t *testing.T) {
	s := serve(t, ok(`{"value":[]}`))
	c, err := s.client(t).ReadOnly()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Policies(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, create := c.CreatePolicy(t.Context(), graph.Policy{Name: "x", State: graph.PolicyEnabled})
	_, give := c.Deactivate(t.Context(), secret.New("t"), graph.ActivationRequest{})
	for _, row := range []struct {
		method string
		err    error
	}{{http.MethodDelete, c.DeletePolicy(t.Context(), "p1")}, {http.MethodPost, create}, {http.MethodPost, give}} {
		refused := new(graph.WriteRefusedError)
		if !errors.As(row.err, &refused) || refused.Method != row.method || !strings.HasPrefix(refused.Path, "/v1.0/") {
			t.Errorf("error %v, want that a %s was not sent", row.err, row.method)
		}
	}
	if len(s.calls) != 1 {
		t.Errorf("%d requests, want the read alone", len(s.calls))
	}
}
