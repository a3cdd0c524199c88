package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reprompt/reprompt/verdict"
)

func registerWitnesses(sc sentences) {
	sc.Then(`^the screen saw the admin prompted$`, screenPrompted)
	sc.Then(`^the token is fresh$`, tokenFresh)
	sc.Then(`^the sign-in log says that the step-up was required$`, logRequired)
	sc.Then(`^the admin was prompted for each of (\d+) activations$`, promptedEachTime)
	sc.Then(`^the admin was (prompted|not prompted) for activation (\d+)$`, promptedFor)
	sc.Then(`^the admin was picked among several accounts$`, pickedAmongSeveral)
	sc.Then(`^PIM demanded the context (\d+) time(?:s)?$`, demanded)
	sc.Then(`^PIM refused (\d+) time(?:s)? to take the role back, and took it in the end$`, refusedToLetGo)
	sc.Then(`^the activation ended by itself$`, endedByItself)
	sc.Then(`^the request that waited for approval was withdrawn$`, requestWithdrawn)
	sc.Then(`^the approver (agreed, and the role was given back|refused, and nothing became active|was awaited in vain, and the request was withdrawn)$`, approverDid)
	sc.Then(`^every control held$`, controlsHeld)
}

// screenPrompted passes when a credential page stood still until the credential was sent, between
// the challenge and the new token.
//
// Example: Then the screen saw the admin prompted
func screenPrompted(ctx context.Context) error {
	return of(ctx).witness("screen", func(w verdict.Witnesses) string { return w.Screen }, "prompted")
}

// tokenFresh passes when auth_time moved past the challenge and the activating token holds the
// context that the plain ones lack.
//
// Example: Then the token is fresh
func tokenFresh(ctx context.Context) error {
	return of(ctx).witness("token", func(w verdict.Witnesses) string { return w.Token }, "fresh")
}

func (s *scenario) witness(name string, said func(verdict.Witnesses) string, want string) error {
	proof, err := s.outcome()
	if err != nil {
		return err
	}
	if got := said(proof.Verdict.Witnesses); got != want {
		return fmt.Errorf("the %s witness says %s, expected %s", name, got, want)
	}
	return nil
}

// logRequired passes when the tenant's own sign-in log has the interactive step-up, with the context
// required by a sign-in frequency of "every time".
//
// Example: Then the sign-in log says that the step-up was required
func logRequired(ctx context.Context) error {
	return of(ctx).witness("log", func(w verdict.Witnesses) string { return w.Log }, "required")
}

// promptedEachTime passes when there were that many activations and a credential was sent in the
// step-up of each.
//
// Example: Then the admin was prompted for each of 2 activations
func promptedEachTime(ctx context.Context, want int) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	activations := proof.Observation.Activations
	if len(activations) != want {
		return fmt.Errorf("there were %d activations, expected %d", len(activations), want)
	}
	for _, a := range activations {
		if !prompted(a.StepUp) {
			return fmt.Errorf("activation %d asked for no credential", a.N)
		}
	}
	return nil
}

// promptedFor passes when a credential was sent in the step-up of that activation, or when the role became
// active and none was asked for.
//
// Example: Then the admin was not prompted for activation 2
func promptedFor(ctx context.Context, how string, n int) error {
	a, err := of(ctx).activation(n)
	if err != nil {
		return err
	}
	if want := map[string]string{"prompted": verdict.ScreenPrompted, "not prompted": verdict.ScreenNotPrompted}[how]; verdict.ScreenOf(a) != want {
		return fmt.Errorf("the screen says %s of activation %d, expected %s", verdict.ScreenOf(a), n, want)
	}
	return nil
}

// activation is the nth activation of the proof.
func (s *scenario) activation(n int) (verdict.Activation, error) {
	proof, err := s.outcome()
	if err != nil {
		return verdict.Activation{}, err
	}
	all := proof.Observation.Activations
	if n < 1 || n > len(all) {
		return verdict.Activation{}, fmt.Errorf("there is no activation %d: there were %d", n, len(all))
	}
	return all[n-1], nil
}

