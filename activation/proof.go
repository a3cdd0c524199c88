package activation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// What Microsoft documents about re-use, and the margins that a proof adds. verdict judges by the
// same figures; they are stated again there because a judge does not ask the prosecution.
const (
	// settle is how old the last authentication must be: PIM's window of ten minutes (documented),
	// which is longer than Conditional Access's five, and one minute for clock skew.
	settle = 11 * time.Minute
	// keep is how long a role must have been active before PIM lets it go (documented: five
	// minutes), and a little for clock skew.
	keep = 5*time.Minute + 5*time.Second
	// defaultDuration is the shortest activation that PIM's page offers.
	defaultDuration = 30 * time.Minute
	// maxChallenges bounds the claims challenges answered for one activation.
	maxChallenges = 2
)

// proof is one run of Prove.
type proof struct {
	Deps
	request Request
	seen    verdict.Observation
	over    bool      // the observation is complete though steps remain
	began   time.Time // when the step that runs began, by this machine's clock

	first  signin.Result // the first plain token of the session
	latest signin.Result // the newest token of the own client, whatever it holds
	// stepped is what the last step-up left; empty when there was none.
	stepped steppedUp
	// given is what has to be given back, nil when nothing is active.
	given *granted
	// noted tells the journal that nothing is left of what was asked for, all of it refused; nil where nothing
	// was, or something became of it.
	noted func(ctx context.Context) error
	// beside is the activation of Request.Beside; nil when there was none.
	beside *proof
	// tab is kept for the sign-in host; nil where none is, as while it is used or is opened ahead.
	tab     *browser.Tab
	opening <-chan opened
	// shots numbers screenshots so that their names sort in the order taken.
	shots int
}

// granted is an activation that was accepted.
type granted struct {
	at      time.Time
	n       int  // number of the activation, 0 when a replayed token did it
	pending bool // it waits for approval
	done    func(ctx context.Context) error
}

type step struct {
	name string
	run  func(ctx context.Context) error
}

func newProof(deps Deps, request Request) *proof {
	if request.Way == "" {
		request.Way = verdict.WayPortal
	}
	if request.Require == "" {
		request.Require = verdict.RequireAny
	}
	if request.Duration == 0 {
		request.Duration = defaultDuration
	}
	if deps.PageTimeout == 0 {
		deps.PageTimeout = 30 * time.Second
	}
	p := &proof{Deps: deps, request: request}
	p.seen = verdict.Observation{
		Way: request.Way, Require: request.Require, TenantID: deps.Client.TenantID, Role: request.Role,
		Admin:   verdict.Admin{ObjectID: deps.AdminID, UPN: deps.Admin.UPN},
		Started: deps.Clock.Now().UTC(),
	}
	return p
}

// steps are the steps of a proof in order.
func (p *proof) steps() []step {
	all := []step{
		{"read the configuration", p.readConfiguration},
		{"ask What-If", p.foretell},
		{"sign in", p.signIn},
		{"prime the session", p.prime},
	}
	if p.Permit != nil {
		all = slices.Insert(all, 3, step{"ask whether one more is permitted", func(ctx context.Context) error { return p.Permit(ctx, p.first.Access) }})
	}
	if beside := p.request.Beside; beside != nil && beside.Early {
		all = slices.Insert(all, 0, step{"use the account beside the proof", p.useBeside})
	}
	if len(p.Neighbours) > 0 {
		all = slices.Insert(all, 2, step{"sign the other accounts in", p.signNeighboursIn})
	}
	all = append(all, p.round(1)...)
	if p.request.Twice {
		all = append(all, step{"give the role back", p.giveBack}, step{"clear the page's storage", p.clearStorage})
		all = append(all, p.round(2)...)
	}
	last := append([]step{{"give the role back", p.giveBack}}, p.afterLast()...)
	if p.Turn != nil {
		free := 0 // PIM's five minutes keep the role, not the admin
		if len(last) > 1 {
			free = len(last) // a stepped-up token is still to be tried
		}
		last = slices.Insert(last, free, step{"let go of the admin", p.free})
	}
	return append(append(all, last...), step{"read the sign-in log", p.readLog})
}

// free lets another proof of the same admin begin.
func (p *proof) free(context.Context) error {
	p.Turn.Free()
	return nil
}

// rest waits while nobody uses the session.
func (p *proof) rest(ctx context.Context, until time.Time, why string) error {
	if p.Turn == nil || !until.After(p.now()) {
		return p.Clock.Wait(ctx, until, why)
	}
	p.closeTab(ctx)
	return p.Turn.Rest(ctx, until, why)
}

