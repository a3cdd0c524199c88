package suite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/evidence"
	"github.com/reprompt/reprompt/fixtures"
	"github.com/reprompt/reprompt/verdict"
)

const (
	// probeAge is how old the last authentication has to be for a look to tell anything: within the
	// windows of Conditional Access (five minutes) and PIM (ten; both documented) a policy that acts
	// refuses nothing.
	probeAge = 11 * time.Minute
	// probeEvery is the pause between two looks at a tenant, by its clock: each is a row of its log.
	probeEvery = 30 * time.Second
)

// effects awaits, after each change of a tenant, that its sign-in host obeys it, and tells how long that
// took. One session of the admin serves all changes of a scenario: a silent request does not make it
// young again, so only the first change waits until it is older than the re-use windows.
type effects struct {
	clock    await.Clock
	within   time.Duration // how long a change may take, from when Graph shows it
	spacing  *spacing
	expected func(ctx context.Context, change fixtures.Change) ([]fixtures.Expectation, error)
	open     func(ctx context.Context) (looker, error) // signs the admin in
	tell     func(kind, text string)                   // kind is one of evidence.Effect…

	mu   sync.Mutex
	look looker // nil until it is needed, and once its session has ended
	// cannot says why no answer would tell anything; empty while one would.
	cannot string
}

// looker is a session of the admin that asks silently for tokens.
type looker interface {
	// ask asks for a token with a context, or, empty, for a plain one. seen says what was answered. The
	// error is of a look that came to no answer.
	ask(ctx context.Context, contextID string) (answer fixtures.Answer, seen string, err error)
	// rest waits, and leaves the place at the browser to others meanwhile.
	rest(ctx context.Context, until time.Time, why string) error
	close(ctx context.Context)
}

// spacing keeps the looks at one tenant apart, over all scenarios on it.
type spacing struct {
	mu   sync.Mutex
	next time.Time // the earliest instant that is not taken yet
}

// take is when the caller may look.
func (s *spacing) take(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now
	if s.next.After(at) {
		at = s.next
	}
	s.next = at.Add(probeEvery)
	return at
}

// NotInForceError says that a tenant did not obey a change in time. Nothing can be proved on it.
type NotInForceError struct {
	Object string // "policy ID"
	Code   verdict.Code
	err    error
}

// Error begins with the code and names the object.
func (e *NotInForceError) Error() string { return fmt.Sprintf("%s: %v", e.Code, e.err) }

// Unwrap returns the *await.TimeoutError.
func (e *NotInForceError) Unwrap() error { return e.err }

// observe returns once a change that Graph shows is in force: its error is a *NotInForceError when that
// takes too long.
func (e *effects) observe(ctx context.Context, change fixtures.Change) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	made, what := e.clock.Now(), change.Operation+" "+change.ID
	expected, err := e.expected(ctx, change)
	if err != nil {
		return fmt.Errorf("await the effect of %s: %w", what, err)
	}
	if len(expected) == 0 {
		e.tell(evidence.Effect, what+": Graph shows it; no silent request shows whether the tenant obeys it")
		return nil
	}
	for _, one := range expected {
		err = e.await(ctx, change, what, one, made)
		if err != nil {
			e.tell(evidence.EffectNotSeen, fmt.Sprintf("effect of %s not seen: %v", what, err))
			return err
		}
	}
	return nil
}

// await looks until one context is answered as it has to be. What has to be is read anew before each
// look but the first, since something else may be changed meanwhile.
func (e *effects) await(ctx context.Context, change fixtures.Change, what string, want fixtures.Expectation, made time.Time) error {
	until, last := made.Add(e.within), ""
	for looks := 1; ; looks++ {
		if want.Answer != fixtures.AnswerNone {
			if err := e.ready(ctx, what, last, until); err != nil {
				return err
			}
		}
		if why := e.untold(want); why != "" {
			e.tell(evidence.Effect, fmt.Sprintf("%s: Graph shows it; not looked for: %s", what, why))
			return nil
		}
		answer, seen, err := e.once(ctx, want.Context)
		now := e.clock.Now()
		switch {
		case err != nil:
			return fmt.Errorf("look for the effect of %s: %w", what, err)
		case answer == want.Answer:
			e.tell(evidence.EffectSeen, fmt.Sprintf("effect of %s seen %s after Graph showed it%s: %s, for %s", what, now.Sub(made).Round(time.Second), atFirstLook(looks), seen, want.Why))
			return nil
		case !until.After(now):
			return &NotInForceError{Object: what, Code: verdict.TenantNotReady, err: &await.TimeoutError{
				What: fmt.Sprintf("%s to take effect (waits.propagation; it should be %s: %s)", what, want.Answer, want.Why), LastSeen: seen, Within: e.within,
			}}
		}
		last = seen
		if want, err = e.again(ctx, change, want); err != nil {
			return fmt.Errorf("await the effect of %s: %w", what, err)
		}
	}
}

