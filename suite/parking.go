package suite

import (
	"context"
	"time"

	"github.com/reprompt/reprompt/activation"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/pool"
)

// second reports whether a proof uses the browser beside its own session. Such a one keeps its session, its place
// and its admin while it waits.
func (w *world) second(request activation.Request) bool {
	return request.Beside != nil || w.approver != nil
}

// enterFor waits for the places at the browser that a proof needs.
func (w *world) enterFor(ctx context.Context, request activation.Request) error {
	if w.turn != nil && w.second(request) {
		w.turn.Leave()
		w.turn.Places = 2
	}
	return w.enter(ctx)
}

// turnOf is the turn of a proof in a session; nil where it is alone, or keeps what it has.
func (w *world) turnOf(session *browser.Session, request activation.Request) activation.Turn {
	if w.turn == nil || w.second(request) {
		return nil
	}
	return parking{w.turn, session, w.free}
}

// parking is a turn that parks the session of a proof that only waits.
type parking struct {
	*pool.Turn
	session *browser.Session
	free    func() // takes the place of Turn.Free; nil: that
}

// Free implements activation.Turn.
func (p parking) Free() {
	if p.free == nil {
		p.Turn.Free()
		return
	}
	p.free()
}

// Rest implements activation.Turn.
func (p parking) Rest(ctx context.Context, until time.Time, why string) error {
	if err := p.session.Park(ctx); err != nil {
		return err
	}
	if err := patientRest(ctx, p.Turn, until, why); err != nil {
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
		return patientRest(ctx, w.turn, until, why)
	}
	return parking{Turn: w.turn, session: session}.Rest(ctx, until, why)
}

// patientRest counts against no deadline of a scenario, in the line neither.
func patientRest(ctx context.Context, turn *pool.Turn, until time.Time, why string) error {
	defer uncounted(ctx)()
	return turn.Rest(ctx, until, why)
}

// enter waits for a place at the browser; that counts against no deadline of a scenario.
func (w *world) enter(ctx context.Context) error {
	defer uncounted(ctx)()
	return w.turn.Enter(ctx)
}
