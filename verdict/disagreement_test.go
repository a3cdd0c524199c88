package verdict_test

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// Behaviour decides, and a configuration that says otherwise is laid beside it.
func TestAConfigurationThatSaysOtherwiseIsSaidToDisagree(t *testing.T) {
	for name, row := range map[string]struct {
		of     func() verdict.Observation
		change func(*verdict.Observation)
		says   string // empty: no disagreement
	}{
		"asked, and it says so": {enforced, nil, ""},
		"asked, and the policy is off": {
			enforced, func(o *verdict.Observation) { onlyPolicy(o).State = "disabled" },
			"the admin was asked, though as it was read POLICY_DISABLED",
		},
		"asked, and the context is not there": {
			enforced, func(o *verdict.Observation) { o.Configuration.Contexts = nil },
			"the admin was asked, though as it was read CONTEXT_MISSING",
		},
		"asked under a condition that was met":   {enforced, func(o *verdict.Observation) { onlyPolicy(o).IncludePlatforms = []string{"linux"} }, ""},
		"not asked, and the policy only reports": {unasked, nil, ""},
		"not asked, and it says so": {
			unasked, func(o *verdict.Observation) { onlyPolicy(o).State = "enabled" },
			`the policy "Re-authenticate for roles" asks this admin every time`,
		},
		"not asked, and it was not read": {unasked, func(o *verdict.Observation) { o.Configuration = nil }, ""},
		"no context is named":            {unasked, func(o *verdict.Observation) { o.Setting.ContextEnabled = false }, ""},
		"undecided":                      {enforced, broke(verdict.HostRefused), ""},
	} {
		o := row.of()
		if row.change != nil {
			row.change(&o)
		}
		v := verdict.Decide(o)
		found := ""
		for _, r := range v.Reasons[1:] {
			if r.Code == verdict.Unknown {
				found = r.Text
			}
		}
		if (row.says == "") != (found == "") || !strings.Contains(found, row.says) {
			t.Errorf("%s (%s): beside stands %q, want %q", name, v.Outcome, found, row.says)
		}
	}
}
