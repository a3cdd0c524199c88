package browser

import "context"

// aheadOf is a session that nobody has asked for yet.
type aheadOf struct{ session *Session }

// OpenAhead opens a session with a blank tab while something else goes on that needs none: the next NewSession
// returns that session, and its first NewTab that tab. What does not come about is opened when it is asked for.
// It does not wait, and goes on until Close.
func (b *Browser) OpenAhead(ctx context.Context) {
	ahead := make(chan aheadOf, 1)
	b.mu.Lock()
	b.ahead = ahead
	b.mu.Unlock()
	ctx = context.WithoutCancel(ctx)
	b.aheads.Go(func() {
		s, err := b.newSession(ctx)
		if err != nil {
			ahead <- aheadOf{}
			return
		}
		spare := make(chan *Tab, 1)
		s.mu.Lock()
		s.spare = spare
		s.mu.Unlock()
		ahead <- aheadOf{s}
		tab, _ := s.openTab(ctx) // nil: NewTab opens one, and has the error
		spare <- tab
	})
}

// takeAhead is the session that was opened ahead; nil where there is none, or it is over already.
func (b *Browser) takeAhead(ctx context.Context) *Session {
	b.mu.Lock()
	ahead := b.ahead
	b.ahead = nil
	b.mu.Unlock()
	if ahead == nil {
		return nil
	}
	select {
	case made := <-ahead:
		if made.session != nil {
			if _, _, err := made.session.context(); err != nil {
				return nil
			}
		}
		return made.session
	case <-ctx.Done():
		return nil
	}
}

// takeSpare is the tab that was opened ahead; nil where there is none.
func (s *Session) takeSpare(ctx context.Context) *Tab {
	s.mu.Lock()
	spare := s.spare
	s.spare = nil
	s.mu.Unlock()
	if spare == nil {
		return nil
	}
	select {
	case tab := <-spare:
		if tab != nil {
			select {
			case <-tab.Closed():
				return nil
			default:
			}
		}
		return tab
	case <-ctx.Done():
		return nil
	}
}
