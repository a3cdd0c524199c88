package login_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/login"
	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

// signingKeys are made once: the tests differ in everything else.
var signingKeys = sync.OnceValue(func() *issuer.Keys { return issuer.NewKeys(time.Now(), 0) })

// world is a sign-in service with one tenant, and a clock that only the test moves.
type world struct {
	t       *testing.T
	store   *store.Store
	service http.Handler
	facts   provision.Facts
	client  walker.Client
}

var begin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newWorld(t *testing.T) *world {
	t.Helper()
	st := store.New(7, func() time.Time { return begin })
	w := &world{t: t, store: st, service: login.New(st, signingKeys())}
	if _, err := st.Create(func(tenant *store.Tenant) error {
		w.facts = provision.Fill(tenant)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.client = walker.Client{
		Tenant: w.facts.TenantID, ClientID: w.facts.HarnessID, Redirect: "http://localhost:4711",
		Scope: "openid profile offline_access https://graph.microsoft.com/RoleAssignmentSchedule.ReadWrite.Directory",
	}
	return w
}

// RoundTrip hands a request to the service without a network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	r = r.Clone(r.Context())
	r.Host, r.RequestURI = r.URL.Host, r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w.service.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

func (w *world) browser() *walker.Walker { return walker.New(w) }

// tenant runs f on the tenant.
func (w *world) tenant(f func(t *store.Tenant)) {
	w.t.Helper()
	if err := w.store.With(w.facts.TenantID, func(t *store.Tenant) error {
		f(t)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) advance(d time.Duration) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) {
		if err := t.Advance(d); err != nil {
			w.t.Fatal(err)
		}
	})
}

func (w *world) now() (now time.Time) {
	w.tenant(func(t *store.Tenant) { now = t.Now() })
	return now
}

// admin changes the test admin.
func (w *world) admin(change func(t *store.Tenant, u *store.User)) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) {
		u, ok := t.Users.Get(w.facts.AdminID)
		if !ok {
			w.t.Fatal("the admin is gone")
		}
		change(t, u)
	})
}

func (w *world) credentials() walker.Credentials {
	return walker.Credentials{UPN: w.facts.AdminUPN, Password: w.facts.Password, TOTPSecret: w.facts.TOTPSecret, Now: w.now}
}

// open starts a sign-in; extra are parameters of the authorize request.
func (w *world) open(b *walker.Walker, extra map[string]string) {
	w.t.Helper()
	if err := b.Get(w.client.AuthorizeURL(extra)); err != nil {
		w.t.Fatal(err)
	}
}

// signIn starts a sign-in, answers its pages, and returns which they were.
func (w *world) signIn(b *walker.Walker, extra map[string]string) string {
	w.t.Helper()
	w.open(b, extra)
	steps, err := b.SignIn(w.credentials())
	if err != nil {
		w.t.Fatalf("sign in after %v: %v", steps, err)
	}
	return strings.Join(steps, " ")
}

// redeem redeems the code of the finished sign-in.
func (w *world) redeem(b *walker.Walker) walker.Tokens {
	w.t.Helper()
	tokens, err := b.Redeem(w.client)
	if err != nil {
		w.t.Fatal(err)
	}
	if tokens.Status != http.StatusOK {
		w.t.Fatalf("redeem the code: %d %s", tokens.Status, tokens.Description)
	}
	return tokens
}

// call posts JSON as the scripts of the pages do, and reads the answer.
func (w *world) call(address string, body map[string]string, answer any) {
	w.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, address, strings.NewReader(string(text)))
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.RoundTrip(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		w.t.Fatal(err)
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	claims, err := walker.Claims(token)
	if err != nil {
		t.Fatal(err)
	}
	return claims
}

// rule is a Conditional Access policy in the words of a test.
type rule struct {
	state    string // default enabled
	context  string // targets this context; empty: every app
	mfa      bool
	strength string
	block    bool
	every    bool // sign-in frequency every time
	hours    int  // sign-in frequency in hours
	device   bool

	secondary bool // the frequency is about the secondary factor alone
}

func (p rule) json(id string) json.RawMessage {
	applications := map[string]any{"includeApplications": []string{"All"}}
	if p.context != "" {
		applications = map[string]any{"includeApplications": []string{}, "includeAuthenticationContextClassReferences": []string{p.context}}
	}
	state := "enabled"
	if p.state != "" {
		state = p.state
	}
	policy := map[string]any{
		"id": id, "displayName": "policy " + id, "state": state,
		"conditions": map[string]any{
			"clientAppTypes": []string{"all"}, "applications": applications,
			"users": map[string]any{"includeUsers": []string{"All"}},
		},
		"grantControls": p.grant(), "sessionControls": p.session(),
	}
	raw, err := json.Marshal(policy)
	if err != nil {
		panic(err)
	}
	return raw
}

func (p rule) grant() any {
	grant := map[string]any{"operator": "AND", "builtInControls": []string{}}
	var controls []string
	if p.mfa {
		controls = append(controls, "mfa")
	}
	if p.block {
		controls = append(controls, "block")
	}
	if p.device {
		controls = append(controls, "compliantDevice")
	}
	if p.strength != "" {
		grant["authenticationStrength"] = map[string]any{"id": p.strength}
	}
	if len(controls) == 0 && p.strength == "" {
		return nil
	}
	grant["builtInControls"] = controls
	return grant
}

func (p rule) session() any {
	frequency := map[string]any{"isEnabled": true, "authenticationType": "primaryAndSecondaryAuthentication"}
	if p.secondary {
		frequency["authenticationType"] = "secondaryAuthentication"
	}
	switch {
	case p.every:
		frequency["frequencyInterval"] = "everyTime"
	case p.hours > 0:
		frequency["frequencyInterval"], frequency["type"], frequency["value"] = "timeBased", "hours", p.hours
	default:
		return nil
	}
	return map[string]any{"signInFrequency": frequency}
}

// policies puts policies in effect, with every context that they name published.
func (w *world) policies(rules ...rule) {
	w.t.Helper()
	w.tenant(func(t *store.Tenant) {
		for i, p := range rules {
			id := fmt.Sprintf("00000000-0000-4000-8000-%012d", i)
			t.Policies.Put(id, store.Policy{ID: id, Raw: p.json(id)}, t.Now())
			if p.context != "" {
				t.Contexts.Put(p.context, store.Context{ID: p.context, Available: true}, t.Now())
			}
		}
	})
}

// stepUp is the claims parameter that asks for a context, as PIM's challenge does.
func stepUp(context string) map[string]string {
	return map[string]string{"claims": `{"access_token":{"acrs":{"essential":true,"value":"` + context + `"},"xms_cc":{"values":["cp1"]}}}`}
}
