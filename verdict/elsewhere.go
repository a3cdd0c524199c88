package verdict

import "time"

// Elsewhere is what the tenant tells of the admin's account beside this proof. PIM's window belongs to
// a user (inferred; no document says to what), so that whoever else signs in or activates with the
// account within it can suppress a prompt. Nobody else can cause one: what could not be looked at
// takes nothing from a prompt that was seen.
type Elsewhere struct {
	// Asked is when the tenant was last looked at.
	Asked time.Time `json:"asked"`
	// SignIns are completed interactive sign-ins of the account in other sessions, by the sign-in log.
	SignIns []OtherUse `json:"sign_ins"`
	// Activations are those that the account asked PIM for and that are not of this run. PIM shows
	// them at once.
	Activations []OtherUse `json:"activations"`
	// Complete is true when the log had come as far as this proof's own last activation. Rows come
	// late: until then another's may be missing too.
	Complete bool `json:"complete"`
	// Text says why the sign-in log could not be read; empty when it was.
	Text string `json:"text"`
}

// OtherUse is one use of the account by somebody else.
type OtherUse struct {
	At time.Time `json:"at"` // when it was, by the tenant
	ID string    `json:"id"` // of the row or the request
}

func looksElsewhere(o Observation) bool { return o.Elsewhere != nil }

// adminNotInUse looks for somebody else within PIM's window before each activation, and up to its
// answer.
func (o Observation) adminNotInUse() finding {
	if len(o.Activations) == 0 {
		return unreached("no activation was tried")
	}
	for _, a := range o.Activations {
		use, did, found := o.Elsewhere.disturbing(a)
		if found {
			return failed(AdminInUse, "somebody else %s with this account at %s (%s), less than %s before activation %d: PIM asks nobody twice within %s",
				did, clock(use.At), use.ID, spell(MinAge), a.N, spell(PIMWindow))
		}
	}
	switch {
	case o.Elsewhere.Text != "":
		return unchecked("whether somebody else used the account could not be checked: %s", o.Elsewhere.Text)
	case !o.Elsewhere.Complete:
		return unchecked("whether somebody else used the account could not be checked: the sign-in log had not come as far as the activation; look later, or await it (--await-log)")
	}
	return held("nobody else signed in or activated a role with this account within %s before the activation", spell(MinAge))
}

// disturbing finds a use that could have suppressed the prompt of an activation, and says what it was.
func (e *Elsewhere) disturbing(a Activation) (use OtherUse, did string, found bool) {
	for _, use := range e.Activations {
		if a.disturbedBy(use) {
			return use, "activated a role", true
		}
	}
	for _, use := range e.SignIns {
		if a.disturbedBy(use) {
			return use, "signed in", true
		}
	}
	return OtherUse{}, "", false
}

// disturbedBy reports whether the use could have suppressed the prompt of this activation.
func (a Activation) disturbedBy(use OtherUse) bool {
	until := later(a.Requested, a.At)
	return !use.At.IsZero() && !a.Requested.IsZero() && !use.At.Before(a.Requested.Add(-MinAge)) && !use.At.After(until)
}

// useNotChecked is the remark that a missing prompt might be somebody else's doing.
func useNotChecked(reasons []Reason, findings []finding) []Reason {
	if len(reasons) == 0 || reasons[0].Code != ActivatedWithoutPrompt {
		return nil
	}
	for _, f := range findings {
		if f.unchecked {
			return []Reason{{AdminUseNotChecked, f.Text[len(notReached):]}}
		}
	}
	return nil
}
