package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/secret"
)

// Sender delivers notifications. Its zero value delivers to nobody.
type Sender struct {
	Webhook *Webhook // nil: none
	Command *Command // nil: none
	// Secrets are withheld wherever they stand in a notification.
	Secrets []secret.Text
	// Clock is waited by between two tries; nil means the machine's.
	Clock await.Clock
	// Tries is how often one delivery is tried; 0 means five.
	Tries int
}

// firstPause is the pause after the first try; each later one is twice as long, and none longer than
// longestPause.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	defaultTries = 5
)

// RefusedError says that a receiver will not take a notification, however often it is tried.
type RefusedError struct{ To, Text string }

// Error implements error.
func (e *RefusedError) Error() string { return e.To + " refused the notification: " + e.Text }

// busyError is an answer that a later try may not get.
type busyError struct {
	Text  string
	After time.Duration // how long the receiver asked to be left alone; 0: it did not say
}

func (e *busyError) Error() string { return "send to the webhook: " + e.Text }

// Nobody reports whether there is no receiver.
func (s *Sender) Nobody() bool { return s == nil || s.Webhook == nil && s.Command == nil }

// Send delivers to the webhook and to the command. It returns nil once both have it. The error holds
// nothing of a secret; a *RefusedError in it says that a further try is in vain.
func (s *Sender) Send(ctx context.Context, e Event) error {
	if s.Nobody() {
		return nil
	}
	body, err := e.body(s.secrets())
	if err != nil {
		return err
	}
	var errs []error
	if w := s.Webhook; w != nil {
		errs = append(errs, s.patiently(ctx, func(now time.Time) error { return w.send(ctx, e, body, now) }))
	}
	if c := s.Command; c != nil {
		errs = append(errs, s.patiently(ctx, func(time.Time) error { return c.send(ctx, e, body) }))
	}
	return s.redacted(errors.Join(errs...))
}

func (s *Sender) secrets() []secret.Text {
	if s.Webhook == nil {
		return s.Secrets
	}
	return append(s.Secrets[:len(s.Secrets):len(s.Secrets)], s.Webhook.Secret)
}

// patiently tries until it succeeds, is refused, or was tried often enough.
func (s *Sender) patiently(ctx context.Context, try func(now time.Time) error) error {
	clock, tries, pause := s.Clock, s.Tries, firstPause
	if clock == nil {
		clock = await.Machine()
	}
	if tries == 0 {
		tries = defaultTries
	}
	for n := 1; ; n++ {
		err := try(clock.Now())
		refused, busy := new(RefusedError), new(busyError)
		if err == nil || errors.As(err, &refused) || ctx.Err() != nil {
			return err
		}
		if n == tries {
			return fmt.Errorf("%w (tried %d times)", err, n)
		}
		wait := pause
		if errors.As(err, &busy) && busy.After > wait {
			wait = min(busy.After, longestPause)
		}
		if stopped := clock.Wait(ctx, clock.Now().Add(wait), "the receiver of a notification"); stopped != nil {
			return errors.Join(err, stopped)
		}
		pause = min(2*pause, longestPause)
	}
}

// redacted is an error without the secrets that are known.
func (s *Sender) redacted(err error) error {
	if err == nil {
		return nil
	}
	clean := withholding(s.secrets())(err.Error())
	if clean == err.Error() {
		return err
	}
	if refused := new(RefusedError); errors.As(err, &refused) {
		return &RefusedError{To: refused.To, Text: withholding(s.secrets())(refused.Text)}
	}
	return errors.New(clean)
}

// withoutAddress is an error of an HTTP request without the address, whose query may be a secret.
func withoutAddress(err error) error {
	if about := new(url.Error); errors.As(err, &about) {
		return about.Err
	}
	return err
}
