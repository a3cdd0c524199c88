package pool

import (
	"context"
	"fmt"
	"sync"
)

// Leases keep what only one may use at a time. The zero Leases is ready for use, by several goroutines.
type Leases struct {
	mu   sync.Mutex
	held map[string]*lease
}

// lease is something that is in use.
type lease struct {
	holder string
	over   chan struct{} // closed when it is let go
}

// Take waits until nobody has a thing, and takes it for holder. waiting, when not nil, is told whose it is,
// each time that somebody else has it. The returned func lets it go; calling that twice is harmless.
//
// Who takes several takes them in one order everywhere (admin, role, context): two that wait for one another
// would wait for ever.
func (l *Leases) Take(ctx context.Context, thing, holder string, waiting func(why string)) (release func(), err error) {
	for {
		other := l.try(thing, holder)
		if other == nil {
			return sync.OnceFunc(func() { l.release(thing) }), nil
		}
		if waiting != nil {
			waiting(fmt.Sprintf("%s, which %s uses", thing, other.holder))
		}
		select {
		case <-other.over:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s, which %s uses: %w", thing, other.holder, context.Cause(ctx))
		}
	}
}

// try takes a thing, or returns who has it.
func (l *Leases) try(thing, holder string) *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.held[thing]; other != nil {
		return other
	}
	if l.held == nil {
		l.held = map[string]*lease{}
	}
	l.held[thing] = &lease{holder: holder, over: make(chan struct{})}
	return nil
}

func (l *Leases) release(thing string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.held[thing].over)
	delete(l.held, thing)
}
