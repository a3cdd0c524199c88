package control

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

const token = "the token"

var begin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// maker makes tenants that have a user with a waiting notification.
type maker struct{ store *store.Store }

func (m maker) Create(sample bool) (any, error) {
	id, err := m.store.Create(func(t *store.Tenant) error {
		t.Users.Put("u", &store.User{ID: "u", UPN: "robin@" + t.Domain})
		t.Pushes.Put("p", &store.Push{ID: "p", UserID: "u", Number: "42", State: store.PushPending})
		return nil
	})
	return map[string]any{"tenant_id": id, "sample": sample}, err
}

type listener struct {
	t       *testing.T
	store   *store.Store
	handler http.Handler
	tenants []string
}

func newListener(t *testing.T) *listener {
	t.Helper()
	st := store.New(1, func() time.Time { return begin })
	l := &listener{t: t, store: st, handler: New(st, maker{st}, token)}
	for range 2 {
		if _, err := (maker{st}).Create(false); err != nil {
			t.Fatal(err)
		}
	}
	l.tenants = st.TenantIDs()
	return l
}

func (l *listener) call(method, path, body string) (int, string) {
	return l.callWith("Bearer "+token, method, path, body)
}

func (l *listener) callWith(authorization, method, path, body string) (int, string) {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", authorization)
	l.handler.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

func (l *listener) tenant(id string, f func(t *store.Tenant)) {
	l.t.Helper()
	if err := l.store.With(id, func(t *store.Tenant) error {
		f(t)
		return nil
	}); err != nil {
		l.t.Fatal(err)
	}
}

func TestEveryCallWantsTheToken(t *testing.T) {
	l := newListener(t)
	for name, authorization := range map[string]string{
		"nothing": "", "another token": "Bearer other", "no scheme": token, "a prefix": "Bearer the", "Basic": "Basic " + token,
	} {
		if status, _ := l.callWith(authorization, http.MethodGet, "/clock", ""); status != http.StatusUnauthorized {
			t.Errorf("%s: %d, want 401", name, status)
		}
	}
}

func TestWhatIsNotKnownIsRefusedInOneLine(t *testing.T) {
	for name, row := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"unknown query parameter":      {"GET", "/clock?now=1", "", 400, `"now"`},
		"unknown tenant":               {"GET", "/clock?tenant=nobody", "", 404, "nobody"},
		"unknown tenant's requests":    {"GET", "/requests?tenant=nobody", "", 404, "nobody"},
		"unknown key":                  {"POST", "/clock/advance", `{"duration":"1m","by":"2m"}`, 400, `"by"`},
		"no duration":                  {"POST", "/clock/advance", `{}`, 400, "duration"},
		"duration that is none":        {"POST", "/clock/advance", `{"duration":"soon"}`, 400, "soon"},
		"duration as a number":         {"POST", "/clock/advance", `{"duration":60}`, 400, "60"},
		"back in time":                 {"POST", "/clock/advance", `{"duration":"-1m"}`, 400, "never goes back"},
		"no JSON":                      {"POST", "/clock/advance", `duration`, 400, "read the request"},
		"more than a megabyte":         {"POST", "/clock/advance", `{"duration":"` + strings.Repeat("1", maxBody) + `m"}`, 400, "too large"},
		"two values":                   {"POST", "/clock/advance", `{"duration":"1m"}{}`, 400, "more than one"},
		"unknown kind of fault":        {"POST", "/faults", `{"kind":"fire"}`, 400, "fire"},
		"status that is no error":      {"POST", "/faults", `{"kind":"status","status":200}`, 400, "200"},
		"late answer that is acted on": {"POST", "/faults", `{"kind":"truncate","acted":true}`, 400, "acted"},
		"fault that never begins":      {"POST", "/faults", `{"kind":"reset","after":-1}`, 400, "negative"},
		"delay without a length":       {"POST", "/faults", `{"kind":"delay"}`, 400, "delay"},
		"fault that is not there":      {"DELETE", "/faults/none", "", 404, "none"},
		"unknown lag":                  {"POST", "/lag", `{"moon":"1m"}`, 400, "moon"},
		"negative lag":                 {"POST", "/lag", `{"policy":"-1m"}`, 400, "policy"},
		"push of nobody":               {"POST", "/push", `{"upn":"nobody@example.org","approve":true}`, 404, "nobody"},
		"unknown language":             {"POST", "/variant", `{"language":"tlh"}`, 400, "tlh"},
		"adversarial by a word":        {"POST", "/variant", `{"adversarial":"yes"}`, 400, "adversarial"},
		"key kept for less than 0":     {"POST", "/keys/rollover", `{"keep":"-1h"}`, 400, "negative"},
		"a clock nobody knows":         {"POST", "/settings", `{"conditional_access_limit":"mine"}`, 400, "tenant, machine"},
		"days less than none":          {"POST", "/settings", `{"mfa_registration_days":-1}`, 400, "mfa_registration_days"},
		"negative seed":                {"POST", "/variant", `{"seed":-1}`, 400, "seed"},
		"unknown setting":              {"POST", "/settings", `{"gravity":true}`, 400, "gravity"},
		"unknown value":                {"POST", "/settings", `{"windows":"all"}`, 400, "conditional-access"},
		"unknown defect":               {"POST", "/settings", `{"misbehaviour":"melts"}`, 400, "steps_up_unasked, "},
		"unknown portal API":           {"POST", "/settings", `{"portal_api":"soap"}`, 400, "mspim"},
		"tenant with unknown key":      {"POST", "/tenants", `{"name":"x"}`, 400, "name"},
		"deleting no tenant":           {"DELETE", "/tenants/nobody", "", 404, "nobody"},
		"unknown call":                 {"GET", "/stars", "", 404, ""},
		"wrong method":                 {"GET", "/reset", "", 405, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := newListener(t)
			status, body := l.call(row.method, row.path, row.body)
			if status != row.status || !strings.Contains(body, row.says) {
				t.Errorf("%d %q, want %d with %q", status, body, row.status, row.says)
			}
			if lines := strings.Count(strings.TrimSpace(body), "\n"); lines != 0 {
				t.Errorf("the reason has %d lines: %q", lines+1, body)
			}
		})
	}
}

