package contract_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/services"
	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// parts answer by host, as the embedded tenant's listener does.
type parts map[cloud.Part]http.Handler

// RoundTrip hands a request to the service of its host.
func (p parts) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.RequestURI = r.URL.Host, r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	_, part, _ := cloud.Of(r.URL.Host)
	recorder := httptest.NewRecorder()
	p[part].ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

// signIn signs the tenant's admin in on the pages, asking for the context c1.
func (x *tour) signIn(t *testing.T, facts provision.Facts) {
	t.Helper()
	client := walker.Client{Tenant: facts.TenantID, ClientID: facts.HarnessID, Redirect: "http://localhost:4711", Scope: "openid profile https://graph.microsoft.com/User.Read"}
	browser := walker.New(parts(services.New(x.store, issuer.NewKeys(start, 0))))
	err := browser.Get(client.AuthorizeURL(map[string]string{"claims": `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`}))
	if err != nil {
		t.Fatal(err)
	}
	credentials := walker.Credentials{UPN: facts.AdminUPN, Password: facts.Password, TOTPSecret: facts.TOTPSecret, Now: func() time.Time { return start }}
	if steps, err := browser.SignIn(credentials); err != nil {
		t.Fatalf("sign in after %v: %v", steps, err)
	}
}

// TestSignInLogOfARealSignIn reads in v1.0 what the sign-in pages wrote: it appears late,
// and has nothing that only beta has, which the schema would refuse.
func TestSignInLogOfARealSignIn(t *testing.T) {
	x := newTour(t)
	var facts provision.Facts
	id, err := x.store.Create(func(tenant *store.Tenant) error {
		facts = provision.Fill(tenant)
		tenant.Lag[store.LagSignInLog] = 2 * time.Minute
		return provision.Sample(tenant, facts)
	})
	if err != nil {
		t.Fatal(err)
	}
	x.id = id
	x.signIn(t, facts)
	bearer := x.as("", "AuditLog.Read.All")
	if early := values(x.do(bearer, http.MethodGet, "/v1.0/auditLogs/signIns", "").answer(t)); len(early) != 0 {
		t.Fatalf("%d rows before the log's lag has passed", len(early))
	}
	x.with(func(tenant *store.Tenant) {
		if err := tenant.Advance(2 * time.Minute); err != nil {
			t.Fatal(err)
		}
	})
	got := x.do(bearer, http.MethodGet, "/v1.0/auditLogs/signIns", "")
	rows := values(got.answer(t))
	if len(rows) == 0 {
		t.Fatal("the sign-in is in no log")
	}
	x.judge(t, step{operation: "GET /auditLogs/signIns"}, got, true)
	beta := values(x.do(bearer, http.MethodGet, "/beta/auditLogs/signIns", "").answer(t))
	if len(beta) != len(rows) || len(beta[0].Strings("signInEventTypes")) == 0 || beta[0].Object("status") == nil {
		t.Errorf("beta tells of %d rows, v1.0 of %d", len(beta), len(rows))
	}
}

// TestTheSchemaIsStrict: an exchange with a wrong property, a wrong value of an enumeration
// or a wrong status is refused, so that the other tests say something.
func TestTheSchemaIsStrict(t *testing.T) {
	x := newTour(t)
	const path = "/v1.0/identity/conditionalAccess/authenticationContextClassReferences/c1"
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"a property of beta":        {200, `{"id":"c1","displayName":"x","sessionId":"1"}`},
		"a number for a text":       {200, `{"id":1}`},
		"a status that is none":     {202, `{"id":"c1"}`},
		"an error without envelope": {404, `{"code":"ResourceNotFound"}`},
		"a body where none is":      {200, ``},
	} {
		got := x.do(x.as("", "AuthenticationContext.Read.All"), http.MethodGet, path, "")
		got.answered = httptest.NewRecorder()
		got.answered.Header().Set("Content-Type", "application/json")
		got.answered.WriteHeader(answer.status)
		if _, err := got.answered.WriteString(answer.body); err != nil {
			t.Fatal(err)
		}
		if _, err := x.schema.judge(got, true); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	sent := x.do("", http.MethodPatch, path, `{"colour":"red"}`)
	if _, err := x.schema.judge(sent, true); err == nil {
		t.Error("a request with a property that is none passes")
	}
}
