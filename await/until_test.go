package await_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reprompt/reprompt/await"
)

// after is a probe that is done at its nth look and says which look it was.
func after(n int, looks *int) await.Probe[string] {
	return func(context.Context) (string, bool, string, error) {
		*looks++
		return "value", *looks >= n, fmt.Sprintf("look %d", *looks), nil
	}
}

// In these tests time is a bubble's: it stands still until every goroutine waits, then jumps.

func TestUntilReturnsTheValueAtTheFirstLookThatIsDone(t *testing.T) {
	for _, row := range []struct {
		name  string
		every time.Duration
		done  int
		want  time.Duration
	}{
		{"at once", time.Second, 1, 0},
		{"after two pauses", time.Second, 3, 2 * time.Second},
		{"after two pauses of the default", 0, 3, 400 * time.Millisecond},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, looks := time.Now(), 0
				got, err := await.Until(t.Context(), await.Options{What: "it", Within: time.Minute, Every: row.every}, after(row.done, &looks))
				if err != nil || got != "value" {
					t.Fatalf("Until = %q, %v", got, err)
				}
				if looks != row.done || time.Since(start) != row.want {
					t.Errorf("%d looks in %s, want %d in %s", looks, time.Since(start), row.done, row.want)
				}
			})
		})
	}
}

func TestUntilInVainReportsWhatWasSeenLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, looks := time.Now(), 0
		_, err := await.Until(t.Context(), await.Options{What: "the role to become active", Within: 20 * time.Second, Every: 8 * time.Second}, after(99, &looks))
		var timeout *await.TimeoutError
		if !errors.As(err, &timeout) {
			t.Fatalf("error is %v, want a TimeoutError", err)
		}
		if want := "waited 20s for the role to become active; last seen: look 3"; err.Error() != want {
			t.Errorf("error is %q, want %q", err, want)
		}
		if got := time.Since(start); got != 20*time.Second {
			t.Errorf("ended after %s, want 20s", got)
		}
	})
}

func TestUntilEndsAProbeThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := await.Until(t.Context(), await.Options{What: "an answer", Within: time.Second}, func(ctx context.Context) (int, bool, string, error) {
			<-ctx.Done()
			return 0, false, "", fmt.Errorf("read role: %w", ctx.Err())
		})
		var timeout *await.TimeoutError
		if !errors.As(err, &timeout) || timeout.Error() != "waited 1s for an answer; last seen: nothing yet" {
			t.Errorf("error is %v, want a TimeoutError that saw nothing", err)
		}
	})
}

func TestUntilTellsTheCallersEndFromItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		looks := 0
		_, err := await.Until(ctx, await.Options{What: "it", Within: time.Minute, Every: time.Second}, after(99, &looks))
		var timeout *await.TimeoutError
		if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) {
			t.Errorf("error is %v, want the caller's deadline and no TimeoutError", err)
		}
	})
}

func TestUntilStopsAtAnErrorOfTheProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		looks, broken := 0, errors.New("broken")
		_, err := await.Until(t.Context(), await.Options{What: "it", Within: time.Minute}, func(context.Context) (int, bool, string, error) {
			looks++
			return 0, false, "", broken
		})
		if !errors.Is(err, broken) || err.Error() != "await it: broken" || looks != 1 {
			t.Errorf("after %d looks: %v; want the probe's error after the first", looks, err)
		}
	})
}

func TestUntilRefusesToAwaitWithoutAnEnd(t *testing.T) {
	_, err := await.Until(t.Context(), await.Options{What: "it"}, func(context.Context) (int, bool, string, error) {
		t.Error("the probe was called")
		return 0, true, "", nil
	})
	if err == nil {
		t.Error("Until without Within succeeds")
	}
}
