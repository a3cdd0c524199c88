package steps

import (
	"context"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/verdict"
)

// ways are the words of the sentences.
var ways = map[string]verdict.Way{"through Graph": verdict.WayGraph, "in the portal": verdict.WayPortal}

func registerActivations(sc sentences) {
	sc.When(`^the test admin activates the role in the portal$`, activateInPortal)
	sc.When(`^the test admin activates the role through Graph$`, activateThroughGraph)
	sc.When(`^the test admin activates the role in the portal twice$`, activateTwice)
	sc.When(`^the test admin activates the role right after signing in$`, activateWithinWindow)
	sc.When(`^the test admin activates the role through Graph twice$`, activateTwiceThroughGraph)
	sc.When(`^the test admin activates the role through Graph and tries the stepped-up token again later$`, activateAndReplay)
	sc.When(`^the test admin activates the role (through Graph|in the portal) with earlier tokens only validated$`, activateValidating)
	sc.When(`^the test admin activates the role through Graph twice within the window$`, activateTwiceWithinWindow)
	sc.When(`^the test admin activates the role through Graph more than an hour after signing in$`, activateLate)
	sc.When(`^the test admin activates the role through Graph with a client that does not answer challenges$`, activateWithoutCP1)
	sc.When(`^the test admin activates the role through Graph and gives it back at once$`, activateAndGiveBack)
	sc.When(`^the test admin activates the role through Graph and lets the activation expire$`, activateAndLetExpire)
	sc.When(`^the test admin activates the role (in the portal|through Graph), and the approver (agrees|refuses|says nothing)$`, activateAndAwait)
}

// activateInPortal runs one proof with the PIM page of the admin centre, as an admin uses it.
//
// Example: When the test admin activates the role in the portal
func activateInPortal(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayPortal})
}

// activateThroughGraph runs one proof with a client of Microsoft Graph, which meets the claims
// challenge only when it posts the activation.
//
// Example: When the test admin activates the role through Graph
func activateThroughGraph(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph})
}

// activateTwice runs one proof with two activations, eleven minutes of the tenant's clock apart:
// more than both re-use windows. The second starts from a page whose storage was cleared.
//
// Example: When the test admin activates the role in the portal twice
func activateTwice(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayPortal, Twice: true})
}

// activateWithinWindow leaves out the wait for the re-use windows. It is a negative control: what
// it sees can prove nothing.
//
// Example: When the test admin activates the role right after signing in
func activateWithinWindow(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayPortal, WithinWindow: true})
}

// activateTwiceThroughGraph runs one proof with two activations by the harness's own client, more
// than both re-use windows apart.
//
// Example: When the test admin activates the role through Graph twice
func activateTwiceThroughGraph(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, Twice: true})
}

// activateAndReplay runs one proof, waits until both re-use windows are over, and tries whether the
// token that was stepped up, or a refresh token of its session, activates the role once more.
//
// Example: When the test admin activates the role through Graph and tries the stepped-up token again later
func activateAndReplay(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, ReplaySteppedUp: true})
}

// activateValidating runs one proof in which tokens from before the step-up are tried by requests
// that are only to be validated: nothing is activated by them.
//
// Example: When the test admin activates the role through Graph with earlier tokens only validated
func activateValidating(ctx context.Context, way string) error {
	return of(ctx).prove(ctx, activation.Request{Way: ways[way], ValidateReplays: true})
}

// activateTwiceWithinWindow runs one proof with two activations, the second as soon as PIM has let the
// first one go: after five minutes, and within its ten. The second is a negative control.
//
// Example: When the test admin activates the role through Graph twice within the window
func activateTwiceWithinWindow(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, Twice: true, WithinWindow: true})
}

// activateLate activates when the last authentication is more than an hour old, so that an hourly
// sign-in frequency would ask too. It is a negative control. It takes over an hour of the tenant's clock.
//
// Example: When the test admin activates the role through Graph more than an hour after signing in
func activateLate(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, Age: 61 * time.Minute})
}

// activateWithoutCP1 uses a client that never says cp1, which is how a client tells that it answers
// claims challenges. It is a negative control.
//
// Example: When the test admin activates the role through Graph with a client that does not answer challenges
func activateWithoutCP1(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, WithoutCP1: true})
}

// activateAndGiveBack tries to give the role back right away, which PIM refuses in the first five
// minutes, and again when it may.
//
// Example: When the test admin activates the role through Graph and gives it back at once
func activateAndGiveBack(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, GiveBackAtOnce: true})
}

// activateAndLetExpire leaves the role active until the activation, of half an hour, is over.
//
// Example: When the test admin activates the role through Graph and lets the activation expire
func activateAndLetExpire(ctx context.Context) error {
	return of(ctx).prove(ctx, activation.Request{Way: verdict.WayGraph, LetExpire: true})
}

// activateAndAwait activates a role that needs approval and waits ten minutes at the most for the approver
// of "requires the approval of an approver made for this scenario", who signs in, in a browser session of
// their own, and decides, or does not come at all.
//
// Example: When the test admin activates the role in the portal, and the approver agrees
func activateAndAwait(ctx context.Context, way, decision string) error {
	s := of(ctx)
	if decision != "says nothing" {
		if err := s.tenant.LetApprover(decision == "agrees"); err != nil {
			return fmt.Errorf("have the approver decide: %w; begin with \"Given the role setting requires the approval of an approver made for this scenario\"", err)
		}
	}
	return s.prove(ctx, activation.Request{Way: ways[way], AwaitApproval: 10 * time.Minute})
}
