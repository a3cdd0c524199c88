package suite

import (
	"strings"
	"testing"
)

// Before a run on a tenant of a file it is said how many scenarios come one after the other, and until when.
func TestARunOnATenantSaysItsPlan(t *testing.T) {
	for name, row := range map[string]struct {
		scenarios, admins int
		want              []string
	}{
		// 25 s, 11 min, 30 s, 5 min 5 s and 5 s each, of which ten are in turn.
		"one admin":            {10, 1, []string{"plan: 10 scenarios over 1 test admin, at most 10 one after the other", "expected end: in 2 h 50 min by the tenant's clock"}},
		"as many as are there": {10, 10, []string{"plan: 10 scenarios over 10 test admins, at most 1 one after the other", "expected end: in 17 min 5 s by the tenant's clock"}},
		"rows for hundreds":    {400, 8, []string{"plan: 400 scenarios over 8 test admins, at most 50 one after the other", "expected end: in 14 h 14 min by the tenant's clock"}},
		"one scenario":         {1, 1, nil},
	} {
		var progress said
		s := &Suite{target: &target{progress: newProgress(&progress)}}
		s.selection.selected = row.scenarios
		s.sayPlan(row.admins)
		text := progress.String()
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: nothing is said like %q:\n%s", name, want, text)
			}
		}
		if row.want == nil && text != "" {
			t.Errorf("%s: said %q", name, text)
		}
	}
}
