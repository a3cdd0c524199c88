package verdict_test

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// wait makes the activation of a proof one that waits for an approver.
func wait(o verdict.Observation, withdrawn bool) verdict.Observation {
	o.Setting.ApprovalRequired = true
	a := first(&o)
	a.Outcome, a.Withdrawn, a.Deactivated = "pending", withdrawn, false
	return o
}

// A request that waits for approval makes no role active, and no sentence may say that it did.
func TestARequestThatWaitsIsNoActiveRole(t *testing.T) {
	plain := enforced()
	accept(&plain, 0, "real")
	plain.Activations = nil
	plain.Setting.ApprovalRequired = true
	for name, row := range map[string]struct {
		o    verdict.Observation
		says string // the decisive reason
	}{
		"asked, waits":         {wait(enforced(), false), "was accepted with a request for the role, which waits for approval"},
		"asked, withdrawn":     {wait(enforced(), true), "waited for approval and was withdrawn"},
		"not asked, waits":     {wait(unasked(), false), "the request for the role, which waits for approval, was accepted at"},
		"not asked, withdrawn": {wait(unasked(), true), "waited for approval and was withdrawn since"},
		"a plain token, waits": {plain, "was enough for a request for the role (which needs approval)"},
	} {
		t.Run(name, func(t *testing.T) {
			v := verdict.Decide(row.o)
			if text := v.Reasons[0].Text; !strings.Contains(text, row.says) || strings.Contains(text, "activated the role") {
				t.Errorf("the reason says %q, want %q", text, row.says)
			}
			if last := v.Causes[len(v.Causes)-1]; last.Code != verdict.ApprovalRequired {
				t.Errorf("causes %v", v.Causes)
			}
			if v.Outcome == verdict.Enforced && !strings.Contains(v.Summary, "needs an approver, the role did not become active") {
				t.Errorf("the summary says nothing of the approval: %s", v.Summary)
			}
		})
	}
}