func TestClockMovesOneTenant(t *testing.T) {
	l := newListener(t)
	status, body := l.call("POST", "/clock/advance?tenant="+l.tenants[1], `{"duration":"11m"}`)
	if want := `{"now":"2026-11-23T09:11:00Z","offset":"11m0s"}`; status != http.StatusOK || strings.TrimSpace(body) != want {
		t.Errorf("%d %s, want %s", status, body, want)
	}
	if _, body := l.call("GET", "/clock", ""); strings.TrimSpace(body) != `{"now":"2026-11-23T09:00:00Z","offset":"0s"}` {
		t.Errorf("the first tenant's clock: %s", body)
	}
}

func TestFaultsAreAddedAndTakenAway(t *testing.T) {
	l := newListener(t)
	status, body := l.call("POST", "/faults", `{"kind":"status","host":"graph.microsoft.com","method":"POST","path":"/v1.0/*","status":429,"retry_after":7,"after":3,"times":2}`)
	var answer struct{ ID string }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK || answer.ID == "" {
		t.Fatalf("%d %s", status, body)
	}
	l.tenant(l.tenants[0], func(tenant *store.Tenant) {
		want := store.Fault{ID: answer.ID, Kind: "status", Host: "graph.microsoft.com", Method: "POST", Path: "/v1.0/*", Status: 429, RetryAfter: "7", After: 3, Times: 2}
		if diff := cmp.Diff(want, *tenant.Faults[0]); diff != "" {
			t.Errorf("fault (-want +got):\n%s", diff)
		}
	})
	if _, body := l.call("GET", "/faults", ""); strings.TrimSpace(body) != `[{"id":"`+answer.ID+`","kind":"status","after":3,"times":2}]` {
		t.Errorf("what is left: %s", body)
	}
	if status, _ := l.call("DELETE", "/faults/"+answer.ID, ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	l.tenant(l.tenants[0], func(tenant *store.Tenant) {
		if len(tenant.Faults) != 0 {
			t.Error("the fault is still there")
		}
	})
}

func TestLagVariantAndSettingsChangeWhatTheyName(t *testing.T) {
	l := newListener(t)
	for path, body := range map[string]string{
		"/lag":      `{"policy":"2m","sign_in_log":"5m"}`,
		"/variant":  `{"seed":7,"language":"de"}`,
		"/settings": `{"cp1_required":false,"windows":"pim","portal_api":"mspim","cae":true}`,
	} {
		if status, answer := l.call("POST", path, body); status != http.StatusNoContent {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	l.tenant(l.tenants[0], func(tenant *store.Tenant) {
		if diff := cmp.Diff(map[store.LagKind]time.Duration{"policy": 2 * time.Minute, "sign_in_log": 5 * time.Minute}, tenant.Lag); diff != "" {
			t.Errorf("lag (-want +got):\n%s", diff)
		}
		if tenant.Variant != 7 || tenant.Language != "de" {
			t.Errorf("variant %d %s", tenant.Variant, tenant.Language)
		}
		want := store.DefaultSettings()
		want.CP1Required, want.Windows, want.PortalAPI, want.CAE = false, store.WindowsPIM, "mspim", true
		if diff := cmp.Diff(want, tenant.Settings); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
	})
	l.tenant(l.tenants[1], func(tenant *store.Tenant) {
		if tenant.Settings != store.DefaultSettings() || len(tenant.Lag) != 0 || tenant.Language != "en" {
			t.Error("another tenant was changed")
		}
	})
}

func TestAnAdversarialTenantAndBack(t *testing.T) {
	l := newListener(t)
	for _, row := range []struct {
		body     string
		language string // empty: any
		hostile  bool
	}{
		{`{"seed":3,"adversarial":true}`, "", true},
		{`{"seed":3,"adversarial":true,"language":"de"}`, "de", true},
		{`{"language":"qps-ploc"}`, "qps-ploc", true},
		{`{"adversarial":false,"language":"en"}`, "en", false},
	} {
		if status, answer := l.call("POST", "/variant", row.body); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", row.body, status, answer)
		}
		l.tenant(l.tenants[0], func(tenant *store.Tenant) {
			if hostile := tenant.Manner() != (store.Manner{}); hostile != row.hostile || row.language != "" && tenant.Language != row.language {
				t.Errorf("%s: adversarial %t, language %s", row.body, hostile, tenant.Language)
			}
		})
	}
}

func TestPushIsAnsweredOnlyWithTheRightNumber(t *testing.T) {
	for name, row := range map[string]struct {
		approve string
		number  string
		want    store.PushState
	}{
		"right number":           {"true", `"42"`, store.PushApproved},
		"right number, unquoted": {"true", `42`, store.PushApproved},
		"wrong number":           {"true", `"24"`, store.PushDenied},
		"no number":              {"true", `null`, store.PushDenied},
		"refused":                {"false", `"42"`, store.PushDenied},
	} {
		t.Run(name, func(t *testing.T) {
			l := newListener(t)
			var upn string
			l.tenant(l.tenants[0], func(tenant *store.Tenant) { upn = "robin@" + tenant.Domain })
			body := `{"upn":"` + upn + `","approve":` + row.approve + `,"number":` + row.number + `}`
			if status, answer := l.call("POST", "/push", body); status != http.StatusNoContent {
				t.Fatalf("%d %s", status, answer)
			}
			l.tenant(l.tenants[0], func(tenant *store.Tenant) {
				if push, _ := tenant.Pushes.Get("p"); push.State != row.want {
					t.Errorf("state %q, want %q", push.State, row.want)
				}
			})
			if status, _ := l.call("POST", "/push", body); status != http.StatusNotFound {
				t.Errorf("a second answer: %d, want 404", status)
			}
		})
	}
}

func TestPushIsRegisteredAndTakenAway(t *testing.T) {
	l := newListener(t)
	for _, register := range []string{"true", "false"} {
		var upn string
		l.tenant(l.tenants[0], func(tenant *store.Tenant) { upn = "robin@" + tenant.Domain })
		if status, answer := l.call("POST", "/push", `{"upn":"`+upn+`","register":`+register+`}`); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, answer)
		}
		l.tenant(l.tenants[0], func(tenant *store.Tenant) {
			if user, _ := tenant.Users.Get("u"); (user.Push != nil) != (register == "true") {
				t.Errorf("register %s: the user's app is %v", register, user.Push)
			}
		})
	}
}

