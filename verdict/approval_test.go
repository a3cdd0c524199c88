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

// answered is what became of it where somebody was awaited.
func answered(o verdict.Observation, approval string) verdict.Observation {
	first(&o).Approval = approval
	return o
}

// The sentence for everybody says what the approver did, where one was awaited.
func TestTheSummarySaysWhatTheApproverDid(t *testing.T) {
	for approval, want := range map[string]string{
		"":          "needs an approver, the role did not become active",
		"approved":  "an approver agreed, and the role became active",
		"undecided": "no approver decided while one was awaited, the role did not become active",
		"Denied":    "ended as Denied, the role did not become active",
	} {
		o := answered(wait(enforced(), false), approval)
		if got := verdict.Decide(o).Summary; !strings.Contains(got, want) {
			t.Errorf("%q: the summary says %q, want %q", approval, got, want)
		}
	}
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
		"asked, approved":      {answered(wait(enforced(), false), "approved"), "was accepted with a request for the role, which an approver agreed to since"},
		"asked, denied":        {answered(wait(enforced(), false), "AdminDenied"), "was accepted with a request for the role, which PIM ended as AdminDenied since"},
		"asked, undecided":     {answered(wait(enforced(), true), "undecided"), "waited for approval and was withdrawn since"},
		"not asked, approved":  {answered(wait(unasked(), false), "approved"), "the request for the role, which an approver agreed to since, was accepted at"},
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
			if awaited := len(row.o.Activations) > 0 && first(&row.o).Approval != ""; v.Outcome == verdict.Enforced && !awaited && !strings.Contains(v.Summary, "needs an approver, the role did not become active") {
				t.Errorf("the summary says nothing of the approval: %s", v.Summary)
			}
		})
	}
}
