package browser

import (
	"context"
	"fmt"
	"slices"
)

// Popups delivers the tabs that pages of a session open by themselves.
type Popups struct {
	session *Session
	tabs    *queue[*Tab]
}

// Popups begins to listen. Ask for it before acting; Stop it afterwards.
func (s *Session) Popups() *Popups {
	p := &Popups{session: s, tabs: newQueue[*Tab]()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		p.end(s.over)
		return p
	}
	s.popups = append(s.popups, p)
	return p
}

// Next waits for the next popup.
func (p *Popups) Next(ctx context.Context) (*Tab, error) {
	tab, err := p.tabs.next(ctx)
	if err != nil {
		return nil, fmt.Errorf("await popup: %w", err)
	}
	return tab, nil
}

// Take returns a popup that nobody has taken yet, without waiting.
func (p *Popups) Take() (*Tab, bool) {
	tab, ok, _ := p.tabs.take()
	return tab, ok
}

// Pending reports whether Take would return one.
func (p *Popups) Pending() bool { return p.tabs.pending() }

// Stop ends the listening; a waiting Next fails with ErrClosed.
func (p *Popups) Stop() {
	s := p.session
	s.mu.Lock()
	s.popups = slices.DeleteFunc(s.popups, func(other *Popups) bool { return other == p })
	s.mu.Unlock()
	p.end(ErrClosed)
}

func (p *Popups) add(t *Tab)      { p.tabs.push(t) }
func (p *Popups) end(cause error) { p.tabs.finish(cause) }
