package suite

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/reprompt/reprompt/emulator"
	"github.com/reprompt/reprompt/verdict"
)

// set calls the control listener of an embedded tenant.
func set(t *testing.T, a emulator.Access, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.Control+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+a.ControlToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Fatalf("POST %s answered %s", path, response.Status)
	}
}

// A proof comes to the same verdict whatever a tenant varies: ids, orders, languages, pages
// that come in between, latency, and which service the portal calls.
func TestProofOnAdversarialTenants(t *testing.T) {
	for _, row := range []struct {
		seed     uint64
		language string
		way      verdict.Way
		api      string
	}{
		{1, "de", verdict.WayPortal, "graph"},
		{2, "qps-ploc", verdict.WayPortal, "mspim"},
		{3, "qps-ploc", verdict.WayGraph, "graph"},
		{4, "en", verdict.WayPortal, "mspim"},
	} {
		t.Run(fmt.Sprintf("seed %d, %s, %s over %s", row.seed, row.language, row.way, row.api), func(t *testing.T) {
			tenant, a := labOf(t, emulator.Options{Sample: true, Seed: row.seed, Adversarial: true})
			set(t, a, "/variant", `{"language":"`+row.language+`"}`)
			set(t, a, "/settings", `{"portal_api":"`+row.api+`"}`)
			proofs, err := Prove(t.Context(), Options{Tenant: tenant, EvidenceDir: t.TempDir()}, ProveRequest{Roles: []string{embeddedRole}, Way: row.way}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(proofs) != 1 || proofs[0].Verdict == nil || proofs[0].Verdict.Outcome != verdict.Enforced {
				t.Fatalf("proofs = %+v", proofs)
			}
		})
	}
}
