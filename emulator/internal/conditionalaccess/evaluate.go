package conditionalaccess

import (
	"slices"
	"strings"
	"time"
)

// farFuture stands for "now" where only the order of instants matters.
var farFuture = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Evaluate decides one sign-in. It does not prove that the user was asked for
// anything: it says what has to be asked, and whoever shows the pages evaluates
// again with the new factors until the decision is granted or blocked.
func Evaluate(in SignIn, policies []Policy) Decision {
	var d Decision
	matched := match(in, policies)
	mfaRequired := requiresMFA(matched, Enabled)
	d.MFARequired = mfaRequired
	for _, m := range matched {
		finding := m.examine(in, mfaRequired)
		d.Applied = append(d.Applied, m.row(finding))
		if m.policy.State == Enabled && m.why == "" {
			d.add(m.policy, finding)
		}
	}
	if d.Reauthentication.Secondary {
		d.Reauthentication.Strengths = strengthsOf(matched)
	}
	d.Contexts = contextResults(in, matched, mfaRequired)
	return d
}

// match pairs each policy with the condition that keeps it from applying, "" when it applies.
func match(in SignIn, policies []Policy) []matched {
	out := make([]matched, len(policies))
	for i, p := range policies {
		out[i] = matched{policy: p, why: p.mismatch(in)}
	}
	return out
}

type matched struct {
	policy Policy
	why    string
}

// finding is what one applied policy says of the sign-in.
type finding struct {
	blocked            bool
	unmet              *Requirement
	primary, secondary bool
	hard               bool // no prompt could satisfy it
}

func (f finding) satisfied() bool {
	return !f.blocked && f.unmet == nil && !f.primary && !f.secondary
}

func (m matched) examine(in SignIn, mfaRequired bool) finding {
	if m.why != "" || m.policy.State == Disabled {
		return finding{}
	}
	if m.policy.State == ReportOnly {
		// A report-only policy is judged as if it alone were added.
		mfaRequired = mfaRequired || m.policy.Grant.requiresMFA()
	}
	f := m.policy.Grant.examine(in, m.policy)
	f.primary, f.secondary = m.policy.Session.Frequency.due(in, mfaRequired)
	return f
}

func (d *Decision) add(p Policy, f finding) {
	ref := PolicyRef{p.ID, p.DisplayName}
	if f.blocked {
		d.BlockedBy = append(d.BlockedBy, ref)
	}
	if f.unmet != nil {
		d.Unmet = append(d.Unmet, *f.unmet)
	}
	if f.primary || f.secondary {
		r := &d.Reauthentication
		r.Primary = r.Primary || f.primary
		r.Secondary = r.Secondary || f.secondary
		r.Why = append(r.Why, Frequent{Policy: ref, Frequency: *p.Session.Frequency})
	}
	d.addSession(p)
}

func (d *Decision) addSession(p Policy) {
	if p.Session.PersistentBrowser != "" && d.PersistentBrowser != "never" {
		d.PersistentBrowser = p.Session.PersistentBrowser
	}
	f := p.Session.Frequency
	if f == nil {
		return
	}
	row := SessionLifetime{ExpirationRequirement: FrequencyPeriodic, Detail: "Sign-in frequency (periodic re-authentication)"}
	if f.EveryTime {
		row = SessionLifetime{ExpirationRequirement: FrequencyEveryTime, Detail: "Sign-in frequency (every time)"}
	}
	if !slices.Contains(d.SessionLifetime, row) {
		d.SessionLifetime = append(d.SessionLifetime, row)
	}
}

// row is the policy's line in the sign-in log. A prompt interrupts; what no
// prompt can mend fails.
func (m matched) row(f finding) AppliedPolicy {
	out := AppliedPolicy{Policy: PolicyRef{m.policy.ID, m.policy.DisplayName}, Why: m.why}
	reportOnly := m.policy.State == ReportOnly
	switch {
	case m.policy.State == Disabled:
		out.Result = NotEnabled
		return out
	case m.why != "":
		out.Result = pick(reportOnly, ReportOnlyNotApplied, NotApplied)
		return out
	case f.satisfied():
		out.Result = pick(reportOnly, ReportOnlySuccess, Success)
	case reportOnly && !f.hard:
		out.Result = ReportOnlyInterrupted
	default:
		out.Result = pick(reportOnly, ReportOnlyFailure, Failure)
	}
	out.GrantControls = m.policy.Grant.names()
	out.SessionControls = m.policy.Session.names()
	return out
}

func pick(reportOnly bool, a, b Result) Result {
	if reportOnly {
		return a
	}
	return b
}

// contextResults tells of each context asked whether this sign-in had to satisfy
// it. The question is put to the session as it was before the sign-in began, so
// that the answer stays "required" after the prompts are done.
func contextResults(in SignIn, policies []matched, mfaRequired bool) []ContextResult {
	before := in
	if !in.Started.IsZero() {
		before.Session = in.Session.before(in.Started)
	}
	var out []ContextResult
	for _, context := range in.Contexts {
		detail := DetailNotApplicable
		for _, m := range policies {
			if m.why != "" || m.policy.State != Enabled || !m.policy.TargetsContext(context) {
				continue
			}
			if detail == DetailNotApplicable {
				detail = DetailPreviouslySatisfied
			}
			if !m.examine(before, mfaRequired).satisfied() {
				detail = DetailRequired
			}
		}
		out = append(out, ContextResult{ID: context, Detail: detail})
	}
	return out
}

func requiresMFA(policies []matched, state State) bool {
	return slices.ContainsFunc(policies, func(m matched) bool {
		return m.why == "" && m.policy.State == state && m.policy.Grant.requiresMFA()
	})
}

func strengthsOf(policies []matched) []Strength {
	var out []Strength
	for _, m := range policies {
		if g := m.policy.Grant; m.why == "" && m.policy.State == Enabled && g != nil && g.Strength != nil {
			out = append(out, *g.Strength)
		}
	}
	return out
}

func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(e string) bool { return strings.EqualFold(e, s) })
}

func intersectsFold(list, other []string) bool {
	return slices.ContainsFunc(other, func(o string) bool { return containsFold(list, o) })
}
