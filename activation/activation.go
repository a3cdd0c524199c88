// Package activation proves, or fails to prove, that activating a privileged role asks the
// admin to sign in again. It is the only place of this module that requests an activation.
//
// One proof has these steps, each of which adds facts to a verdict.Observation:
//
//  1. Read the role setting, the admin's eligibility and what is active already. Ask Microsoft's
//     What-If what it foretells; it advises and no more.
//  2. Sign in through the real pages; keep the first plain token (no context asked).
//  3. Prime: ask for the authentication context once and complete whatever is asked, so that
//     from then on only freshness can cause a prompt.
//  4. Wait until the last authentication is older than both re-use windows that Microsoft
//     documents: five minutes in Conditional Access, ten in PIM.
//  5. Probe the session twice, silently: it lives, and this is when it last authenticated.
//  6. Try plain tokens while the role is not active. They must be refused with PIM's claims
//     challenge, which shows that the context is demanded at all.
//  7. Activate: through the portal, or through Graph.
//  8. Probe again, await the approver with AwaitApproval, give the role back, and with Twice do steps 4 to 8 once more from a page
//     whose storage was cleared while the sign-in cookies stayed. Before that the token that
//     was stepped up, and a refresh token of its session, are tried again; what is accepted is
//     given back.
//  9. Read the rows of the step-ups in the tenant's sign-in log, and who else used the account.
//
// The package draws no conclusion: verdict.Decide does, from the observation alone. A flow
// that breaks ends in Observation.Failure, never in a missing fact that looks like a "no".
//
// Waiting for a role that was just activated: PIM refuses to give a role back in the first
// five minutes, so a proof takes about 17 minutes of the tenant's clock, 27 with Twice, and five
// more for each stepped-up token that was accepted.
package activation

import (
	"context"
	"errors"
	"time"

	"github.com/reprompt/reprompt/await"
	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/graph"
	"github.com/reprompt/reprompt/secret"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/telemetry"
	"github.com/reprompt/reprompt/verdict"
)

// Request says what to prove. The zero Way is the portal, the zero Require is "any".
type Request struct {
	Way     verdict.Way // verdict.WayPortal or verdict.WayGraph
	Require verdict.Require
	// Role is the role to activate. Name, DefinitionID and DirectoryScopeID are all needed.
	Role verdict.Role
	// Twice activates a second time after both windows.
	Twice bool
	// WithinWindow leaves out the wait of step 4 before the last activation: a negative control, which
	// must come out inconclusive.
	WithinWindow bool
	// Age is how old the last authentication is made before the role is activated. Zero means eleven
	// minutes; an hour and more is a negative control.
	Age time.Duration
	// WithoutCP1 keeps the own client from saying that it answers claims challenges, which PIM wants of
	// every client (observed): a negative control.
	WithoutCP1 bool
	// Beside is what is done with the account beside the proof; nil means nothing. A negative control.
	Beside *Beside
	// ValidateReplays tries plain tokens with validation-only requests instead of real ones.
	// Nobody has shown that those look at the context.
	ValidateReplays bool
	// ReplaySteppedUp tries, after both windows, whether the token that was stepped up, or a refresh
	// token of its session, activates once more. Twice does it in any case, before the second
	// activation. What is accepted is given back: one more activation each.
	ReplaySteppedUp bool
	// AwaitLog is for how long, by the tenant's clock, rows of the sign-in log are awaited that are
	// not there yet. Zero means one look.
	AwaitLog time.Duration
	// AwaitApproval is for how long, by the tenant's clock, an approver is awaited where the role setting
	// asks for one. Zero means not at all: the activation is reported as pending, and withdrawn.
	AwaitApproval time.Duration
	// Duration of the activation. Zero means 30 minutes, the shortest that the portal offers.
	Duration time.Duration
	// GiveBackAtOnce asks PIM to let the role go right away, which it refuses in the first five minutes,
	// and again in time.
	GiveBackAtOnce bool
	// LetExpire leaves an activation alone until it has ended by itself.
	LetExpire bool
	// Justification is sent with the activation; it should name the run.
	Justification string
	// TicketNumber and TicketSystem are sent when the role setting asks for a ticket.
	TicketNumber, TicketSystem string
}

