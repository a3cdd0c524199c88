package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// summarise writes the verdict in one sentence for people: with the decisive cause where one is
// known, else with the decisive reason.
func summarise(o Observation, v Verdict) string {
	role := cmp.Or(o.Role.Name, "the role")
	decisive := v.Reasons[0]
	why := decisive.Text
	if len(v.Causes) > 0 {
		why = v.Causes[0].Text
		if strings.HasPrefix(why, "The ") || strings.HasPrefix(why, "No ") { // not a name
			why = strings.ToLower(why[:1]) + why[1:]
		}
	}
	switch {
	case v.Outcome == Enforced:
		return fmt.Sprintf("Activating %s asks to sign in again: enforced%s%s.", role, qualified(v.Scope), o.approvalInWords())
	case v.Outcome == Inconclusive:
		return fmt.Sprintf("Whether activating %s asks to sign in again stayed open: %s.", role, decisive.Text)
	case decisive.Code == StepUpSingleFactor || decisive.Code == StepUpMethodTooWeak:
		return fmt.Sprintf("Activating %s asks to sign in again, but not as strongly as required: %s.", role, decisive.Text)
	default:
		return fmt.Sprintf("Activating %s does not ask to sign in again: %s.", role, strings.TrimSuffix(why, "."))
	}
}

// approvalInWords adds that what was asked for was a request, not an active role.
func (o Observation) approvalInWords() string {
	i := slices.IndexFunc(o.Activations, func(a Activation) bool { return a.succeeded() && a.Outcome == pending })
	if i < 0 {
		return ""
	}
	switch approval := o.Activations[i].Approval; approval {
	case approved:
		return "; an approver agreed, and the role became active"
	case "":
		return "; the request was accepted and needs an approver, the role did not become active"
	case undecided:
		return "; the request was accepted, no approver decided while one was awaited, the role did not become active"
	default:
		return "; the request was accepted and ended as " + approval + ", the role did not become active"
	}
}

// qualified limits the sentence to what was seen, where the configuration says that others
// would be treated differently or could not be read.
func qualified(s Scope) string {
	if s.Clean() {
		return ""
	}
	const narrow = " for this admin, this way"
	if !s.Known() {
		return narrow + " (the configuration could not be read)"
	}
	var but []string
	if n := len(s.NotCovered); n > 0 {
		but = append(but, fmt.Sprintf("%d of %d eligible admins are not covered", n, s.Eligible))
	}
	if len(s.NarrowedBy) > 0 {
		but = append(but, "conditions narrow the policy")
	}
	if len(s.OtherPaths) > 0 {
		but = append(but, "another way to the same power is not protected")
	}
	return narrow + " (" + strings.Join(but, "; ") + ")"
}
