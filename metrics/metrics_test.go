package metrics_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/metrics"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func board() *metrics.Board {
	b := &metrics.Board{Now: func() time.Time { return noon.Add(90 * time.Second) }}
	b.SetRole(metrics.Role{Tenant: `a"b\c`, TenantID: "1", Name: "two\nlines", ID: "r", Verdict: "not-enforced", Decided: noon, Took: 17 * time.Minute})
	b.SetRole(metrics.Role{Tenant: "none", TenantID: "2", Name: "R", ID: "r"})
	b.SetTenant(metrics.Tenant{Name: "none", ID: "2", Due: 3, Overdue: 1, NotRestored: true, Failed: true})
	return b
}

func TestTheTextFormat(t *testing.T) {
	server, err := metrics.Serve("0", board())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if !strings.HasPrefix(server.URL(), "http://127.0.0.1:") {
		t.Errorf("served at %s, want loopback", server.URL())
	}
	response, err := http.Get(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	role := `{tenant="a\"b\\c",tenant_id="1",role="two\nlines",role_id="r"`
	want := `# HELP reprompt_verdict 1 for the last verdict of a role, 0 for the other two.
# TYPE reprompt_verdict gauge
reprompt_verdict` + role + `,verdict="enforced"} 0
reprompt_verdict` + role + `,verdict="not-enforced"} 1
reprompt_verdict` + role + `,verdict="inconclusive"} 0
# HELP reprompt_verdict_timestamp_seconds When the last verdict of a role was reached.
# TYPE reprompt_verdict_timestamp_seconds gauge
reprompt_verdict_timestamp_seconds` + role + `} 1.7734896e+09
# HELP reprompt_verdict_age_seconds How long ago the last verdict of a role was reached.
# TYPE reprompt_verdict_age_seconds gauge
reprompt_verdict_age_seconds` + role + `} 90
# HELP reprompt_proof_duration_seconds How long the last proof of a role took, by the tenant's clock.
# TYPE reprompt_proof_duration_seconds gauge
reprompt_proof_duration_seconds` + role + `} 1020
# HELP reprompt_proofs_due Roles of a tenant whose proof is due.
# TYPE reprompt_proofs_due gauge
reprompt_proofs_due{tenant="none",tenant_id="2"} 3
# HELP reprompt_proofs_overdue Roles of a tenant whose proof is due for longer than is allowed.
# TYPE reprompt_proofs_overdue gauge
reprompt_proofs_overdue{tenant="none",tenant_id="2"} 1
# HELP reprompt_tenant_restored 0 for a tenant that could not be restored.
# TYPE reprompt_tenant_restored gauge
reprompt_tenant_restored{tenant="none",tenant_id="2"} 0
# HELP reprompt_tenant_up 0 for a tenant that could not be looked at, or not be proved, the last time.
# TYPE reprompt_tenant_up gauge
reprompt_tenant_up{tenant="none",tenant_id="2"} 0
# HELP reprompt_notifications_undelivered Notifications about a tenant that are yet to be delivered.
# TYPE reprompt_notifications_undelivered gauge
reprompt_notifications_undelivered{tenant="none",tenant_id="2"} 0
`
	if diff := cmp.Diff(want, string(body)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if got := response.Header.Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
}
