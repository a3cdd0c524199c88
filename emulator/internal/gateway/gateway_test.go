package gateway

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

var begin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// rig is a gateway with two tenants; its Graph answers "graph" and 501 for /v1.0/moons.
type rig struct {
	store   *store.Store
	server  *httptest.Server
	tenants []string
	domains []string
}

func newRig(t *testing.T, tenants int) *rig {
	t.Helper()
	r := &rig{store: store.New(1, func() time.Time { return begin })}
	for range tenants {
		if _, err := r.store.Create(func(tenant *store.Tenant) error {
			r.domains = append(r.domains, tenant.Domain)
			return tenant.Advance(time.Duration(len(r.domains)) * time.Hour)
		}); err != nil {
			t.Fatal(err)
		}
	}
	r.tenants = r.store.TenantIDs()
	named := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			if strings.HasSuffix(request.URL.Path, "/moons") {
				w.WriteHeader(http.StatusNotImplemented)
				return
			}
			body, _ := io.ReadAll(request.Body)
			io.WriteString(w, name+string(body))
		})
	}
	r.server = httptest.NewServer(New(r.store, map[cloud.Part]http.Handler{cloud.Login: named("login"), cloud.Graph: named("graph")}, nil))
	t.Cleanup(r.server.Close)
	return r
}

