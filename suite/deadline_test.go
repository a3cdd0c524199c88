package suite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reprompt/reprompt/await"
)

func TestStepDeadlineSaysWhatWasWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := newTestProgress(false)
		track := p.start("a scenario")
		track.does("sign in")
		ctx, done := stepContext(t.Context(), t.Context(), "When …", 2*time.Minute, track)
		defer done()
		<-ctx.Done()
		overdue := new(StepDeadlineError)
		if err := context.Cause(ctx); !errors.As(err, &overdue) || !strings.Contains(err.Error(), "2m0s; it was waiting for: sign in") {
			t.Errorf("cause = %v", err)
		}
	})
}

func TestWaitingForTheTenantsClockDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, done := stepContext(t.Context(), t.Context(), "When …", time.Minute, nil)
		defer done()
		clock := patientClock{await.Machine()}
		if err := clock.Wait(ctx, clock.Now().Add(11*time.Minute), "the windows"); err != nil {
			t.Fatalf("the wait was broken off: %v", err)
		}
		began := time.Now()
		<-ctx.Done()
		if got := time.Since(began); got != time.Minute {
			t.Errorf("after the wait the step had %s left, want its whole minute", got)
		}
	})
}

func TestAStepEndsWithItsRunAndNotWithTheStepBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, cancel := context.WithCancelCause(t.Context())
		first, done := stepContext(base, base, "Given …", time.Minute, nil)
		done()
		second, done := stepContext(first, base, "When …", time.Hour, nil)
		defer done()
		clock := await.Machine() // in the bubble no time passes
		if err := clock.Wait(t.Context(), clock.Now().Add(2*time.Minute), "the first deadline to pass"); err != nil {
			t.Fatal(err)
		}
		if second.Err() != nil {
			t.Fatalf("the second step ended with the first: %v", context.Cause(second))
		}
		interrupted := errors.New("interrupted")
		cancel(interrupted)
		<-second.Done()
		if !errors.Is(context.Cause(second), interrupted) {
			t.Errorf("cause = %v", context.Cause(second))
		}
	})
}