// pickedAmongSeveral passes when the account picker was shown at the door of the portal, or in the
// step-up.
//
// Example: Then the admin was picked among several accounts
func pickedAmongSeveral(ctx context.Context) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	passes := slices.Clone(proof.Observation.Entries)
	for _, a := range proof.Observation.Activations {
		passes = append(passes, a.StepUp)
	}
	for _, pass := range passes {
		if slices.ContainsFunc(pass.Pages, func(p verdict.PageVisit) bool { return p.Page == accountPicker }) {
			return nil
		}
	}
	return fmt.Errorf("no account picker was shown in %d passes through the sign-in pages", len(passes))
}

// accountPicker is what observations call the page.
const accountPicker = "account-picker"

// demanded passes when the first activation was refused so often for want of the context, the first time
// included: a loop that is not ended goes on for ever.
//
// Example: Then PIM demanded the context 2 times
func demanded(ctx context.Context, times int) error {
	a, err := of(ctx).activation(1)
	if err != nil {
		return err
	}
	if a.Demands != times {
		return fmt.Errorf("PIM demanded the context %d times, expected %d", a.Demands, times)
	}
	return nil
}

// refusedToLetGo passes when the only activation was given back, after PIM had refused so often
// because it was too young.
//
// Example: Then PIM refused 1 time to take the role back, and took it in the end
func refusedToLetGo(ctx context.Context, times int) error {
	a, err := of(ctx).activation(1)
	if err != nil {
		return err
	}
	if a.GiveBackRefusals != times || !a.Deactivated {
		return fmt.Errorf("PIM refused %d times, and the role was given back: %t", a.GiveBackRefusals, a.Deactivated)
	}
	return nil
}

// endedByItself passes when nobody gave the role back and it was seen to be active no more.
//
// Example: Then the activation ended by itself
func endedByItself(ctx context.Context) error {
	a, err := of(ctx).activation(1)
	if err != nil {
		return err
	}
	if !a.Expired || a.Deactivated {
		return fmt.Errorf("the activation ended by itself: %t; it was given back: %t", a.Expired, a.Deactivated)
	}
	return nil
}

// requestWithdrawn passes when the activation waited for an approver, and was taken back rather than left
// to stand in the way of the next.
//
// Example: Then the request that waited for approval was withdrawn
func requestWithdrawn(ctx context.Context) error {
	a, err := of(ctx).activation(1)
	if err != nil {
		return err
	}
	if a.Outcome != "pending" || !a.Withdrawn {
		return fmt.Errorf("the activation is %s, and its request was withdrawn: %t", a.Outcome, a.Withdrawn)
	}
	return nil
}

// approverDid passes when the activation was seen to wait, and PIM itself says what became of it.
//
// Example: Then the approver agreed, and the role was given back
func approverDid(ctx context.Context, what string) error {
	a, err := of(ctx).activation(1)
	if err != nil {
		return err
	}
	want := map[string]verdict.Activation{
		"agreed, and the role was given back":                {Outcome: "pending", Approval: "approved", Deactivated: true},
		"refused, and nothing became active":                 {Outcome: "pending", Approval: "AdminDenied"},
		"was awaited in vain, and the request was withdrawn": {Outcome: "pending", Approval: "undecided", Withdrawn: true},
	}[what]
	if a.Outcome != want.Outcome || a.Approval != want.Approval || a.Deactivated != want.Deactivated || a.Withdrawn != want.Withdrawn {
		return fmt.Errorf("the activation is %s, its approval %q, given back: %t, withdrawn: %t", a.Outcome, a.Approval, a.Deactivated, a.Withdrawn)
	}
	return nil
}

func prompted(stepUp verdict.Authentication) bool {
	for _, page := range stepUp.Pages {
		if page.Factor != "" && page.StoodStill && page.Sent {
			return true
		}
	}
	return false
}

// controlsHeld passes when everything held that a verdict needs to mean anything.
//
// Example: Then every control held
func controlsHeld(ctx context.Context) error {
	proof, err := of(ctx).outcome()
	if err != nil {
		return err
	}
	if len(proof.Verdict.Controls) == 0 {
		return fmt.Errorf("no control was judged")
	}
	var fell []string
	for _, control := range proof.Verdict.Controls {
		if !control.Held {
			fell = append(fell, control.Name+": "+control.Text)
		}
	}
	if len(fell) > 0 {
		return fmt.Errorf("%d of %d controls did not hold: %s", len(fell), len(proof.Verdict.Controls), strings.Join(fell, "; "))
	}
	return nil
}
