package suite

import (
	"context"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
)

// doneWith closes the session of a proof, unless somebody may want to look at it first.
func (w *world) doneWith(ctx context.Context, session *browser.Session) {
	w.mu.Lock()
	if w.lingers {
		w.open = append(w.open, session)
		session = nil
	}
	w.mu.Unlock()
	if session != nil {
		_ = session.Close(context.WithoutCancel(ctx)) // the browser is closed, too, when the run ends
	}
}

// closeSessions closes those that were kept.
func (w *world) closeSessions(ctx context.Context) {
	w.mu.Lock()
	open := w.open
	w.open = nil
	w.mu.Unlock()
	for _, session := range open {
		_ = session.Close(context.WithoutCancel(ctx)) // as above
	}
}

// slowDown has a person see what is done in the browser. The pauses count against no deadline.
func (t *target) slowDown(running fenced) {
	if pause := t.options.SlowMotion; pause > 0 {
		clock := patientClock{await.Machine()}
		running.BeforeEach(func(ctx context.Context) error {
			return clock.Wait(ctx, clock.Now().Add(pause), "slow motion")
		})
	}
}
