package await

import (
	"context"
	"fmt"
	"time"
)

// look is how often a waiting clock compares the instants anew. A single long timer would not do:
// a timer stands still while a laptop is asleep, and the offset may be measured anew meanwhile.
const look = time.Second

// Clock is the tenant's clock.
type Clock interface {
	// Now is the tenant's time, UTC.
	Now() time.Time
	// Wait returns nil once Now is until or later, at once when it is already. It returns an error
	// that wraps ctx.Err() when ctx ends first. why says what for, for people: "the re-use window
	// to pass".
	Wait(ctx context.Context, until time.Time, why string) error
}

// Machine is the machine's own clock: a RealClock with no offset and no progress.
func Machine() Clock { return RealClock{} }

// RealClock is the machine's clock plus an offset; it really waits. It may be used by several
// goroutines when its funcs may.
type RealClock struct {
	// Offset is the tenant's time minus the machine's; nil means 0. It is asked at every use.
	Offset func() time.Duration
	// Progress, when not nil, is called at the start of a wait and then once a second with the time
	// that remains, always more than 0.
	Progress func(why string, remaining time.Duration)
}

// Now is the machine's time plus the offset.
func (c RealClock) Now() time.Time { return machineNow().Add(c.offset()) }

// Wait waits in real time; see Clock.
func (c RealClock) Wait(ctx context.Context, until time.Time, why string) error {
	for {
		remaining := until.Sub(c.Now())
		if remaining <= 0 {
			return nil
		}
		if c.Progress != nil {
			c.Progress(why, remaining)
		}
		if err := pause(ctx, min(remaining, look), nil); err != nil {
			return waitEnded(until, why, err)
		}
	}
}

func (c RealClock) offset() time.Duration {
	if c.Offset == nil {
		return 0
	}
	return c.Offset()
}

// machineNow is the wall clock without Go's monotonic reading, which stands still while the
// machine is asleep and would make a wait too long.
func machineNow() time.Time { return time.Now().UTC().Round(0) }

// pause returns nil after d or when changed is closed, and ctx.Err() when ctx ends first.
func pause(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
		return nil
	case <-timer.C:
		return nil
	}
}

func waitEnded(until time.Time, why string, err error) error {
	return fmt.Errorf("wait until %s for %s: %w", until.UTC().Format(time.RFC3339), why, err)
}
