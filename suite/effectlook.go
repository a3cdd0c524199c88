package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
)

// inForce awaits the effect of a change, of which the fixtures tell once Graph shows it; see effects. That
// Graph shows a change does not mean that the sign-in host obeys it yet, and a session that was primed
// before it does would make the first step-up look like "every time".
func (w *world) inForce(ctx context.Context, change fixtures.Change) error {
	w.mu.Lock()
	w.changed = w.clock.Now()
	watch := w.effects
	if watch == nil {
		watch = w.newEffects()
		w.effects = watch
	}
	w.mu.Unlock()
	if why := w.obeysUnseen(); why != "" {
		watch.tell(evidence.Effect, fmt.Sprintf("%s %s: Graph shows it; not looked for: %s", change.Operation, change.ID, why))
		return nil
	}
	return watch.observe(ctx, change)
}

// obeysUnseen says why no effect is looked for in this world at all; empty where it is.
func (w *world) obeysUnseen() string {
	switch {
	case w.place.propagation == 0:
		return "this tenant obeys at once (it is an embedded one, whose file names no waits.propagation)"
	case w.person != nil:
		return "a person signs in, and nobody is asked just to find out"
	}
	return ""
}

func (w *world) newEffects() *effects {
	return &effects{
		clock: w.clock, within: w.place.propagation, spacing: w.place.looks, open: w.openLooker,
		expected: func(ctx context.Context, change fixtures.Change) ([]fixtures.Expectation, error) {
			return w.fixtures.Expected(ctx, change)
		},
		tell: func(kind, text string) {
			w.tracked().does(text)
			if w.noted != nil {
				w.noted(kind, text)
			}
		},
	}
}

// endEffects closes the session in which effects were looked for: the proof begins, another admin signs in
// from now on, or the scenario is over.
func (w *world) endEffects(ctx context.Context) {
	w.mu.Lock()
	watch := w.effects
	w.mu.Unlock()
	watch.end(ctx)
}

// settle waits until what the fixtures changed is as old as the tenant file lets a change take, before a
// proof. It is for what no look shows: the rules of PIM, and a policy of which a silent request may be
// granted or refused whether it acts or not. It closes the session in which effects were looked for.
func (w *world) settle(ctx context.Context) error {
	w.endEffects(ctx)
	w.mu.Lock()
	changed := w.changed
	w.mu.Unlock()
	if changed.IsZero() || w.place.propagation == 0 {
		return nil
	}
	return w.rest(ctx, nil, changed.Add(w.place.propagation), "the tenant to obey what was changed")
}

// silentLooker is a looker in a session of the browser's.
type silentLooker struct {
	world    *world
	session  *browser.Session
	signedIn signin.Result
	upn      string
}

// openLooker signs the admin in.
func (w *world) openLooker(ctx context.Context) (looker, error) {
	session, signedIn, err := w.signedInSession(ctx, entra.SignIn{NoPictures: true, PageTimeout: w.place.pageWithin})
	if err != nil {
		return nil, err
	}
	return &silentLooker{w, session, signedIn, w.admin.UPN}, nil
}

func (l *silentLooker) rest(ctx context.Context, until time.Time, why string) error {
	if err := l.aside(ctx); err != nil {
		return err
	}
	return l.world.clock.Wait(ctx, until, why)
}

// aside parks the session and leaves the browser to others until the next look: whoever changes the tenant meanwhile
// may come to wait for a role that one of those has.
func (l *silentLooker) aside(ctx context.Context) error {
	if l.world.turn == nil {
		return nil
	}
	defer l.world.turn.Leave()
	return l.session.Park(ctx)
}

func (l *silentLooker) close(ctx context.Context) {
	_ = l.session.Close(context.WithoutCancel(ctx)) // the browser is closed, too, when the run ends
	l.world.turn.Leave()
}

// ask implements looker. A session that has ended tells nothing.
func (l *silentLooker) ask(ctx context.Context, id string) (fixtures.Answer, string, error) {
	request := signin.Request{Claims: tokens.ClaimsRequest{CP1: true}, Prompt: "none", LoginHint: l.upn, SessionID: l.signedIn.ID.SessionID}
	token := "a plain token"
	if id != "" {
		request.Claims.Contexts, token = []string{id}, "a token with "+id
	}
	err := l.world.enter(ctx)
	if err == nil {
		err = l.session.Resume(ctx)
	}
	if err != nil {
		return "", "", err
	}
	result, err := l.world.client.SignIn(ctx, entra.Silent{Session: l.session, Timeout: l.world.place.pageWithin}, request)
	if parked := l.aside(ctx); parked != nil {
		return "", "", parked
	}
	var refused *signin.Error
	switch {
	case err == nil && (id == "" || result.AccessClaims.HasContext(id)):
		return fixtures.AnswerGranted, token + " is given silently", nil
	case err == nil:
		return fixtures.AnswerWithout, "a token without " + id + " is given silently", nil
	case errors.As(err, &refused) && !refused.SessionDead():
		return fixtures.AnswerRefused, fmt.Sprintf("%s is refused, AADSTS%d", token, refused.AADSTS), nil
	}
	return "", "", err
}