// Deps is the world of one proof. All fields are needed unless they say otherwise.
type Deps struct {
	// Session is an isolated browser context without cookies.
	Session *browser.Session
	// Elsewhere is a second one, for Beside.Elsewhere; nil where that is not asked for.
	Elsewhere *browser.Session
	// Neighbours are other accounts, with a password alone, that are signed in in Session before the
	// admin, so that the pages have to ask which account is meant. May be empty.
	Neighbours []entra.Admin
	// Admin is the account to drive, and Used what must not be sent again for it: shared by
	// everything that signs this admin in.
	Admin entra.Admin
	Used  *entra.UsedCodes
	// AdminID is the admin's object id.
	AdminID string
	// Client is the harness's own public client.
	Client *signin.Client
	// Reader reads configuration with the fixtures' or a read-only application token.
	Reader *graph.Client
	// PortalURL is the admin centre, for example https://entra.microsoft.com.
	PortalURL string
	// PortalLabels are what the portal's controls are called, beside the names that ship. May be empty.
	PortalLabels []entra.Labels
	Clock        await.Clock
	Recorder     Recorder
	Journal      Journal
	// Tracer, when not nil, follows the proof step by step.
	Tracer Tracer
	// Permit, when not nil, is asked once the admin is signed in, with that plain token, before anything is
	// requested. What it returns ends the proof.
	Permit func(ctx context.Context, token secret.Text) error
	// Approver, when not nil, is called once, after a look at which the activation waited for an approver:
	// somebody else decides. Nil: whoever does is outside this proof.
	Approver func(ctx context.Context) error
	// PageTimeout bounds the wait for one page, in machine time. Zero means 30 s.
	PageTimeout time.Duration
	// Turn, when not nil, is told where the proof only waits, and where it has done with the admin. nil: the
	// proof is alone, and its session stays open.
	Turn Turn
	// Lingers leaves the tab of a pass that broke open in Session, for somebody to look at.
	Lingers bool
	// Person, when not nil, says that a person answers the sign-in pages, and is told which page waits.
	Person func(page string)
}

// Recorder keeps what a proof saw for people to look at. It is safe for concurrent use.
type Recorder interface {
	// Screenshot stores a picture and returns its path inside the bundle.
	Screenshot(name, caption string, png []byte) (path string)
	// Event notes that something happened at an instant of the tenant's clock.
	Event(kind, text string, at time.Time)
}

// Turn is the place of a proof among others that share the admin, or the browser, with it. One goroutine uses it.
type Turn interface {
	// Rest waits as Deps.Clock does. Nothing of Deps.Session is used meanwhile: no tab of it is open, and it
	// may be parked.
	Rest(ctx context.Context, until time.Time, why string) error
	// Free says that this proof lets the admin authenticate no more: another of the same admin may begin.
	Free()
}

// Tracer follows a proof for those who want to see it step by step. What it does changes nothing of what
// is observed.
type Tracer interface {
	// Step says that a step of the proof begins, and with it the one before it is over.
	Step(name string)
	// Look says that a tab shows something worth looking at, and what. An empty text is the last look of
	// a pass through the sign-in pages; picture is nil where none was taken.
	Look(ctx context.Context, tab *browser.Tab, text string, picture []byte)
}

// Journal is told of an activation before it is requested, durably, so that it can be taken
// back even if this process dies. justification is the one that the request carries, and every further one
// until then where it is refused. The returned func is called once nothing is left of them: the role is given
// back, or was never granted.
type Journal interface {
	Activating(ctx context.Context, principalID string, role verdict.Role, justification string) (givenBack func(ctx context.Context) error, err error)
}

// Prove runs one proof and returns what it saw. A broken flow is part of the observation
// (Observation.Failure); the error is for a cancelled context and for an activation that
// could not be given back, in which case the journal still holds it.
//
// An observation of a role that was activated without a prompt proves that the control did
// not ask this admin, this way, now. One that saw a prompt proves no more than that either:
// verdict.Scope says for whom it does not speak.
func Prove(ctx context.Context, deps Deps, request Request) (verdict.Observation, error) {
	p := newProof(deps, request)
	p.openAhead(ctx)
	for _, step := range p.steps() {
		if p.over {
			break
		}
		if !p.take(ctx, step) {
			break
		}
	}
	err := p.leave(ctx)
	p.seen.Finished = deps.Clock.Now().UTC()
	if ctx.Err() != nil {
		return p.seen, context.Cause(ctx)
	}
	return p.seen, err
}

// take takes one step and reports whether the proof goes on.
func (p *proof) take(ctx context.Context, s step) bool {
	p.Recorder.Event("step", s.name, p.Clock.Now())
	p.began = time.Now()
	if p.Tracer != nil {
		p.Tracer.Step(s.name)
	}
	ctx, span := telemetry.Start(ctx, "step "+s.name)
	defer span.End()
	if err := s.run(ctx); err != nil {
		p.fail(ctx, s.name, inTime(ctx, err))
		span.Fail(string(p.seen.Failure.Code))
		return false
	}
	return true
}

// leave gives back what is still held, however far the proof came.
func (p *proof) leave(ctx context.Context) (err error) {
	if p.given != nil || p.beside != nil && p.beside.given != nil {
		var span *telemetry.Span
		ctx, span = telemetry.Start(ctx, "step leave everything as it was")
		defer func() { span.EndWith(err) }()
	}
	err = errors.Join(p.giveBack(ctx), p.strike(ctx), p.endBeside(ctx))
	if p.Lingers {
		p.closeTab(ctx) // a session that stays open has the tabs of what broke, and no other
	}
	return err
}
