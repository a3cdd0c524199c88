package conditionalaccess

import "slices"

// Decision is what the policies together say about one evaluation. Only enabled
// policies block, demand or prompt; those in report-only mode show in Applied.
type Decision struct {
	// BlockedBy names the enabled policies that block.
	BlockedBy []PolicyRef
	// Unmet are the grant controls not yet met, one entry per policy.
	Unmet []Requirement
	// Reauthentication is the zero value when nothing has to be given anew.
	Reauthentication Reauthentication
	// Applied has one row per policy, in the order given.
	Applied []AppliedPolicy
	// Contexts has one row per context that was asked for.
	Contexts []ContextResult
	// SessionLifetime lists what limited the session, for the sign-in log.
	SessionLifetime []SessionLifetime
	// PersistentBrowser is "always", "never" or ""; "never" wins.
	PersistentBrowser string
	// MFARequired says that an applied policy requires an MFA or a strength, met or not.
	MFARequired bool
}

// PolicyRef names a policy.
type PolicyRef struct{ ID, DisplayName string }

// Requirement is what one policy still asks for.
type Requirement struct {
	Policy PolicyRef
	// All is true when every control in Controls has to be met; otherwise one suffices.
	All bool
	// Controls are the controls that are not met: mfa, compliantDevice,
	// authenticationStrength, ….
	Controls []string
	// Strength is set when Controls holds authenticationStrength.
	Strength *Strength
}

// Reauthentication says which factors have to be given anew, and why.
type Reauthentication struct {
	Primary, Secondary bool
	// Why has one entry per policy that demands it.
	Why []Frequent
	// Strengths are those that the new second factor has to satisfy.
	Strengths []Strength
}

// Frequent is a policy whose sign-in frequency demands re-authentication.
type Frequent struct {
	Policy    PolicyRef
	Frequency Frequency
}

// Result is the outcome of one policy, as the sign-in log spells it.
type Result string

// The results of appliedConditionalAccessPolicy (documented).
const (
	Success               Result = "success"
	Failure               Result = "failure"
	NotApplied            Result = "notApplied"
	NotEnabled            Result = "notEnabled"
	ReportOnlySuccess     Result = "reportOnlySuccess"
	ReportOnlyFailure     Result = "reportOnlyFailure"
	ReportOnlyNotApplied  Result = "reportOnlyNotApplied"
	ReportOnlyInterrupted Result = "reportOnlyInterrupted"
)

// AppliedPolicy is one row of appliedConditionalAccessPolicies.
type AppliedPolicy struct {
	Policy          PolicyRef
	GrantControls   []string
	SessionControls []string
	Result          Result
	// Why names the condition that did not match when the policy was not applied:
	// users, application, clientApp, platform, location, device, risk, flow.
	Why string
}

// ContextResult is one row of authenticationContextClassReferences.
type ContextResult struct {
	ID string
	// Detail is required (satisfied, or still to be, in this sign-in),
	// previouslySatisfied (by an earlier one) or notApplicable.
	Detail string
}

// The details of a context in the sign-in log (documented).
const (
	DetailRequired            = "required"
	DetailPreviouslySatisfied = "previouslySatisfied"
	DetailNotApplicable       = "notApplicable"
)

// SessionLifetime is one row of sessionLifetimePolicies.
type SessionLifetime struct {
	ExpirationRequirement string
	Detail                string
}

// The expiration requirements that the tenant writes (documented).
const (
	FrequencyEveryTime = "signInFrequencyEveryTime"
	FrequencyPeriodic  = "signInFrequencyPeriodicReauthentication"
)

// Blocked reports whether an enabled policy blocks.
func (d Decision) Blocked() bool { return len(d.BlockedBy) > 0 }

// Granted reports whether a token may be issued now.
func (d Decision) Granted() bool {
	return !d.Blocked() && len(d.Unmet) == 0 && !d.Reauthentication.Primary && !d.Reauthentication.Secondary
}

// NeedsPrimary reports whether the first factor has to be given anew.
func (d Decision) NeedsPrimary() bool { return d.Reauthentication.Primary }

// NeedsSecondFactor reports whether a second factor, or a method that satisfies
// a strength, would bring the sign-in further.
func (d Decision) NeedsSecondFactor() bool {
	return d.Reauthentication.Secondary || slices.ContainsFunc(d.Unmet, Requirement.methodHelps)
}

// NeedsDevice reports whether what is missing cannot be given on a page: no
// method meets it, such as a compliant device.
func (d Decision) NeedsDevice() bool {
	return slices.ContainsFunc(d.Unmet, func(r Requirement) bool { return !r.methodHelps() })
}

// methodHelps is false when one of the controls that must be met is no method.
func (r Requirement) methodHelps() bool {
	isMethod := func(c string) bool { return c == controlMFA || c == controlStrength }
	if r.All {
		return !slices.ContainsFunc(r.Controls, func(c string) bool { return !isMethod(c) })
	}
	return slices.ContainsFunc(r.Controls, isMethod)
}

// Accepts reports whether the method, given now after the factors of the
// session, is one that the decision waits for: it completes an MFA and a
// combination of every strength asked for. Where no strength is asked any second
// factor will do.
func (d Decision) Accepts(method Method, session SessionState) bool {
	factors := append(session.factors(), Factor{Method: method, At: farFuture})
	if !method.SecondFactor() || mfaCompletedAt(factors).IsZero() {
		return false
	}
	for _, s := range d.strengthsAsked() {
		if !s.completedAt(factors).Equal(farFuture) {
			return false
		}
	}
	return true
}

func (d Decision) strengthsAsked() []Strength {
	asked := append([]Strength(nil), d.Reauthentication.Strengths...)
	for _, r := range d.Unmet {
		if r.Strength != nil && (r.All || !slices.Contains(r.Controls, controlMFA)) {
			asked = append(asked, *r.Strength)
		}
	}
	return asked
}
