package suite

import (
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// ProveRequest says which roles to prove, and how.
type ProveRequest struct {
	// Roles are display names or ids of directory roles that the test admin is eligible for.
	Roles []string
	// AllProtected proves every role whose setting names an authentication context; Roles is empty then.
	AllProtected bool
	// Shard is I/N: of the roles only the Ith of N parts is proved; empty is all.
	Shard string
	// Durations is an earlier bundle of prove, named by its folder or its run.json, by which the parts take
	// equally long; empty: they have equally many roles.
	Durations string
	// MakeAdmins is how many test admins are made for the command, to prove the roles in the place of those
	// of the tenant file, and taken away afterwards; no more than there are roles. 0 makes none. Each is
	// eligible for the roles that it proves. What is found is true of accounts that are in no group and that
	// no policy names.
	MakeAdmins int
	// Way is the portal when empty.
	Way verdict.Way
	// Twice activates each role a second time, after both re-use windows.
	Twice bool
	// ValidateReplays tries earlier tokens with validation-only requests.
	ValidateReplays bool
	// ReplaySteppedUp tries, after both re-use windows, whether the stepped-up token and a refresh
	// token of its session activate once more. Twice does so in any case.
	ReplaySteppedUp bool
	// AwaitLog is for how long, by the tenant's clock, rows of the sign-in log are awaited that are
	// not there yet. Zero means one look.
	AwaitLog time.Duration
	// AwaitApproval is for how long, by the tenant's clock, an approver is awaited where a role setting
	// asks for one. Zero means that the activation is reported as pending, and withdrawn.
	AwaitApproval time.Duration
	// Justification is sent with the activation, the run's id added; may be empty.
	Justification string
	// Timeout bounds all of it by the machine's clock, without the waits for the tenant's clock; giving a
	// role back gets 30 seconds more. A proof that is not done by then is inconclusive, DEADLINE_PASSED.
	// Zero means no bound.
	Timeout time.Duration
	// TicketNumber and TicketSystem are sent where the role setting asks for a ticket.
	TicketNumber, TicketSystem string
}

// check refuses a way that a directory role cannot be activated in.
func (r ProveRequest) check() error {
	switch r.Way {
	case "", verdict.WayPortal, verdict.WayGraph:
		return nil
	}
	return requiredf("there is no way %q: use portal or graph", r.Way)
}

// checkHuman refuses a person without a window, and no person where only one can sign in.
func (o Options) checkHuman() error {
	switch {
	case o.Human && !o.Headed:
		return requiredf("a person needs a window to sign in: say --headed, too")
	case o.Human || o.Tenant == nil:
		return nil
	}
	if a := o.Tenant.Admin; a.Password.Empty() && a.TemporaryAccessPass.Empty() && a.Passkey == nil {
		return requiredf("%s holds no credential of the test admin (admin.human): say --headed --human, and sign in in the window", o.Tenant.File)
	}
	return nil
}

// activations is the most that one proof may come to: a stepped-up token and a refresh token that
// are taken once more make one each.
func (r ProveRequest) activations() int {
	most := 1
	if r.Twice {
		most++
	}
	if r.Twice || r.ReplaySteppedUp {
		most += 2
	}
	return most
}
