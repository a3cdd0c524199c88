package lease

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Thing is what one holder at a time has.
type Thing struct {
	Kind string // for people: "test admin", "role"
	ID   string // what tells it from others of its kind, for people, too
}

// String names it for people.
func (t Thing) String() string { return t.Kind + " " + t.ID }

// Need is what a holder begins with: all of All, and one of Any, whichever is free first. An empty Any
// wants none.
type Need struct {
	All, Any []Thing
	// Rank is the place in the line of those who have not begun: the least comes first, and among equals who
	// came first.
	Rank int
	// Quiet says nothing while only one of Any is waited for.
	Quiet bool
}

// Manager knows who has what. The zero Manager is ready for use. It may be used by several goroutines.
type Manager struct {
	// Join counts somebody among those that share the tenant's clock and returns what counts it out; nil
	// where nobody has to be counted. It is set before the first use and must not call back.
	Join func() (leave func())
	// AtOnce is how many holders there are at a time; 0: any number. It is set before the first use.
	AtOnce int

	mu       sync.Mutex
	had      map[Thing]*Holder
	claims   []*Holder // holders that wait, the longest first
	starters []*Holder // who has not begun, the longest waiting first
	coming   int       // who is still expected
	missing  int       // who has to come before anybody begins
	holding  int       // holders that have begun and not ended
	seats    []func()  // what counts out each that joined for somebody who is expected
}

// Expect says how many holders are still to come, and how many of them at a time: those share the clock
// already, so that it does not move on while nobody but they have not begun. Each Acquire, and each Pass, is
// one that came. Expect(0, 0) expects nobody any more.
func (m *Manager) Expect(coming, atOnce int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coming = coming
	for len(m.seats) < min(coming, atOnce) && m.Join != nil {
		m.seats = append(m.seats, m.Join())
	}
	m.trimLocked()
}

// Gather has nobody begin before as many of those who are expected have come, or passed: so the order is that of
// their ranks, not the one in which they happen to come. Gather(0) waits for nobody.
func (m *Manager) Gather(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missing = n
	m.startLocked()
}

// Pass says that one who was expected does not come.
func (m *Manager) Pass() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cameLocked()
	m.startLocked()
	m.trimLocked()
}

func (m *Manager) cameLocked() {
	m.coming, m.missing = max(0, m.coming-1), max(0, m.missing-1)
}

// trimLocked gives up seats for which nobody comes.
func (m *Manager) trimLocked() {
	for len(m.seats) > m.coming {
		m.takeSeatLocked()()
	}
}

// takeSeatLocked is what counts out somebody who joined for a newcomer, or who joins now.
func (m *Manager) takeSeatLocked() (leave func()) {
	if n := len(m.seats); n > 0 {
		leave, m.seats = m.seats[n-1], m.seats[:n-1]
		return leave
	}
	if m.Join == nil {
		return func() {}
	}
	return m.Join()
}

// Acquire waits until everything of the need is free, and gives it to a holder of that name, whom the caller
// ends. told, when not nil, is told for what and for whom it waits, again whenever that changes, and must not
// call back. The error is the cause with which ctx ended.
func (m *Manager) Acquire(ctx context.Context, name string, need Need, told func(why string)) (*Holder, error) {
	h := &Holder{manager: m, name: name, need: need, told: told, given: make(chan struct{})}
	m.mu.Lock()
	m.cameLocked()
	h.leave = m.takeSeatLocked()
	m.trimLocked()
	m.lineUpLocked(h)
	m.startLocked()
	if !h.begun {
		h.partLocked()
	}
	given := h.given
	m.mu.Unlock()
	select {
	case <-given:
		return h, nil
	case <-ctx.Done():
		return m.giveUp(ctx, h)
	}
}

// lineUpLocked puts who has not begun into the line.
func (m *Manager) lineUpLocked(h *Holder) {
	behind := slices.IndexFunc(m.starters, func(other *Holder) bool { return other.need.Rank > h.need.Rank })
	if behind < 0 {
		behind = len(m.starters)
	}
	m.starters = slices.Insert(m.starters, behind, h)
}

// giveUp takes who has not begun out of the line, unless it has begun meanwhile.
func (m *Manager) giveUp(ctx context.Context, h *Holder) (*Holder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h.begun {
		return h, nil
	}
	m.starters = slices.DeleteFunc(m.starters, func(other *Holder) bool { return other == h })
	m.startLocked()
	return nil, fmt.Errorf("wait for a lease: %w", context.Cause(ctx))
}

// startLocked lets those begin for whom everything is free, in the order of the line. What one who
// has to wait will need is kept for it.
func (m *Manager) startLocked() {
	if m.missing > 0 {
		return
	}
	kept := map[Thing]*Holder{}
	for _, h := range slices.Clone(m.starters) {
		if m.AtOnce > 0 && m.holding >= m.AtOnce {
			return
		}
		things, waits := m.offerLocked(h.need, kept)
		if waits == nil {
			m.starters = slices.DeleteFunc(m.starters, func(other *Holder) bool { return other == h })
			m.beginLocked(h, things)
			continue
		}
		for _, t := range h.need.All {
			if kept[t] == nil {
				kept[t] = h
			}
		}
		if why := strings.Join(waits, ", and "); why != "" {
			h.sayLocked(why)
		}
	}
}

// offerLocked is what a need would get, or for what and for whom it has to wait: not nil then, and empty where
// nobody is told.
func (m *Manager) offerLocked(need Need, kept map[Thing]*Holder) (things []Thing, waits []string) {
	for _, t := range need.All {
		if why := m.takenLocked(t, kept); why != "" {
			waits = append(waits, why)
		}
	}
	free := slices.IndexFunc(need.Any, func(t Thing) bool { return m.had[t] == nil && kept[t] == nil })
	switch {
	case free >= 0:
		things = append(things, need.Any[free])
	case len(need.Any) > 0 && need.Quiet && waits == nil:
		waits = []string{}
	case len(need.Any) > 0:
		var busy []string
		for _, t := range need.Any {
			busy = append(busy, m.takenLocked(t, kept))
		}
		waits = append(waits, strings.Join(busy, ", or "))
	}
	return append(things, need.All...), waits
}

// takenLocked says who has a thing, or for whom it is kept; empty where it is free.
func (m *Manager) takenLocked(t Thing, kept map[Thing]*Holder) string {
	if by := m.had[t]; by != nil {
		return fmt.Sprintf("%s, which %q has", t, by.name)
	}
	if by := kept[t]; by != nil {
		return fmt.Sprintf("%s, for which %q waits already", t, by.name)
	}
	return ""
}

func (m *Manager) beginLocked(h *Holder, things []Thing) {
	for _, t := range things {
		m.giveLocked(h, t)
	}
	h.begun = true
	m.holding++
	h.joinLocked()
	close(h.given)
}

func (m *Manager) giveLocked(h *Holder, t Thing) {
	if m.had == nil {
		m.had = map[Thing]*Holder{}
	}
	m.had[t] = h
	h.has = append(h.has, t)
}

// freeLocked gives on what became free: to those who claim it first.
func (m *Manager) freeLocked() {
	var still []*Holder
	for _, h := range m.claims {
		if by := m.had[h.claims]; by != nil {
			h.sayLocked(m.takenLocked(h.claims, nil))
			still = append(still, h)
			continue
		}
		m.giveLocked(h, h.claims)
		h.joinLocked()
		close(h.given)
		h.given = nil
	}
	m.claims = still
	m.startLocked()
}