// atFirstLook says that the effect may have been there before.
func atFirstLook(looks int) string {
	if looks == 1 {
		return ", at the first look"
	}
	return ""
}

// untold says why a look would tell nothing; empty where one tells.
func (e *effects) untold(want fixtures.Expectation) string {
	if want.Answer == fixtures.AnswerNone {
		return want.Why
	}
	return e.cannot
}

// again is what is expected now of the context of an expectation.
func (e *effects) again(ctx context.Context, change fixtures.Change, want fixtures.Expectation) (fixtures.Expectation, error) {
	expected, err := e.expected(ctx, change)
	for _, one := range expected {
		if one.Context == want.Context {
			return one, nil
		}
	}
	return want, err
}

// ready returns when a look may be made: there is a session, its authentication is old enough, a plain
// token is granted in it, and the look before is long enough ago.
func (e *effects) ready(ctx context.Context, what, last string, until time.Time) error {
	if e.look == nil {
		if err := e.begin(ctx); err != nil {
			return fmt.Errorf("look for the effect of %s: %w", what, err)
		}
	}
	if e.cannot != "" {
		return nil
	}
	why := what + " to take effect"
	if last != "" {
		why = fmt.Sprintf("%s (%s; until %s), next look", why, last, until.Format(time.TimeOnly))
	}
	return e.turn(ctx, why)
}

// begin signs the admin in and lets the authentication grow old. A session that is refused a plain token,
// too, tells nothing: the refusal would not be the change's.
func (e *effects) begin(ctx context.Context) error {
	var err error
	if e.look, err = e.open(ctx); err != nil {
		e.look = nil
		return err
	}
	answer, seen, err := e.grow(ctx)
	switch {
	case err != nil:
		e.endLocked(ctx)
	case answer == fixtures.AnswerRefused:
		e.cannot = seen + ", too: a refusal would not be the work of the change"
	}
	return err
}

// grow lets the authentication grow old, and then asks for a plain token.
func (e *effects) grow(ctx context.Context) (fixtures.Answer, string, error) {
	const why = "the sign-in to be older than both re-use windows, within which a policy refuses nothing"
	if err := e.look.rest(ctx, e.clock.Now().Add(probeAge), why); err != nil {
		return "", "", err
	}
	if err := e.turn(ctx, "the next look at the tenant"); err != nil {
		return "", "", err
	}
	return e.look.ask(ctx, "")
}

// turn waits until a look may follow the one before.
func (e *effects) turn(ctx context.Context, why string) error {
	at := e.spacing.take(e.clock.Now())
	return e.look.rest(ctx, at, why)
}

// once looks. A session that has ended since, or whose browser has, is replaced once, by one that has to
// grow old anew.
func (e *effects) once(ctx context.Context, contextID string) (fixtures.Answer, string, error) {
	answer, seen, err := e.look.ask(ctx, contextID)
	if err == nil || ctx.Err() != nil {
		return answer, seen, err
	}
	e.endLocked(ctx)
	if again := e.begin(ctx); again != nil {
		return "", "", errors.Join(err, again)
	}
	if err := e.turn(ctx, "the next look at the tenant"); err != nil {
		return "", "", err
	}
	if e.cannot != "" {
		return "", "", err
	}
	return e.look.ask(ctx, contextID)
}

// end closes the session; a later change signs in anew. A nil *effects has none.
func (e *effects) end(ctx context.Context) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.endLocked(ctx)
}

func (e *effects) endLocked(ctx context.Context) {
	if e.look != nil {
		e.look.close(ctx)
	}
	e.look, e.cannot = nil, ""
}
