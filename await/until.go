package await

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// everyDefault is how often Until looks when Options.Every is empty: often enough that a person
// sees no delay, rarely enough for an API that counts requests.
const everyDefault = 200 * time.Millisecond

// Probe looks once. It returns the value when done; otherwise lastSeen says in a few words what
// was there instead, for the error of an await that ends in vain. An error ends the await at
// once, so a probe answers a fault that may pass with done false and the fault in lastSeen.
type Probe[T any] func(ctx context.Context) (v T, done bool, lastSeen string, err error)

// Options say what is awaited and how patiently, by the machine's clock.
type Options struct {
	What   string        // what is awaited, for people: "the role to become active"
	Within time.Duration // how long; must be more than 0, because an await without an end is a defect
	Every  time.Duration // pause between two looks; empty means 200 ms
}

// TimeoutError is the end of an await in vain.
type TimeoutError struct {
	What     string        // what was awaited
	LastSeen string        // what the last probe saw instead
	Within   time.Duration // how long it was awaited
}

// Error says what was awaited, for how long, and what was seen last.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("waited %s for %s; last seen: %s", e.Within, e.What, orNothing(e.LastSeen))
}

// Until calls p at once and then every o.Every, until it is done. It returns what p returned, a
// *TimeoutError when o.Within is over, an error that wraps ctx.Err() when ctx ended first, and
// otherwise p's own error, wrapped. The context that p gets ends with o.Within.
func Until[T any](ctx context.Context, o Options, p Probe[T]) (T, error) {
	var zero T
	if o.Within <= 0 {
		return zero, fmt.Errorf("await %s: Options.Within is %s; give it a time to end", o.What, o.Within)
	}
	within, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
	pause := time.NewTicker(orDefault(o.Every))
	defer pause.Stop()

	last := ""
	for {
		v, done, seen, err := p(within)
		if seen != "" {
			last = seen
		}
		switch {
		case err != nil && within.Err() != nil && errors.Is(err, within.Err()):
			return zero, ended(ctx, o, last)
		case err != nil:
			return zero, fmt.Errorf("await %s: %w", o.What, err)
		case done:
			return v, nil
		}
		select {
		case <-within.Done():
			return zero, ended(ctx, o, last)
		case <-pause.C:
		}
	}
}

// ended tells the caller's end from the await's own.
func ended(ctx context.Context, o Options, last string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("await %s (last seen: %s): %w", o.What, orNothing(last), err)
	}
	return &TimeoutError{What: o.What, LastSeen: last, Within: o.Within}
}

func orDefault(every time.Duration) time.Duration {
	if every <= 0 {
		return everyDefault
	}
	return every
}

func orNothing(seen string) string {
	if seen == "" {
		return "nothing yet"
	}
	return seen
}
