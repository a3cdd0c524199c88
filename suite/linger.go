package suite

import (
	"context"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
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

// showPages has the session of the last proof show something: where that broke the page at which it did is
// open still; where it came to its end its tabs are closed, and the portal shows the admin's roles as they
// are now. Nothing is judged by it, and a page that does not come is no failure: whoever looks sees that, too.
func (w *world) showPages(ctx context.Context) {
	w.mu.Lock()
	open := w.open
	w.mu.Unlock()
	if len(open) == 0 || len(open[len(open)-1].Tabs()) > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showPatience)
	defer cancel()
	tab, err := open[len(open)-1].NewTab(ctx)
	if err == nil {
		_, _ = tab.Navigate(ctx, entra.MyRoles(w.place.portal)) // as above
	}
}

// showPatience bounds how long somebody waits for the portal just to look at it.
const showPatience = 15 * time.Second

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
