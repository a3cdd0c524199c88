package suite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
)

const (
	// probeAge is how old the last authentication has to be for a probe to tell anything: within the
	// windows of Conditional Access (five minutes) and PIM (ten; both documented) a policy that acts
	// refuses nothing.
	probeAge = 11 * time.Minute
	// probeEvery is the pause between two probes, by the tenant's clock: each is a row of its log.
	probeEvery = 30 * time.Second
)

// effect is a change that a silent request for a token shows.
type effect struct {
	made    time.Time // by the tenant's clock
	what    string    // "policy ID"
	context string
	refused bool // the token is refused once the change is in force; else granted
}

// noteChange remembers when the tenant was last changed, and what shows that it obeys; see settle.
func (w *world) noteChange(_ context.Context, change fixtures.Change) (bool, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = w.clock.Now()
	for refused, contexts := range map[bool][]string{true: change.Refused, false: change.Granted} {
		for _, id := range contexts {
			w.effects = append(w.effects, effect{w.changed, change.Operation + " " + change.ID, id, refused})
		}
	}
	return true, "", nil
}

// settle waits until what the fixtures changed is obeyed, and tells how long it took. That Graph
// shows a change does not mean that the sign-in host obeys it yet, and a session that was primed
// before it does would make the first step-up look like "every time". What can be probed is; of the
// rest nothing says when it is obeyed (observed: some minutes), so the tenant file does. An embedded
// tenant obeys at once, unless its file names waits.propagation: then it is one that was told to lag.
func (w *world) settle(ctx context.Context, tell func(text string)) error {
	w.mu.Lock()
	changed, effects := w.changed, w.effects
	w.mu.Unlock()
	if changed.IsZero() || w.place.propagation == 0 {
		return nil
	}
	if len(effects) > 0 && w.person == nil {
		if err := w.probeEffects(ctx, tell); err != nil {
			return err
		}
	}
	return w.rest(ctx, nil, changed.Add(w.place.propagation), "the tenant to obey what was changed")
}

// probeEffects signs the admin in, lets the authentication grow old, and asks silently for each
// context until the answer is as the changes have it. A later change of the same context counts.
func (w *world) probeEffects(ctx context.Context, tell func(text string)) error {
	session, signedIn, err := w.agedSession(ctx)
	if err != nil {
		return fmt.Errorf("probe what was changed: %w", err)
	}
	defer w.turn.Leave()
	defer func() { _ = session.Close(context.WithoutCancel(ctx)) }() // the browser is closed, too
	w.mu.Lock()
	effects := w.effects
	w.effects = nil
	w.mu.Unlock()
	last := map[string]effect{}
	for _, e := range effects {
		last[e.context] = e
	}
	for _, e := range effects {
		if last[e.context] != e {
			continue
		}
		if err := w.awaitEffect(ctx, session, signedIn, e); err != nil {
			return err
		}
		tell(fmt.Sprintf("%s is in force: seen %s after the change", e.what, w.clock.Now().Sub(e.made).Round(time.Second)))
	}
	return nil
}

// agedSession is a session of the admin whose last authentication is older than both windows.
func (w *world) agedSession(ctx context.Context) (*browser.Session, signin.Result, error) {
	session, signedIn, err := w.signedInSession(ctx, entra.SignIn{NoPictures: true, PageTimeout: w.place.pageWithin})
	if err != nil {
		return nil, signin.Result{}, err
	}
	if err := w.rest(ctx, session, w.clock.Now().Add(probeAge), "the sign-in to be older than both re-use windows, so that a probe tells"); err != nil {
		_ = session.Close(context.WithoutCancel(ctx)) // the error says more
		w.turn.Leave()
		return nil, signin.Result{}, err
	}
	return session, signedIn, nil
}

// awaitEffect probes for as long as the tenant file lets a change take, by the tenant's clock.
func (w *world) awaitEffect(ctx context.Context, session *browser.Session, signedIn signin.Result, e effect) error {
	until := w.clock.Now().Add(w.place.propagation)
	for {
		granted, seen, err := w.probeContext(ctx, session, signedIn, e.context)
		switch {
		case err != nil:
			return fmt.Errorf("probe what was changed: %w", err)
		case granted != e.refused:
			return nil
		case !until.After(w.clock.Now()):
			return &await.TimeoutError{What: e.what + " to take effect (waits.propagation)", LastSeen: seen, Within: w.place.propagation}
		}
		next := w.clock.Now().Add(probeEvery)
		if err := w.rest(ctx, session, next, fmt.Sprintf("%s to take effect (%s; until %s), next probe", e.what, seen, until.Format(time.TimeOnly))); err != nil {
			return err
		}
	}
}

// probeContext asks silently for a token with the context. A session that has ended tells nothing.
func (w *world) probeContext(ctx context.Context, session *browser.Session, signedIn signin.Result, id string) (granted bool, seen string, err error) {
	result, err := w.client.SignIn(ctx, entra.Silent{Session: session, Timeout: w.place.pageWithin}, signin.Request{
		Claims: tokens.ClaimsRequest{Contexts: []string{id}, CP1: true}, Prompt: "none", LoginHint: w.admin.UPN, SessionID: signedIn.ID.SessionID,
	})
	var refused *signin.Error
	switch {
	case err == nil:
		return result.AccessClaims.HasContext(id), "a token with " + id + " is given silently", nil
	case errors.As(err, &refused) && !refused.SessionDead():
		return false, fmt.Sprintf("a token with %s is refused, AADSTS%d", id, refused.AADSTS), nil
	}
	return false, "", err
}
