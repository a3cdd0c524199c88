package activation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// clockError says that the tenant's clock is no longer where the proof takes it to be.
type clockError struct{ ahead time.Duration } // the tenant's minus the proof's

func (e *clockError) Error() string {
	word := "ahead of"
	if e.ahead < 0 {
		word = "behind"
	}
	return fmt.Sprintf("the tenant's clock is %s %s the one that the proof goes by: one of them was set, or this machine was asleep, so that nobody knows how old the session really was",
		e.ahead.Abs().Round(time.Second), word)
}

// compareClocks asks the sign-in host for the time and compares. The proof waits by a clock whose distance
// from the tenant's was measured once; had either been set meanwhile, the windows might not have passed at
// all, and a prompt that did not come would be nobody's fault. It is looked at before and after each
// activation. A clock that was set and set back in between is not noticed.
func (p *proof) compareClocks(ctx context.Context) error {
	ahead, err := p.ahead(ctx)
	if err == nil && ahead.Abs() > verdict.Tolerance {
		err = &clockError{ahead}
	}
	return err
}

// ahead is the tenant's clock minus the proof's.
func (p *proof) ahead(ctx context.Context) (time.Duration, error) {
	offset, err := p.Client.Offset(ctx)
	return time.Now().Add(offset).Sub(p.now()), err
}

// ofClocks are the codes that a wrong clock leads to: one-time codes are of another time, tokens not yet
// or no longer good.
var ofClocks = []verdict.Code{
	verdict.CredentialRejected, verdict.TokenNotVerified, verdict.TokenRevoked, verdict.SessionNotAlive, verdict.SessionProbeRefused, verdict.Unknown,
}

// blameClock looks whether a clock that jumped is behind a failure. One that cannot be asked is not.
func (p *proof) blameClock(ctx context.Context, failure *verdict.Failure) {
	if ctx.Err() != nil || p.Client == nil || !slices.Contains(ofClocks, failure.Code) {
		return
	}
	if ahead, err := p.ahead(ctx); err == nil && ahead.Abs() > verdict.Tolerance {
		failure.Code, failure.Text = verdict.ClockJumped, (&clockError{ahead}).Error()+"; that broke the flow: "+failure.Text
	}
}
