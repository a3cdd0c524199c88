package contract_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/graphapi"
	"github.com/reprompt/reprompt/emulator/internal/graphapi/document"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// tenant is an embedded tenant with Graph before it, whose clock a test moves and whose
// callers a test makes up: tokens are not the contract's subject.
type tenant struct {
	t       testing.TB
	store   *store.Store
	id      string
	handler http.Handler
	tokens  map[string]graphapi.Token // by bearer
}

// newTenant makes a tenant whose clock stands at the given time.
func newTenant(t testing.TB, now time.Time, fill func(*store.Tenant) error) *tenant {
	t.Helper()
	x := &tenant{t: t, store: store.New(1, func() time.Time { return now }), tokens: map[string]graphapi.Token{}}
	id, err := x.store.Create(fill)
	if err != nil {
		t.Fatal(err)
	}
	x.id = id
	x.handler = graphapi.New(x.store, x)
	return x
}

// Verify knows the tokens that the test made.
func (x *tenant) Verify(_ context.Context, bearer string) (graphapi.Token, error) {
	token, ok := x.tokens[bearer]
	if !ok {
		return graphapi.Token{}, errors.New("not a token of this test")
	}
	return token, nil
}

func (x *tenant) with(f func(*store.Tenant)) {
	x.t.Helper()
	if err := x.store.With(x.id, func(t *store.Tenant) error { f(t); return nil }); err != nil {
		x.t.Fatal(err)
	}
}

// as makes a token of one hour and returns its bearer: of the user with the permissions as
// scopes, or of the application itself where the user is empty.
func (x *tenant) as(user string, permissions ...string) (bearer string) {
	token := graphapi.Token{
		TenantID: x.id, Audience: "https://graph.microsoft.com", AppID: "contract", UserID: user, TokenID: "contract",
		AMR: []string{"pwd", "mfa"}, ACRS: []string{"c1"}, XMSCC: []string{"cp1"},
	}
	if token.Scopes = permissions; user == "" {
		token.Scopes, token.Roles = nil, permissions
	}
	x.with(func(t *store.Tenant) { token.IssuedAt = t.Now() })
	token.NotBefore, token.Expires = token.IssuedAt, token.IssuedAt.Add(time.Hour)
	bearer = user + ":" + strings.Join(permissions, ",")
	x.tokens[bearer] = token
	return bearer
}

// do sends one request; url is whole, or a path below https://graph.microsoft.com.
func (x *tenant) do(bearer, method, url, body string) exchange {
	x.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = "https://graph.microsoft.com" + url
	}
	r := httptest.NewRequest(method, strings.ReplaceAll(url, " ", "%20"), nil)
	if body != "" {
		r.Body = io.NopCloser(strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	x.handler.ServeHTTP(w, r)
	return exchange{request: r, sent: []byte(body), answered: w}
}

// answer is the answer's JSON; nil where there is none.
func (x exchange) answer(t testing.TB) *document.Object {
	t.Helper()
	if x.answered.Body.Len() == 0 {
		return nil
	}
	o, err := document.Parse(x.answered.Body.Bytes())
	if err != nil {
		t.Fatalf("%s %s: answered %q: %v", x.request.Method, x.request.URL, x.answered.Body, err)
	}
	return o
}

// values are the objects of a list.
func values(o *document.Object) []*document.Object {
	v, _ := o.Get("value")
	list, _ := v.([]any)
	out := make([]*document.Object, 0, len(list))
	for _, e := range list {
		if child, ok := e.(*document.Object); ok {
			out = append(out, child)
		}
	}
	return out
}
