package verdict_test

import (
	"strings"
	"testing"

	"github.com/reprompt/reprompt/verdict"
)

// A context that no policy protects is not "satisfied": the token holds it unasked. The control stands
// all the same, and falls all the same without the context.
func TestAnUnprotectedContextIsNotCalledSatisfied(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*verdict.Observation)
		says   string
		fails  bool
	}{
		"protected":      {func(*verdict.Observation) {}, "had satisfied the context c1 once", false},
		"not read":       {func(o *verdict.Observation) { o.Configuration = nil }, "had satisfied the context c1 once", false},
		"the policy off": {func(o *verdict.Observation) { onlyPolicy(o).State = "disabled" }, "nothing had to be satisfied", false},
		"no policy":      {func(o *verdict.Observation) { o.Configuration.Policies = nil }, "nothing had to be satisfied", false},
		"excluded":       {func(o *verdict.Observation) { onlyPolicy(o).ExcludeUsers = []string{adminID} }, "nothing had to be satisfied", false},
		"off, and the context is missing": {func(o *verdict.Observation) {
			onlyPolicy(o).State = "disabled"
			o.Priming.Authentication.Token, o.Priming.Authentication.ID = accessClaims(), nil
		}, "does not hold the context c1", true},
	} {
		t.Run(name, func(t *testing.T) {
			o := enforced()
			row.change(&o)
			for _, c := range verdict.Decide(o).Controls {
				if c.Name == "session-primed" && (c.Held == row.fails || !strings.Contains(c.Text, row.says)) {
					t.Errorf("held %t: %s", c.Held, c.Text)
				}
			}
		})
	}
}
