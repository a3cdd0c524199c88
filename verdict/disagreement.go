package verdict

import (
	"fmt"
	"slices"
)

// disagreement says, beside the verdict, where the configuration that was read says one thing and
// what was tried another: behaviour decides, and somebody should look. It is UNKNOWN because nobody
// knows why: the settings may not be obeyed yet, or not all of them be readable.
func (o Observation) disagreement(outcome Outcome) []Reason {
	if o.Configuration == nil || !o.Setting.RequiresContext() {
		return nil
	}
	against := slices.DeleteFunc(append(o.contextCauses(), o.policyCauses()...), func(c Cause) bool {
		return outcome == Enforced && beside[c.Code]
	})
	switch {
	case outcome == NotEnforced && len(against) == 0:
		return []Reason{{Unknown, fmt.Sprintf(
			"what was tried and the configuration disagree: as it was read, the context %s is published and %s asks this admin every time",
			o.Setting.ContextID, o.asking())}}
	case outcome == Enforced && len(against) > 0:
		return []Reason{{Unknown, fmt.Sprintf(
			"what was tried and the configuration disagree: the admin was asked, though as it was read %s: %s", against[0].Code, against[0].Text)}}
	}
	return nil
}

// beside are causes that an admin may be asked in spite of: a condition that this sign-in met, and
// what the step-up must consist of, which the other policies on the context may see to.
var beside = map[CauseCode]bool{PolicyConditionNarrows: true, PolicyGrantTooWeak: true}

// asking names the policies that ask the admin every time.
func (o Observation) asking() string {
	var names []string
	for _, p := range o.Configuration.targeting(o.Setting.ContextID) {
		if len(o.faults(p)) == 0 && !p.blocks() {
			names = append(names, fmt.Sprintf("the policy %q", p.Name))
		}
	}
	return joined(names)
}
