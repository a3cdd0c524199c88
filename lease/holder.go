package lease

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Holder has some things until it ends. One goroutine at a time uses it.
type Holder struct {
	manager *Manager
	name    string
	need    Need
	told    func(why string)

	// All below belong to the manager's mutex.
	begun  bool
	over   bool
	has    []Thing
	claims Thing         // what it waits for, while given is there and it has begun
	given  chan struct{} // closed when it gets what it waits for; nil while it runs and once waited
	said   string
	leave  func() // counts it out of those that share the clock; nil while it is not counted
}

// CycleError says that a claim would wait for somebody who waits for the claimant.
type CycleError struct {
	Thing Thing
	// Path says who has the thing, what that one waits for, who has that, and so on to the claimant.
	Path []string
}

// Error names everybody in the circle.
func (e *CycleError) Error() string {
	return fmt.Sprintf("%s cannot be waited for, because it would be for ever: %s", e.Thing, strings.Join(e.Path, ", "))
}

// Has lists what the holder has, in the order in which it got it.
func (h *Holder) Has() []Thing {
	h.manager.mu.Lock()
	defer h.manager.mu.Unlock()
	return slices.Clone(h.has)
}

// Claim waits until the thing is the holder's; at once where it is already. told is as in Acquire. The error
// is a *CycleError, and nothing is waited for, where the wait would never end; else the cause with which
// ctx ended.
func (h *Holder) Claim(ctx context.Context, t Thing, told func(why string)) error {
	m := h.manager
	m.mu.Lock()
	if m.had[t] == h {
		m.mu.Unlock()
		return nil
	}
	if m.had[t] == nil {
		m.giveLocked(h, t)
		m.mu.Unlock()
		return nil
	}
	if path := m.circleLocked(h, t); path != nil {
		m.mu.Unlock()
		return &CycleError{Thing: t, Path: path}
	}
	given := make(chan struct{})
	h.claims, h.given, h.told, h.said = t, given, told, ""
	m.claims = append(m.claims, h)
	h.sayLocked(m.takenLocked(t, nil))
	h.partLocked()
	m.mu.Unlock()
	select {
	case <-given:
		return nil
	case <-ctx.Done():
		return h.giveUp(ctx)
	}
}

// giveUp takes a claim back, unless the thing was given meanwhile.
func (h *Holder) giveUp(ctx context.Context) error {
	m := h.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.given == nil {
		return nil
	}
	m.claims = slices.DeleteFunc(m.claims, func(other *Holder) bool { return other == h })
	h.given = nil
	h.joinLocked()
	return fmt.Errorf("wait for %s: %w", h.claims, context.Cause(ctx))
}

// circleLocked says who waits for whom where a claim would close a circle; nil where it would not. Each
// holder waits for one thing at the most, so that there is one way to follow; and nobody who has not begun
// is on it, for such a one has nothing.
func (m *Manager) circleLocked(h *Holder, t Thing) (path []string) {
	for by := m.had[t]; by != nil; by = m.had[t] {
		if by == h {
			return append(path, fmt.Sprintf("%q has %s", h.name, t))
		}
		path = append(path, fmt.Sprintf("%q has %s", by.name, t))
		if !slices.Contains(m.claims, by) {
			return nil
		}
		t = by.claims
	}
	return nil
}

// Try takes a thing that nobody has, and reports whether the holder has it now. It waits for nobody.
func (h *Holder) Try(t Thing) bool {
	m := h.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.had[t] == nil {
		m.giveLocked(h, t)
	}
	return m.had[t] == h
}

// Release lets one thing go before the end. What the holder has not got is left alone.
func (h *Holder) Release(t Thing) {
	m := h.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.had[t] != h {
		return
	}
	h.has = slices.DeleteFunc(h.has, func(other Thing) bool { return other == t })
	delete(m.had, t)
	m.freeLocked()
}

// End lets everything go. A second call does nothing. Whoever gets something of it shares the clock before
// the holder leaves it; where more are expected, its place there is kept for the next.
func (h *Holder) End() {
	m := h.manager
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.over {
		return
	}
	h.over = true
	m.holding--
	for _, t := range h.has {
		delete(m.had, t)
	}
	h.has = nil
	m.freeLocked()
	if h.leave != nil && len(m.seats) < m.coming {
		m.seats = append(m.seats, h.leave)
		h.leave = nil
	}
	h.partLocked()
}

// Share counts the holder among those that share the clock, unless it is, and returns what counts it out: for
// a holder that waits for something of which the manager knows nothing.
func (h *Holder) Share() (leave func()) {
	h.manager.mu.Lock()
	defer h.manager.mu.Unlock()
	h.joinLocked()
	return func() {
		h.manager.mu.Lock()
		defer h.manager.mu.Unlock()
		h.partLocked()
	}
}

// sayLocked tells for what and for whom the holder waits, once for each answer.
func (h *Holder) sayLocked(why string) {
	if h.told != nil && why != h.said {
		h.told(why)
	}
	h.said = why
}

// joinLocked counts the holder among those that share the clock.
func (h *Holder) joinLocked() {
	if h.leave == nil && h.manager.Join != nil {
		h.leave = h.manager.Join()
	}
}

// partLocked counts it out.
func (h *Holder) partLocked() {
	if h.leave != nil {
		h.leave()
		h.leave = nil
	}
}