func (r *rig) send(t *testing.T, method, host, path, body string, header map[string]string) (*http.Response, string, error) {
	t.Helper()
	request, err := http.NewRequest(method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Host = host
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := r.server.Client().Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err
}

func TestRoutesByHost(t *testing.T) {
	r := newRig(t, 1)
	for host, want := range map[string]struct {
		status int
		body   string
	}{
		"login.microsoftonline.com": {200, "login"},
		"login.windows.net":         {200, "login"},
		"LOGIN.microsoftonline.us":  {200, "login"},
		"graph.microsoft.com":       {200, "graph"},
		"graph.microsoft.com:443":   {200, "graph"},
		"dod-graph.microsoft.us":    {200, "graph"},
		"entra.microsoft.com":       {501, "the embedded tenant has no portal service\n"},
		"example.org":               {421, "the embedded tenant does not answer for example.org\n"},
	} {
		response, body, err := r.send(t, http.MethodGet, host, "/", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != want.status || body != want.body {
			t.Errorf("%s: %d %q, want %d %q", host, response.StatusCode, body, want.status, want.body)
		}
	}
}

// unsigned is a token with that payload; the gateway reads it without verifying.
const unsigned = "eyJhbGciOiJub25lIn0."

func TestTenantOfARequest(t *testing.T) {
	r := newRig(t, 2)
	second := r.tenants[1]
	handle := strings.ReplaceAll(second, "-", "") + "secret"
	payload := base64.RawURLEncoding.EncodeToString([]byte(`{"tid":"` + second + `"}`))
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for name, row := range map[string]struct {
		path, body string
		header     map[string]string
		known      bool
	}{
		"id in the path":        {"/" + second + "/oauth2/v2.0/token", "", nil, true},
		"domain in the path":    {"/" + strings.ToUpper(r.domains[1]) + "/oauth2/v2.0/token", "", nil, true},
		"id in the second part": {"/api/" + second + "/configuration", "", nil, true},
		"login hint":            {"/common/oauth2/v2.0/authorize?login_hint=robin@" + r.domains[1], "", nil, true},
		"user name in a form":   {"/common/login", "loginfmt=robin%40" + r.domains[1], form, true},
		"flow token":            {"/common/login", "flowToken=" + handle, form, true},
		"code":                  {"/common/oauth2/v2.0/token", "code=1." + handle, form, true},
		"session cookie":        {"/common/oauth2/v2.0/authorize", "", map[string]string{"Cookie": "ESTSAUTH=" + handle}, true},
		"tid of a token":        {"/v1.0/me", "", map[string]string{"Authorization": "Bearer " + unsigned + payload + ".x"}, true},
		"nothing":               {"/common/oauth2/v2.0/authorize", "", nil, false},
		"unknown id":            {"/33333333-3333-3333-3333-333333333333/x", "", nil, false},
		"broken token":          {"/v1.0/me", "", map[string]string{"Authorization": "Bearer " + unsigned + "!."}, false},
	} {
		t.Run(name, func(t *testing.T) {
			response, body, err := r.send(t, http.MethodPost, "login.microsoftonline.com", row.path, row.body, row.header)
			if err != nil {
				t.Fatal(err)
			}
			if body != "login"+row.body {
				t.Errorf("the service saw the body %q", body)
			}
			want := begin.Add(2 * time.Hour).Format(http.TimeFormat)
			if got := response.Header.Get("Date"); (got == want) != row.known {
				t.Errorf("Date %s, second tenant's time is %s", got, want)
			}
		})
	}
}

func TestTheOnlyTenantNeedsNoName(t *testing.T) {
	r := newRig(t, 1)
	response, _, err := r.send(t, http.MethodGet, "login.microsoftonline.com", "/common/discovery/instance", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := response.Header.Get("Date"), begin.Add(time.Hour).Format(http.TimeFormat); got != want {
		t.Errorf("Date %s, want %s", got, want)
	}
}

func TestFaults(t *testing.T) {
	for name, row := range map[string]struct {
		fault  store.Fault
		status int // 0: no answer
		body   string
	}{
		"status":                   {store.Fault{Kind: "status", Status: 429, RetryAfter: "7"}, 429, ""},
		"reset":                    {store.Fault{Kind: "reset"}, 0, ""},
		"truncate":                 {store.Fault{Kind: "truncate"}, 0, ""},
		"delay":                    {store.Fault{Kind: "delay", Delay: time.Microsecond}, 200, "graph"},
		"unreachable":              {store.Fault{Kind: "unreachable", Host: "graph.microsoft.com"}, 0, ""},
		"token that expired":       {store.Fault{Kind: "status", Status: 401}, 401, ""},
		"stale, and unchanged":     {store.Fault{Kind: "stale"}, 200, "graph"},
		"of another host":          {store.Fault{Kind: "reset", Host: "login.microsoftonline.com"}, 200, "graph"},
		"of another method":        {store.Fault{Kind: "reset", Method: "POST"}, 200, "graph"},
		"of another path":          {store.Fault{Kind: "reset", Path: "/v1.0/users"}, 200, "graph"},
		"of a path that continues": {store.Fault{Kind: "status", Status: 503, Path: "/v1.0/*"}, 503, ""},
		"of this very path":        {store.Fault{Kind: "status", Status: 503, Path: "/v1.0/me", Host: "Graph.microsoft.com", Method: "get"}, 503, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 1)
			row.fault.Times = 1
			if err := r.store.With("", func(tenant *store.Tenant) error {
				tenant.Faults = []*store.Fault{&row.fault}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			response, body, err := r.send(t, http.MethodGet, "graph.microsoft.com", "/v1.0/me", "", nil)
			if row.status == 0 {
				if err == nil {
					t.Errorf("answered %s %q", response.Status, body)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != row.status || row.body != "" && body != row.body || response.Header.Get("Retry-After") != row.fault.RetryAfter {
				t.Errorf("%s %q Retry-After %q", response.Status, body, response.Header.Get("Retry-After"))
			}
		})
	}
}

func TestAFaultIsUsedUp(t *testing.T) {
	r := newRig(t, 1)
	if err := r.store.With("", func(tenant *store.Tenant) error {
		tenant.Faults = []*store.Fault{{Kind: "status", Status: 503, After: 1, Times: 2}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 4 {
		response, _, err := r.send(t, http.MethodGet, "graph.microsoft.com", "/", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, response.StatusCode)
	}
	if diff := cmp.Diff([]int{200, 503, 503, 200}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestWhatIsRecorded(t *testing.T) {
	r := newRig(t, 1)
	if err := r.store.With("", func(tenant *store.Tenant) error {
		tenant.Faults = []*store.Fault{
			{Kind: "status", Status: 501, Times: 1, Path: "/fault"}, {Kind: "reset", Times: 1, Path: "/reset"},
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1.0/me?secret=1", "/v1.0/moons", "/fault"} {
		if _, _, err := r.send(t, http.MethodGet, "graph.microsoft.com", path, "", nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := r.send(t, http.MethodPost, "graph.microsoft.com", "/reset", "", nil); err == nil {
		t.Fatal("a reset was answered")
	}
	type row struct {
		URL        string
		Status     int
		Unmodelled bool
	}
	var got []row
	for _, x := range r.store.Exchanges("") {
		got = append(got, row{x.URL, x.Status, x.Unmodelled})
	}
	want := []row{
		{"https://graph.microsoft.com/v1.0/me", 200, false},
		{"https://graph.microsoft.com/v1.0/moons", 501, true},
		{"https://graph.microsoft.com/fault", 501, false},
		{"https://graph.microsoft.com/reset", 0, false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
}

// The documented limit for Conditional Access, when it was asked for.
func TestConditionalAccessIsLimited(t *testing.T) {
	for name, row := range map[string]struct {
		setting, host, path string
		second              int
	}{
		"policies":            {"tenant", "graph.microsoft.com", "/v1.0/identity/conditionalAccess/policies", 429},
		"contexts in beta":    {"tenant", "graph.microsoft.com", "/beta/identity/conditionalAccess/authenticationContextClassReferences/c1", 429},
		"identity protection": {"tenant", "graph.microsoft.com", "/v1.0/identityProtection/riskyUsers", 429},
		"another clock":       {"machine", "graph.microsoft.com", "/v1.0/identity/conditionalAccess/policies", 429},
		"users":               {"tenant", "graph.microsoft.com", "/v1.0/users", 200},
		"another host":        {"tenant", "login.microsoftonline.com", "/v1.0/identity/conditionalAccess/policies", 200},
		"not asked for":       {"", "graph.microsoft.com", "/v1.0/identity/conditionalAccess/policies", 200},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, 1)
			if err := r.store.With("", func(tenant *store.Tenant) error {
				tenant.Settings.ConditionalAccessLimit = row.setting
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			for i, want := range []int{200, row.second} {
				response, body, err := r.send(t, http.MethodGet, row.host, row.path, "", nil)
				if err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != want || response.Header.Get("Retry-After") != "" {
					t.Errorf("request %d: %s %q, Retry-After %q, want %d without", i+1, response.Status, body, response.Header.Get("Retry-After"), want)
				}
			}
		})
	}
}
