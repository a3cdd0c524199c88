package conditionalaccess

import "time"

// due says which factors the sign-in frequency wants anew. A second factor is
// re-run only where an applied policy requires one, or where the policy is about
// the second factor alone and the session has one (inferred).
func (f *Frequency) due(in SignIn, mfaRequired bool) (primary, secondary bool) {
	if f == nil {
		return false, false
	}
	factors := in.Session.factors()
	mfaAt := mfaCompletedAt(factors)
	primaryAt := latest(factors, func(f Factor) bool { return f.Method.FirstFactor() })
	secondaryOnly := f.SecondaryOnly && !in.SecondaryMeansBoth
	wantsSecond := mfaRequired || f.SecondaryOnly && !mfaAt.IsZero()

	window := f.Interval
	if f.EveryTime {
		window = in.everyTimeWindow()
		// Documented: who completed MFA within the allowance is not prompted, even
		// where the first factor is older.
		if in.stepUpServes() || fresh(mfaAt, in.Now, window) {
			return false, false
		}
	}
	primary = !secondaryOnly && !fresh(primaryAt, in.Now, window)
	secondary = wantsSecond && !fresh(mfaAt, in.Now, window)
	return primary, secondary
}

// fresh reports whether the instant is younger than the window. At exactly the
// window's age a prompt is due: "not more often than once every five minutes".
func fresh(at, now time.Time, window time.Duration) bool {
	return !at.IsZero() && now.Sub(at) < window
}

// everyTimeWindow is the allowance of "every time": five minutes, or for a context
// PIM's ten after any re-authentication where the rule says that only those count.
func (in SignIn) everyTimeWindow() time.Duration {
	if in.Windows.Rule == WindowsPIM && len(in.Contexts) > 0 {
		return in.Windows.pim()
	}
	return in.Windows.everyTime()
}

// stepUpServes reports whether an earlier re-authentication for an activation
// still serves (documented: ten minutes, across directory roles, Azure resources
// and groups). It is asked only for contexts, since only PIM asks for them here.
func (in SignIn) stepUpServes() bool {
	return in.Windows.Rule != WindowsConditionalAccess && len(in.Contexts) > 0 &&
		fresh(in.Session.StepUpAt, in.Now, in.Windows.pim())
}
