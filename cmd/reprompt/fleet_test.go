package main

import (
	"strings"
	"testing"
	"time"

	"github.com/reprompt/reprompt/fleet"
	"github.com/reprompt/reprompt/metrics"
)

// What fleet serves to Prometheus of a tenant whose proof is overdue: the last verdict, its age by a fake clock, and
// that it is overdue. One that was not begun is not down.
func TestTheMetricsOfAnOverdueProof(t *testing.T) {
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	board := &metrics.Board{Now: func() time.Time { return noon.Add(48 * time.Hour) }}
	last := fleet.Role{Role: "R", RoleID: "r", Verdict: "enforced", Noted: noon, Overdue: true}
	onBoard(board, fleet.Result{Name: "down", TenantID: "1", State: fleet.Failed, Roles: []fleet.Role{{Role: "R", RoleID: "r", Error: "HTTP 503"}}, Last: []fleet.Role{last}})
	onBoard(board, fleet.Result{Name: "next", TenantID: "2", State: fleet.Waiting})
	var b strings.Builder
	if err := metrics.Write(&b, board.Families()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`reprompt_verdict{tenant="down",tenant_id="1",role="R",role_id="r",verdict="enforced"} 1`,
		`reprompt_verdict_age_seconds{tenant="down",tenant_id="1",role="R",role_id="r"} 172800`,
		`reprompt_proofs_overdue{tenant="down",tenant_id="1"} 1`,
		`reprompt_proofs_overdue{tenant="next",tenant_id="2"} 0`,
		`reprompt_tenant_up{tenant="down",tenant_id="1"} 0`,
		`reprompt_tenant_up{tenant="next",tenant_id="2"} 1`,
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("not served: %s\n%s", want, b.String())
		}
	}
}
