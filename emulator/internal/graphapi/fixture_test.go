package graphapi_test

import (
	"bytes"
	"context"
	"encoding/json"
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

// start is when the test tenants begin; their clock moves only when a test moves it.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const everything = "Application.ReadWrite.All AuditLog.Read.All AuthenticationContext.ReadWrite.All AdministrativeUnit.ReadWrite.All Directory.Read.All Group.ReadWrite.All " +
	"Organization.Read.All Policy.Read.All Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.ConditionalAccess " +
	"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup " +
	"RoleAssignmentSchedule.ReadWrite.Directory RoleEligibilitySchedule.ReadWrite.Directory RoleManagement.ReadWrite.Directory " +
	"RoleManagementPolicy.ReadWrite.Directory RoleManagementPolicy.ReadWrite.AzureADGroup User.ReadWrite.All UserAuthenticationMethod.ReadWrite.All"

const ofAnAdmin = "User.Read RoleManagement.Read.Directory RoleAssignmentSchedule.ReadWrite.Directory RoleManagementPolicy.Read.Directory " +
	"PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup AuditLog.Read.All"

// lab is a tenant with an admin, another user, a fixtures application and Graph before it.
type lab struct {
	t       *testing.T
	store   *store.Store
	tenant  string
	handler http.Handler
	tokens  map[string]graphapi.Token // by bearer
	admin   string
	other   string
}

// Verify accepts the tokens that the test made.
func (l *lab) Verify(_ context.Context, bearer string) (graphapi.Token, error) {
	token, ok := l.tokens[bearer]
	if !ok {
		return graphapi.Token{}, errors.New("not a token of this test")
	}
	return token, nil
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, store: store.New(1, func() time.Time { return start }), tokens: map[string]graphapi.Token{}}
	id, err := l.store.Create(func(tenant *store.Tenant) error {
		tenant.Domain = "contoso.example"
		for _, name := range []string{"admin", "other"} {
			u := &store.User{ID: tenant.NewID(), UPN: name + "@contoso.example", DisplayName: name, Enabled: true, CreatedAt: start, Password: "x", PasswordID: tenant.NewID()}
			tenant.Users.Put(u.ID, u)
		}
		tenant.Apps.Put("fixtures", &store.Application{ClientID: "fixtures", ServiceID: tenant.NewID(), DisplayName: "fixtures"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	l.tenant = id
	l.with(func(tenant *store.Tenant) {
		l.admin, l.other = tenant.Users.List()[0].ID, tenant.Users.List()[1].ID
	})
	l.handler = graphapi.New(l.store, l)
	l.tokens["app"] = l.token(graphapi.Token{AppID: "fixtures", Roles: strings.Fields(everything)})
	l.tokens["admin"] = l.token(graphapi.Token{AppID: "harness", UserID: l.admin, Scopes: strings.Fields(ofAnAdmin), AMR: []string{"pwd", "mfa"}, XMSCC: []string{"cp1"}, TokenID: "plain"})
	return l
}

// token completes a token of the lab's tenant, good for an hour.
func (l *lab) token(t graphapi.Token) graphapi.Token {
	t.TenantID, t.Audience = l.tenant, "https://graph.microsoft.com"
	l.with(func(tenant *store.Tenant) { t.IssuedAt = tenant.Now() })
	t.NotBefore, t.Expires = t.IssuedAt, t.IssuedAt.Add(24*time.Hour)
	return t
}

func (l *lab) with(f func(*store.Tenant)) {
	l.t.Helper()
	if err := l.store.With(l.tenant, func(t *store.Tenant) error { f(t); return nil }); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) advance(d time.Duration) {
	l.t.Helper()
	if err := l.store.With(l.tenant, func(t *store.Tenant) error { return t.Advance(d) }); err != nil {
		l.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   *document.Object
}

func (a answer) code() string    { return a.body.Object("error").String("code") }
func (a answer) message() string { return a.body.Object("error").String("message") }

func (a answer) values() []*document.Object {
	v, _ := a.body.Get("value")
	list, _ := v.([]any)
	out := make([]*document.Object, 0, len(list))
	for _, e := range list {
		o, _ := e.(*document.Object)
		out = append(out, o)
	}
	return out
}

// do sends a request with the named token; the path begins with the version.
func (l *lab) do(bearer, method, path, body string) answer {
	l.t.Helper()
	return l.doWith(nil, bearer, method, path, body)
}

// doWith is do with further headers.
func (l *lab) doWith(headers map[string]string, bearer, method, path, body string) answer {
	l.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "https://graph.microsoft.com"+strings.ReplaceAll(path, " ", "%20"), in)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return l.send(r)
}

func (l *lab) send(r *http.Request) answer {
	l.t.Helper()
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header()}
	if text := bytes.TrimSpace(w.Body.Bytes()); len(text) > 0 {
		body, err := document.Parse(text)
		if err != nil {
			l.t.Fatalf("%s %s: answered %q: %v", r.Method, r.URL.Path, text, err)
		}
		a.body = body
	}
	return a
}

// must sends as the application and wants the status.
func (l *lab) must(status int, method, path, body string) answer {
	l.t.Helper()
	a := l.do("app", method, path, body)
	if a.status != status {
		l.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, pretty(a.body))
	}
	return a
}

func pretty(o *document.Object) string {
	if o == nil {
		return "(no body)"
	}
	var b bytes.Buffer
	if err := json.Indent(&b, o.Raw(), "", " "); err != nil {
		return err.Error()
	}
	return b.String()
}
