package verdict

// pending is the outcome of an activation that waits for an approver.
const pending = "pending"

// achieved says what the token of an accepted activation was good for. A request that waits for
// approval is no active role.
func (a Activation) achieved() string {
	switch {
	case a.Outcome != pending:
		return "activated the role"
	case a.Withdrawn:
		return "was accepted with a request for the role, which waited for approval and was withdrawn"
	default:
		return "was accepted with a request for the role, which waits for approval"
	}
}

// became says what an accepted activation came to.
func (a Activation) became() string {
	switch {
	case a.Outcome != pending:
		return "the role became " + a.Outcome
	case a.Withdrawn:
		return "the request for the role, which waited for approval and was withdrawn since, was accepted"
	default:
		return "the request for the role, which waits for approval, was accepted"
	}
}

// awaitsApproval reports whether an activation was accepted and made nothing active.
func (o Observation) awaitsApproval() bool {
	for _, a := range o.Activations {
		if a.succeeded() && a.Outcome == pending {
			return true
		}
	}
	return false
}
