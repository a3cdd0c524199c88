package services_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/issuer"
	"github.com/reprompt/reprompt/emulator/internal/provision"
	"github.com/reprompt/reprompt/emulator/internal/services"
	"github.com/reprompt/reprompt/emulator/internal/store"
	"github.com/reprompt/reprompt/emulator/internal/walker"
)

const (
	nativeRedirect  = "http://localhost:4711"
	browserRedirect = "https://harness.example/signin"
	policiesPath    = "/v1.0/identity/conditionalAccess/policies"
)

// agents are user agents by the platform that they tell of.
var agents = map[string]string{
	"windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "macOS": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",
	"linux": "Mozilla/5.0 (X11; Linux x86_64)", "android": "Mozilla/5.0 (Linux; Android 15)", "iOS": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)",
}

// tenant is one embedded tenant with every service before it, and an admin who has signed in.
type tenant struct {
	*testing.T
	store   *store.Store
	parts   map[cloud.Part]http.Handler
	facts   provision.Facts
	browser *walker.Walker
	agent   string // user agent of the browser
	token   string // of the fixtures application

	inner, outer, apart string // groups: the admin may be in inner, which is in outer
	here, elsewhere     string // named locations
}

// RoundTrip hands a request to the service of its host.
func (w *tenant) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.RequestURI = r.URL.Host, r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Header.Set("User-Agent", w.agent)
	_, part, _ := cloud.Of(r.URL.Host)
	recorder := httptest.NewRecorder()
	w.parts[part].ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

func (w *tenant) with(f func(t *store.Tenant)) {
	w.Helper()
	if err := w.store.With(w.facts.TenantID, func(t *store.Tenant) error { f(t); return nil }); err != nil {
		w.Fatal(err)
	}
}

