package activation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/verdict"
)

// Beside is one more activation with the same account, through Graph, which a negative control makes
// beside the one that is proved. It is journalled and given back like any other.
type Beside struct {
	Role verdict.Role // what is activated
	// Early does it before anything else, and not right before the role is activated, when the wait for
	// the re-use windows is over.
	Early bool
	// Elsewhere does it in Deps.Elsewhere, as somebody else, and not in the session of the proof.
	Elsewhere bool
}

// besideRecorder tells what was done beside the proof as such.
type besideRecorder struct{ of Recorder }

// Screenshot implements Recorder.
func (r besideRecorder) Screenshot(name, caption string, png []byte) string {
	return r.of.Screenshot("beside-"+name, "beside the proof: "+caption, png)
}

// Event implements Recorder.
func (r besideRecorder) Event(kind, text string, at time.Time) {
	r.of.Event(kind, "beside the proof: "+text, at)
}

// useBeside signs in, or goes on with the session that is there, and activates Beside.Role.
func (p *proof) useBeside(ctx context.Context) error {
	beside := *p.request.Beside
	deps, justification := p.Deps, p.request.Justification
	if beside.Elsewhere {
		if deps.Session = deps.Elsewhere; deps.Session == nil {
			return errors.New("there is no second browser session to use the account in")
		}
		justification = "somebody else: " + justification
	}
	deps.Recorder = besideRecorder{p.Recorder}
	p.beside = newProof(deps, Request{
		Way: verdict.WayGraph, Role: beside.Role, Justification: justification, Duration: p.request.Duration, WithoutCP1: p.request.WithoutCP1,
	})
	if err := p.beside.signIn(ctx); err != nil {
		return fmt.Errorf("use the account beside the proof: %w", err)
	}
	if err := p.beside.activate(ctx, 1); err != nil {
		return fmt.Errorf("activate %s beside the proof: %w", beside.Role.Name, err)
	}
	return nil
}

// endBeside gives back what was activated beside the proof.
func (p *proof) endBeside(ctx context.Context) error {
	if p.beside == nil {
		return nil
	}
	defer p.beside.closeTab(ctx)
	return errors.Join(p.beside.giveBack(ctx), p.beside.strike(ctx))
}