// round are the steps of the nth activation.
func (p *proof) round(n int) []step {
	numbered := func(f func(context.Context, int) error) func(context.Context) error {
		return func(ctx context.Context) error { return f(ctx, n) }
	}
	all := []step{
		{"try the plain tokens", numbered(p.tryPlainTokens)},
		{"compare the clocks", p.compareClocks},
		{"activate the role", numbered(p.activate)},
		{"probe the session again", numbered(p.probeAfter)},
		{"compare the clocks again", p.compareClocks},
	}
	if p.request.AwaitApproval > 0 {
		all = append(all, step{"await the approval", p.awaitApproval})
	}
	if n == 1 {
		all = slices.Insert(all, 0, step{"probe the session", p.probeBefore})
	} else {
		all = slices.Insert(all, 0, step{"try the stepped-up token again", numbered(p.trySteppedUp)})
	}
	if beside := p.request.Beside; beside != nil && !beside.Early && n == 1 {
		all = slices.Insert(all, 0, step{"use the account beside the proof", p.useBeside})
	}
	if last := n == 2 || !p.request.Twice; last && p.request.WithinWindow {
		return all
	}
	return slices.Insert(all, 0, step{"wait until both re-use windows are over", p.leaveWindows})
}

func (p *proof) now() time.Time { return p.Clock.Now().UTC() }

// tenantTime turns an instant of the machine's clock into the tenant's, by the offset of now.
func (p *proof) tenantTime(machine time.Time) time.Time {
	if machine.IsZero() {
		return machine
	}
	return p.now().Add(-time.Since(machine)).Round(time.Millisecond)
}

func (p *proof) event(kind, format string, args ...any) {
	p.Recorder.Event(kind, fmt.Sprintf(format, args...), p.now())
}

// screenshot stores a picture under a name that sorts by when it was taken.
func (p *proof) screenshot(name, caption string, png []byte) string {
	if len(png) == 0 {
		return ""
	}
	p.shots++
	return p.Recorder.Screenshot(fmt.Sprintf("%02d-%s", p.shots, name), caption, png)
}

// authentication collects one pass through the sign-in pages.
type authentication struct {
	p    *proof
	what string // for captions: "sign-in", "priming", "step-up"
	// before, when not nil, is called before a page is noted: what led to it has to stand before it.
	before func()
	seen   verdict.Authentication
}

func (p *proof) authentication(what string) *authentication {
	return &authentication{p: p, what: what, seen: verdict.Authentication{Started: p.now()}}
}

// page records one page that the browser stood on: the navigation first, then its picture, so that
// a picture cannot stand for another page of the evidence.
func (a *authentication) page(v entra.Visit) {
	if a.before != nil {
		a.before()
	}
	a.p.event("page", "%s: %s", a.what, v.Page)
	a.seen.Pages = append(a.seen.Pages, verdict.PageVisit{
		At: v.At.UTC(), Page: v.Page, PGID: v.PGID, Host: v.Host, Factor: v.Factor,
		StoodStill: v.StoodStill, Sent: v.Sent, SentAt: v.SentAt,
		Screenshot: a.p.screenshot(a.what+"-"+v.Page, fmt.Sprintf("%s: the page %q", a.what, v.Page), v.Screenshot),
	})
}

// end closes the record with the tokens that came of it.
func (a *authentication) end(r signin.Result, contexts []string) verdict.Authentication {
	a.seen.Finished = a.p.now()
	id, access := r.ID, r.AccessClaims
	a.seen.ID, a.seen.Token = &id, &access
	a.seen.Authorize = verdict.AuthorizeRequest{At: a.seen.Started, ClientID: a.p.Client.ClientID, Contexts: contexts}
	if r.AuthorizeURL != nil {
		a.seen.Authorize.Forced = tokens.ForcedBy(r.AuthorizeURL.Query())
	}
	return a.seen
}

// lastAuthentication is when the admin last proved who they are: the latest credential that was
// seen leaving, or auth_time, whichever is later.
func (p *proof) lastAuthentication() time.Time {
	var last time.Time
	later := func(t time.Time) {
		if t.After(last) {
			last = t
		}
	}
	passes := []verdict.Authentication{p.seen.SignIn, p.seen.Priming.Authentication}
	for _, a := range p.seen.Activations {
		passes = append(passes, a.StepUp)
		later(a.AuthTimeAfter)
	}
	for _, pass := range passes {
		if pass.ID != nil {
			later(pass.ID.AuthTime)
		}
		for _, page := range pass.Pages {
			if page.Factor != "" && page.Sent {
				later(page.SentAt)
			}
		}
	}
	return last
}
