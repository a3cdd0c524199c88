package suite

import (
	"context"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/pool"
)

// turnOf is the turn of a proof in a session; nil where it is alone.
func (w *world) turnOf(session *browser.Session) activation.Turn {
	if w.turn == nil {
		return nil
	}
	return parking{w.turn, session}
}

// parking is a turn that parks the session of a proof that only waits.
type parking struct {
	*pool.Turn
	session *browser.Session
}

// Rest implements activation.Turn.
func (p parking) Rest(ctx context.Context, until time.Time, why string) error {
	if err := p.session.Park(ctx); err != nil {
		return err
	}
	if err := p.Turn.Rest(ctx, until, why); err != nil {
		return err
	}
	return p.session.Resume(ctx)
}

// rest waits while nothing of a session is used; nil: none is open.
func (w *world) rest(ctx context.Context, session *browser.Session, until time.Time, why string) error {
	switch {
	case w.turn == nil || !until.After(w.clock.Now()):
		return w.clock.Wait(ctx, until, why)
	case session == nil:
		return w.turn.Rest(ctx, until, why)
	}
	return parking{w.turn, session}.Rest(ctx, until, why)
}
