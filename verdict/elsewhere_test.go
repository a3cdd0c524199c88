package verdict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/verdict"
)

// alone is what a tenant tells in which nobody else used the account.
func alone() *verdict.Elsewhere {
	return &verdict.Elsewhere{Asked: at(17, 0), SignIns: []verdict.OtherUse{}, Activations: []verdict.OtherUse{}, Complete: true}
}

// somebody is a tenant in which somebody else signed in with the account, at that instant.
func somebody(when time.Time) *verdict.Elsewhere {
	e := alone()
	e.SignIns = append(e.SignIns, verdict.OtherUse{At: when, ID: "row-9"})
	return e
}

// somebodyActivated is one in which somebody else activated a role with it.
func somebodyActivated(when time.Time) *verdict.Elsewhere {
	e := alone()
	e.Activations = append(e.Activations, verdict.OtherUse{At: when, ID: "request-9"})
	return e
}

func TestSomebodyElseWithinTheWindowMakesAProofInconclusive(t *testing.T) {
	late := func(change func(*verdict.Elsewhere)) *verdict.Elsewhere {
		e := alone()
		change(e)
		return e
	}
	for _, row := range []struct {
		name      string
		of        func() verdict.Observation
		elsewhere *verdict.Elsewhere
		outcome   verdict.Outcome
		reason    verdict.Code
		beside    bool // ADMIN_USE_NOT_CHECKED
	}{
		{"nobody", enforced, alone(), verdict.Enforced, verdict.Reprompted, false},
		{"nobody was looked for", enforced, nil, verdict.Enforced, verdict.Reprompted, false},
		{"nine minutes before", enforced, somebody(requested.Add(-9 * time.Minute)), verdict.Inconclusive, verdict.AdminInUse, false},
		{"at the edge of the margin", enforced, somebody(requested.Add(-verdict.MinAge)), verdict.Inconclusive, verdict.AdminInUse, false},
		{"long before", enforced, somebody(requested.Add(-verdict.MinAge - time.Second)), verdict.Enforced, verdict.Reprompted, false},
		{"while it was activated", enforced, somebody(activated), verdict.Inconclusive, verdict.AdminInUse, false},
		{"afterwards", enforced, somebody(activated.Add(time.Second)), verdict.Enforced, verdict.Reprompted, false},
		{"a role elsewhere, and nobody was asked", unasked, somebodyActivated(requested.Add(-time.Minute)), verdict.Inconclusive, verdict.AdminInUse, false},
		{"before the second activation", twice, somebody(requested.Add(5 * time.Minute)), verdict.Inconclusive, verdict.AdminInUse, false},
		{"the log may not be read, and nobody was asked", unasked, late(func(e *verdict.Elsewhere) { e.Complete, e.Text = false, "not permitted" }), verdict.NotEnforced, verdict.ActivatedWithoutPrompt, true},
		{"the log may not be read, and somebody was asked", enforced, late(func(e *verdict.Elsewhere) { e.Complete, e.Text = false, "not permitted" }), verdict.Enforced, verdict.Reprompted, false},
		{"the log has not come as far, and nobody was asked", unasked, late(func(e *verdict.Elsewhere) { e.Complete = false }), verdict.NotEnforced, verdict.ActivatedWithoutPrompt, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := row.of()
			o.Elsewhere = row.elsewhere
			v := verdict.Decide(o)
			if v.Outcome != row.outcome || v.Reasons[0].Code != row.reason || hasReason(v.Reasons, verdict.AdminUseNotChecked) != row.beside {
				t.Errorf("came to %s: %v", v.Outcome, v.Reasons)
			}
		})
	}
}

// A log that may not be read is said to be one, and stands against nobody.
func TestWhatCouldNotBeCheckedIsSaid(t *testing.T) {
	o := enforced()
	o.Elsewhere = &verdict.Elsewhere{Asked: at(17, 0), Text: "not permitted: AuditLog.Read.All"}
	_, failed, unreached := standing(o)
	if diff := cmp.Diff([][]string{nil, {"admin-not-in-use"}}, [][]string{failed, unreached}); diff != "" {
		t.Errorf("failed and not reached (-want +got):\n%s", diff)
	}
	for _, c := range verdict.Decide(o).Controls {
		if c.Name == "admin-not-in-use" && !strings.Contains(c.Text, "could not be checked: not permitted: AuditLog.Read.All") {
			t.Errorf("the control says %q", c.Text)
		}
	}
}
