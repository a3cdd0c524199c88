package gateway

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/emulator/internal/cloud"
	"github.com/reprompt/reprompt/emulator/internal/store"
)

// What was acted on may be answered as if it had not been.
func TestAnAnswerThatIsLost(t *testing.T) {
	for kind, want := range map[store.FaultKind]int{store.FaultStatus: http.StatusGatewayTimeout, store.FaultReset: 0} {
		for _, acted := range []bool{false, true} {
			st := store.New(1, nil)
			if _, err := st.Create(func(tenant *store.Tenant) error {
				tenant.Faults = []*store.Fault{{Kind: kind, Status: want, Acted: acted, Times: 1}}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			done := false
			w := httptest.NewRecorder()
			w.Code = 0
			func() {
				defer func() { _ = recover() }() // http.ErrAbortHandler cuts the connection
				New(st, map[cloud.Part]http.Handler{cloud.Graph: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { done = true })}, nil).
					ServeHTTP(w, httptest.NewRequest(http.MethodPost, "https://graph.microsoft.com/v1.0/users", nil))
			}()
			if done != acted || w.Code != want {
				t.Errorf("%s, acted %t: acted on %t, HTTP %d", kind, acted, done, w.Code)
			}
		}
	}
}

// A read that changed is answered by turns as it was before and as it is, until the fault is used up. One
// address, and one reader, do not stand for another.
func TestReadsGoBackInTime(t *testing.T) {
	st := store.New(1, nil)
	if _, err := st.Create(func(tenant *store.Tenant) error {
		tenant.Faults = []*store.Fault{{ID: "f", Kind: store.FaultStale, Host: "graph.microsoft.com", Times: 2}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	made := false
	graph := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !made && r.URL.Path == "/v1.0/policy" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, "made: %t", made)
	})
	g := New(st, map[cloud.Part]http.Handler{cloud.Graph: graph}, nil)
	read := func(path string) string {
		w := httptest.NewRecorder()
		g.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://graph.microsoft.com"+path, nil))
		return fmt.Sprintf("%d %s", w.Code, w.Body)
	}
	got := []string{read("/v1.0/policy"), read("/v1.0/policy")}
	made = true
	got = append(got, read("/v1.0/other"))
	for range 5 {
		got = append(got, read("/v1.0/policy"))
	}
	want := []string{
		"404 made: false", "404 made: false", "200 made: true",
		"404 made: false", "200 made: true", "404 made: false", "200 made: true", "200 made: true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}
