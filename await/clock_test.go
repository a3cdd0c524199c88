package await_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reprompt/reprompt/await"
)

func TestMachineClockWaitsToTheInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := await.Machine()
		start := clock.Now()
		until := start.Add(11*time.Minute + 500*time.Millisecond)
		if err := clock.Wait(t.Context(), until, "the re-use window to pass"); err != nil {
			t.Fatal(err)
		}
		if got := clock.Now(); !got.Equal(until) {
			t.Errorf("woke at %s, want %s", got, until)
		}
		if err := clock.Wait(t.Context(), start, "the past"); err != nil {
			t.Errorf("waiting for the past: %v", err)
		}
		if got := clock.Now(); !got.Equal(until) {
			t.Errorf("waiting for the past took %s", got.Sub(until))
		}
	})
}

func TestClocksAreUTCWithoutMonotonicReading(t *testing.T) {
	now := await.Machine().Now()
	if now.Location() != time.UTC || strings.Contains(now.String(), "m=") {
		t.Errorf("Now is %s, want UTC from the wall clock", now)
	}
}

func TestRealClockIsTheMachinePlusTheOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		offset := -90 * time.Second
		clock := await.RealClock{Offset: func() time.Duration { return offset }}
		if got := clock.Now().Sub(await.Machine().Now()); got != offset {
			t.Errorf("offset is %s, want %s", got, offset)
		}
	})
}

func TestRealClockFollowsAnOffsetThatIsMeasuredAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		clock := await.RealClock{Offset: func() time.Duration {
			if time.Since(start) >= 3*time.Second {
				return time.Hour
			}
			return 0
		}}
		if err := clock.Wait(t.Context(), clock.Now().Add(time.Minute), "it"); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("waited %s, want 3s: until the offset was known", got)
		}
	})
}

func TestRealClockCountsDownOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		clock := await.RealClock{Progress: func(why string, remaining time.Duration) {
			got = append(got, fmt.Sprintf("%s: %s", why, remaining))
		}}
		if err := clock.Wait(t.Context(), clock.Now().Add(2500*time.Millisecond), "the window"); err != nil {
			t.Fatal(err)
		}
		want := []string{"the window: 2.5s", "the window: 1.5s", "the window: 500ms"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("countdown (-want +got):\n%s", diff)
		}
	})
}

func TestRealClockEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(90*time.Second, cancel)
		err := await.Machine().Wait(ctx, start.Add(time.Hour), "the window")
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "for the window") {
			t.Errorf("error is %v, want what was waited for and context canceled", err)
		}
		if got := time.Since(start); got != 90*time.Second {
			t.Errorf("ended after %s, want 90s", got)
		}
	})
}
