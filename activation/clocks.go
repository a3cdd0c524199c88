package activation

import (
	"context"
	"fmt"
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
	offset, err := p.Client.Offset(ctx)
	if err != nil {
		return err
	}
	if ahead := time.Now().Add(offset).Sub(p.now()); ahead.Abs() > verdict.Tolerance {
		return &clockError{ahead}
	}
	return nil
}