func newTenant(t *testing.T) *tenant {
	t.Helper()
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	w := &tenant{T: t, agent: agents["linux"], store: store.New(5, func() time.Time { return start })}
	w.parts = services.New(w.store, issuer.NewKeys(start, 0))
	if _, err := w.store.Create(func(tenant *store.Tenant) error {
		w.facts = provision.Fill(tenant)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.with(w.furnish)
	w.token = w.fixturesToken()
	w.browser = walker.New(w)
	if err := w.browser.Get(w.client(nativeRedirect).AuthorizeURL(nil)); err != nil {
		t.Fatal(err)
	}
	credentials := walker.Credentials{UPN: w.facts.AdminUPN, Password: w.facts.Password, TOTPSecret: w.facts.TOTPSecret, Now: func() time.Time { return start }}
	if steps, err := w.browser.SignIn(credentials); err != nil {
		t.Fatalf("sign in after %v: %v", steps, err)
	}
	return w
}

// furnish adds what policies can name: groups, locations and contexts.
func (w *tenant) furnish(t *store.Tenant) {
	w.inner, w.outer, w.apart = t.NewID(), t.NewID(), t.NewID()
	t.Groups.Put(w.inner, &store.Group{ID: w.inner})
	t.Groups.Put(w.outer, &store.Group{ID: w.outer, Members: []string{w.inner}})
	t.Groups.Put(w.apart, &store.Group{ID: w.apart})
	w.here, w.elsewhere = t.NewID(), t.NewID()
	t.NamedLocations.Put(w.here, &store.NamedLocation{ID: w.here, Ranges: []string{"127.0.0.0/8"}})
	t.NamedLocations.Put(w.elsewhere, &store.NamedLocation{ID: w.elsewhere, Trusted: true, Ranges: []string{"203.0.113.0/24"}})
	for _, id := range []string{"c1", "c2"} {
		t.Contexts.Put(id, store.Context{ID: id, Available: true}, t.Now())
	}
	app, _ := t.Apps.Get(w.facts.HarnessID)
	app.RedirectURIs = append(app.RedirectURIs, browserRedirect)
}

func (w *tenant) client(redirect string) walker.Client {
	return walker.Client{
		Tenant: w.facts.TenantID, ClientID: w.facts.HarnessID, Redirect: redirect,
		Scope: "openid profile https://graph.microsoft.com/User.Read",
	}
}

func (w *tenant) fixturesToken() string {
	w.Helper()
	token, err := w.applicationToken()
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// applicationToken is an access token for Graph of the fixtures application.
func (w *tenant) applicationToken() (string, error) {
	tokens, err := walker.New(w).Token(walker.Client{Tenant: w.facts.TenantID, ClientID: w.facts.FixturesID}, map[string]string{
		"grant_type": "client_credentials", "client_secret": w.facts.FixturesSecret, "scope": "https://graph.microsoft.com/.default",
	})
	if err != nil || tokens.Status != http.StatusOK {
		return "", fmt.Errorf("token of the fixtures application: %w, answered %d %s", err, tokens.Status, tokens.Description)
	}
	return tokens.Access, nil
}

// graph sends a request as the fixtures application and decodes the answer.
func (w *tenant) graph(method, path string, body, answer any) {
	w.Helper()
	payload, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	request, err := http.NewRequestWithContext(w.Context(), method, "https://graph.microsoft.com"+path, bytes.NewReader(payload))
	if err != nil {
		w.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := w.RoundTrip(request)
	if err != nil {
		w.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		w.Fatalf("%s %s %s: %d %s", method, path, payload, response.StatusCode, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			w.Fatal(err)
		}
	}
}

// question is one generated case: the directory, the policies, and the sign-in asked about.
type question struct {
	member   bool     // of the inner group
	roles    []string // active
	guest    string
	risk     string
	trusted  bool // the client's location is trusted
	platform string
	browser  bool
	context  string // empty: the application itself
	policies []map[string]any
}

// generate draws a case. What it draws often enough to matter is that a condition nearly fits.
func (w *tenant) generate(r *rand.Rand) question {
	q := question{
		member: r.IntN(2) == 0, guest: one(r, "", "", "b2bCollaborationGuest"), risk: one(r, "none", "low", "high"),
		trusted: r.IntN(2) == 0, platform: one(r, "windows", "macOS", "linux", "android", "iOS"), browser: r.IntN(2) == 0, context: one(r, "", "c1", "c2"),
	}
	if r.IntN(2) == 0 {
		q.roles = []string{store.RoleApplicationAdministrator}
	}
	for n := range 3 {
		q.policies = append(q.policies, w.policy(r, q.context, n))
	}
	return q
}

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// sometimes is one of the values or, half of the time, nothing.
func sometimes(r *rand.Rand, of ...string) []string {
	if r.IntN(2) == 0 {
		return []string{}
	}
	return []string{one(r, of...)}
}

func (w *tenant) policy(r *rand.Rand, context string, n int) map[string]any {
	groups := []string{w.inner, w.outer, w.apart}
	roles := []string{store.RoleApplicationAdministrator, store.RoleUserAdministrator}
	users := map[string]any{
		"includeUsers": []string{one(r, "All", w.facts.AdminID, w.facts.AdminID, "GuestsOrExternalUsers", "None")}, "excludeUsers": []string{},
		"includeGroups": sometimes(r, groups...), "includeRoles": sometimes(r, roles...),
		"excludeGroups": []string{}, "excludeRoles": []string{},
	}
	if r.IntN(3) == 0 {
		users["excludeGroups"], users["excludeRoles"], users["excludeUsers"] = sometimes(r, groups...), sometimes(r, roles...), sometimes(r, "GuestsOrExternalUsers")
	}
	conditions := map[string]any{
		"users": users, "applications": w.applications(r, context), "clientAppTypes": []string{one(r, "all", "all", "browser", "mobileAppsAndDesktopClients")},
		"userRiskLevels": []string{}, "signInRiskLevels": []string{},
	}
	if r.IntN(3) == 0 {
		conditions["userRiskLevels"], conditions["signInRiskLevels"] = sometimes(r, "none", "low", "high"), sometimes(r, "none", "none", "high")
	}
	if r.IntN(3) == 0 {
		conditions["platforms"] = map[string]any{"includePlatforms": []string{one(r, "all", "windows", "linux")}, "excludePlatforms": sometimes(r, "linux", "iOS")}
	}
	if r.IntN(3) == 0 {
		conditions["locations"] = map[string]any{"includeLocations": []string{one(r, "All", "AllTrusted", w.here, w.elsewhere)}, "excludeLocations": sometimes(r, "AllTrusted", w.elsewhere)}
	}
	if r.IntN(4) == 0 {
		conditions["devices"] = map[string]any{"deviceFilter": map[string]any{"mode": one(r, "include", "exclude"), "rule": "device.isCompliant -eq True"}}
	}
	if r.IntN(8) == 0 {
		conditions["authenticationFlows"] = map[string]any{"transferMethods": "deviceCodeFlow"}
	}
	return map[string]any{
		"displayName": fmt.Sprintf("policy %d", n), "state": one(r, "enabled", "enabled", "enabled", "enabled", "enabledForReportingButNotEnforced", "disabled"),
		"conditions": conditions, "grantControls": map[string]any{"operator": "OR", "builtInControls": []string{one(r, "mfa", "block", "compliantDevice")}},
	}
}

// applications: a sign-in for a context asks for an application too, What-If for either. So
// policies on single applications are drawn for the cases that ask for one.
func (*tenant) applications(r *rand.Rand, context string) map[string]any {
	onContext := map[string]any{"includeApplications": []string{}, "includeAuthenticationContextClassReferences": []string{one(r, "c1", "c2")}}
	onAll := map[string]any{"includeApplications": []string{"All"}}
	if context != "" {
		return one(r, onContext, onContext, onContext, onAll)
	}
	onAll["excludeApplications"] = sometimes(r, store.AppIDGraph)
	return one(r, onContext, onAll, map[string]any{"includeApplications": []string{one(r, store.AppIDGraph, store.ClientPortal)}})
}

// arrange puts the case's directory and policies into the tenant, the policies through Graph.
func (w *tenant) arrange(q question) {
	w.Helper()
	w.with(func(t *store.Tenant) {
		inner, _ := t.Groups.Get(w.inner)
		inner.Members = nil
		if q.member {
			inner.Members = []string{w.facts.AdminID}
		}
		t.Schedules.Delete("role", t.Now())
		for _, role := range q.roles {
			t.Schedules.Put("role", store.Schedule{ID: "role", Kind: store.Assignment, PrincipalID: w.facts.AdminID, RoleDefinitionID: role, DirectoryScopeID: "/", Start: t.Now()}, t.Now())
		}
		user, _ := t.Users.Get(w.facts.AdminID)
		user.GuestType, user.Risk = q.guest, q.risk
		here, _ := t.NamedLocations.Get(w.here)
		here.Trusted = q.trusted
		for _, p := range t.Policies.List() {
			t.Policies.Delete(p.ID, t.Now())
		}
	})
	for _, p := range q.policies {
		w.graph(http.MethodPost, policiesPath, p, nil)
	}
}

// predicted are the policies that What-If says apply.
func (w *tenant) predicted(q question) []string {
	w.Helper()
	asked := map[string]any{"@odata.type": "#microsoft.graph.applicationContext", "includeApplications": []string{store.AppIDGraph}}
	if q.context != "" {
		asked = map[string]any{"@odata.type": "#microsoft.graph.authContext", "authenticationContextValue": q.context}
	}
	kind := "mobileAppsAndDesktopClients"
	if q.browser {
		kind = "browser"
	}
	var answer struct {
		Value []struct {
			DisplayName   string
			PolicyApplies bool
		}
	}
	w.graph(http.MethodPost, "/beta/identity/conditionalAccess/evaluate", map[string]any{
		"signInIdentity": map[string]any{"@odata.type": "#microsoft.graph.userSignIn", "userId": w.facts.AdminID},
		"signInContext":  asked,
		"signInConditions": map[string]any{
			"devicePlatform": q.platform, "clientAppType": kind, "signInRiskLevel": "none", "userRiskLevel": q.risk, "ipAddress": "127.0.0.1",
		},
	}, &answer)
	names := []string{}
	for _, p := range answer.Value {
		if p.PolicyApplies {
			names = append(names, p.DisplayName)
		}
	}
	return sorted(names)
}

// happened are the policies that applied to a sign-in, by its row in the log. It is silent: what a
// policy then demands does not matter here.
func (w *tenant) happened(q question) []string {
	w.Helper()
	w.agent = agents[q.platform]
	redirect := nativeRedirect
	if q.browser {
		redirect = browserRedirect
	}
	parameters := map[string]string{"prompt": "none"}
	if q.context != "" {
		parameters["claims"] = `{"access_token":{"acrs":{"essential":true,"value":"` + q.context + `"}}}`
	}
	rows := 0
	w.with(func(t *store.Tenant) { rows = len(t.SignIns) })
	if err := w.browser.Get(w.client(redirect).AuthorizeURL(parameters)); err != nil {
		w.Fatal(err)
	}
	names := []string{}
	w.with(func(t *store.Tenant) {
		if len(t.SignIns) != rows+1 {
			w.Fatalf("%d new rows in the sign-in log, want 1", len(t.SignIns)-rows)
		}
		for _, p := range t.SignIns[rows].AppliedPolicies {
			if !slices.Contains([]string{"notApplied", "notEnabled", "reportOnlyNotApplied"}, p.Result) {
				names = append(names, p.DisplayName)
			}
		}
	})
	return sorted(names)
}

func sorted(names []string) []string {
	slices.Sort(names)
	return names
}

// What-If and sign-in share the evaluation of policies and nothing else: each reads its own
// input. 200 cases of one seed must come to the same policies.
func TestWhatIfPredictsTheSignIn(t *testing.T) {
	const cases, seed = 200, 20261123
	w, r := newTenant(t), rand.New(rand.NewPCG(seed, 0))
	applied := map[int]int{} // cases by how many policies applied
	for n := range cases {
		q := w.generate(r)
		w.arrange(q)
		want, got := w.predicted(q), w.happened(q)
		if diff := cmp.Diff(want, got); diff != "" {
			text, err := json.MarshalIndent(q.policies, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			t.Fatalf("case %d %s: applied policies (-predicted +happened):\n%s\npolicies: %s", n, describe(q), diff, text)
		}
		applied[len(got)]++
	}
	// Cases in which nothing, or everything, applies would compare nothing.
	if applied[0] > cases*9/10 || applied[1] < cases/20 || applied[2]+applied[3] < cases/40 {
		t.Errorf("the cases are one-sided: %v cases by number of applied policies", applied)
	}
}

// describe is the case without its policies, for a failure.
func describe(q question) string {
	q.policies = nil
	return fmt.Sprintf("%+v", q)
}
