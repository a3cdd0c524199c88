package verdict

import (
	"fmt"
	"strings"
)

// summarise writes the verdict in one sentence for people.
func summarise(o Observation, v Verdict) string {
	role := orElse(o.Role.Name, "the role")
	switch v.Outcome {
	case Enforced:
		return fmt.Sprintf("Activating %s asks to sign in again: enforced%s.", role, qualified(v.Scope))
	case NotEnforced:
		return fmt.Sprintf("Activating %s is not protected by a fresh sign-in: not enforced, %s.", role, v.Reasons[0].Text)
	default:
		return fmt.Sprintf("Whether activating %s asks to sign in again stayed open: %s.", role, v.Reasons[0].Text)
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
