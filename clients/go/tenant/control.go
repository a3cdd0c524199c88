package tenant

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// control is the listener that moves the tenant; it is on loopback, where no proxy applies.
type control struct{ url, token string }

// Request is one request that the tenant was sent.
type Request struct {
	Method, URL string
	Status      int
	Unmodelled  bool // the tenant has no model for it
	RefusedHost bool `json:"refused_host"` // for a host that is not emulated
}

func (c control) call(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %s %s %v", method, path, response.Status, text, err)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
}

// Now is the tenant's time.
func (tn *Tenant) Now(t *testing.T) time.Time {
	t.Helper()
	var clock struct{ Now time.Time }
	tn.control.call(t, http.MethodGet, "/clock", "", &clock)
	return clock.Now
}

// Advance moves the tenant's clock.
func (tn *Tenant) Advance(t *testing.T, d time.Duration) {
	t.Helper()
	tn.control.call(t, http.MethodPost, "/clock/advance", fmt.Sprintf(`{"duration":%q}`, d), nil)
}

// Settings switches behaviour that the documentation leaves open.
func (tn *Tenant) Settings(t *testing.T, settings string) {
	t.Helper()
	tn.control.call(t, http.MethodPost, "/settings", settings, nil)
}

// Fault makes the tenant fail once or more, as the control listener's documentation says.
func (tn *Tenant) Fault(t *testing.T, fault string) {
	t.Helper()
	tn.control.call(t, http.MethodPost, "/faults", fault, nil)
}

// Requests lists what the tenant was sent, oldest first.
func (tn *Tenant) Requests(t *testing.T) []Request {
	t.Helper()
	var list []Request
	tn.control.call(t, http.MethodGet, "/requests", "", &list)
	return list
}

// check fails for requests that the tenant has no model for, for hosts that nobody meant to ask,
// and for requests that came the other way: a run with one of them does not prove what it says.
func (tn *Tenant) check(t *testing.T) {
	t.Helper()
	all := tn.Requests(t)
	if len(all) == 0 {
		t.Error("the tenant was asked for nothing")
	}
	for _, r := range all {
		if r.Unmodelled || r.RefusedHost {
			t.Errorf("the tenant could not answer %s %s (unmodelled %t, refused host %t)", r.Method, r.URL, r.Unmodelled, r.RefusedHost)
		}
		if direct := strings.HasPrefix(r.URL, "https://localhost:"); direct != (tn.Run == Authority) {
			t.Errorf("%s %s is no request of the run %s", r.Method, r.URL, tn.Run)
		}
	}
}

// Another makes one more tenant on the same service and returns its id.
func (tn *Tenant) Another(t *testing.T) string {
	t.Helper()
	var made struct {
		ID string `json:"tenant_id"`
	}
	tn.control.call(t, http.MethodPost, "/tenants", "{}", &made)
	return made.ID
}
