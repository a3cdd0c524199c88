package planner

import "time"

// What a proof waits for, by the tenant's clock. activation keeps to the same figures; they stand again here
// because a plan only foretells.
const (
	// window is how old an authentication has to be before a role is activated: PIM's ten minutes
	// (documented) and one for the clocks.
	window = 11 * time.Minute
	// kept is how long PIM keeps a role that was activated (documented: five minutes), and a little.
	kept = 5*time.Minute + 5*time.Second
)

// Costs are what the stretches of a proof cost the browser.
type Costs struct {
	SignIn   time.Duration // signing in and priming
	Activate time.Duration // both probes, the plain tokens, the step-up, the probe afterwards
	GiveBack time.Duration // one silent token
}

// Costs that are foretold where nothing was recorded. The embedded tenant's were measured on two cores
// (docs/performance.md); a real one's are what its pages may take over a slow line (inferred).
var (
	EmbeddedCosts = Costs{SignIn: 800 * time.Millisecond, Activate: 1200 * time.Millisecond, GiveBack: 200 * time.Millisecond}
	TenantCosts   = Costs{SignIn: 25 * time.Second, Activate: 30 * time.Second, GiveBack: 5 * time.Second}
)

// Proof is the stretches of one proof. again says that the role is activated, or a stepped-up token tried, a
// second time after
// both windows; afterwards is how long the sign-in log is awaited. What an approver takes is not foretold.
func (c Costs) Proof(again bool, afterwards time.Duration) []Stage {
	stages := []Stage{
		{Browser: c.SignIn, Wait: window},
		{Browser: c.Activate, Wait: kept, Frees: !again, Activates: true},
	}
	if again {
		stages = append(stages,
			Stage{Browser: c.GiveBack, Wait: window - kept},
			Stage{Browser: c.Activate, Wait: kept, Frees: true, Activates: true})
	}
	return append(stages, Stage{Browser: c.GiveBack, Wait: afterwards})
}
