package verdict

// pending is the outcome of an activation that waits for an approver.
const pending = "pending"

// Values of Activation.Approval, beside the status with which PIM ended the request.
const (
	approved  = "approved"
	undecided = "undecided"
)

// achieved says what the token of an accepted activation was good for. A request that waits for
// approval is no active role.
func (a Activation) achieved() string {
	if a.Outcome != pending {
		return "activated the role"
	}
	return "was accepted with a request for the role, which " + a.waited()
}

// became says what an accepted activation came to.
func (a Activation) became() string {
	if a.Outcome != pending {
		return "the role became " + a.Outcome
	}
	return "the request for the role, which " + a.waited() + ", was accepted"
}

// waited says what became of a request that needs an approver.
func (a Activation) waited() string {
	switch {
	case a.Approval == approved:
		return "an approver agreed to since"
	case a.Approval != "" && a.Approval != undecided:
		return "PIM ended as " + a.Approval + " since"
	case a.Withdrawn:
		return "waited for approval and was withdrawn since"
	default:
		return "waits for approval"
	}
}