func TestRequestsAreListedPerTenant(t *testing.T) {
	l := newListener(t)
	if _, body := l.call("GET", "/requests", ""); strings.TrimSpace(body) != "[]" {
		t.Errorf("without requests: %s, want an empty list", body)
	}
	l.store.Record(store.Exchange{At: begin, Tenant: l.tenants[0], Method: "GET", URL: "https://graph.microsoft.com/v1.0/moons", Status: 501, Unmodelled: true})
	l.store.Record(store.Exchange{At: begin, Tenant: l.tenants[1], Method: "GET", URL: "https://login.microsoftonline.com/", Status: 200})
	l.store.Record(store.Exchange{At: begin, Method: "CONNECT", URL: "https://example.org:443", Status: 403, RefusedHost: true})
	_, body := l.call("GET", "/requests?tenant="+l.tenants[0], "")
	want := `[{"at":"2026-11-23T09:00:00Z","tenant":"` + l.tenants[0] + `","method":"GET","url":"https://graph.microsoft.com/v1.0/moons","status":501,"unmodelled":true,"refused_host":false},` +
		`{"at":"2026-11-23T09:00:00Z","tenant":"","method":"CONNECT","url":"https://example.org:443","status":403,"unmodelled":false,"refused_host":true}]`
	if diff := cmp.Diff(want, strings.TrimSpace(body)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTenantsComeAndGo(t *testing.T) {
	l := newListener(t)
	status, body := l.call("POST", "/tenants", `{"sample":true}`)
	if status != http.StatusOK || !strings.Contains(body, `"sample":true`) {
		t.Errorf("create: %d %s", status, body)
	}
	if status, _ := l.call("DELETE", "/tenants/"+l.tenants[0], ""); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if got := l.store.TenantIDs(); len(got) != 2 || got[0] != l.tenants[1] {
		t.Errorf("tenants %v", got)
	}
	if status, _ := l.call("POST", "/reset", ""); status != http.StatusOK {
		t.Errorf("reset: %d", status)
	}
	if got := l.store.TenantIDs(); len(got) != 1 || got[0] != l.tenants[0] {
		t.Errorf("tenants after reset %v, want one with the id of the first, %s", got, l.tenants[0])
	}
}
