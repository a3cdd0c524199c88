package activation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
	"github.com/reprompt/reprompt/signin"
	"github.com/reprompt/reprompt/tokens"
	"github.com/reprompt/reprompt/verdict"
)

// driver drives the sign-in pages in a tab and records them.
func (p *proof) driver(tab *browser.Tab, record *authentication) *entra.SignIn {
	return &entra.SignIn{
		Tab: tab, Admin: p.Admin, Now: p.Clock.Now, Wait: p.Clock.Wait, Used: p.Used,
		OnPage: record.page, OnLook: p.looker(record.what), PageTimeout: p.PageTimeout, Person: p.Person,
	}
}

// looker tells the tracer what a tab shows, and for what it is there; nil without one.
func (p *proof) looker(what string) func(context.Context, *browser.Tab, string, []byte) {
	if p.Tracer == nil {
		return nil
	}
	return func(ctx context.Context, tab *browser.Tab, page string, picture []byte) {
		if page != "" {
			page = what + ": " + page
		}
		p.Tracer.Look(ctx, tab, page, picture)
	}
}

// obtain signs in through the pages, asking for the contexts, and records the pass.
func (p *proof) obtain(ctx context.Context, what string, claims tokens.ClaimsRequest) (verdict.Authentication, signin.Result, error) {
	record := p.authentication(what)
	tab, err := p.signInTab(ctx)
	if err != nil {
		return record.seen, signin.Result{}, err
	}
	result, err := p.Client.SignIn(ctx, p.driver(tab, record), signin.Request{
		Claims: claims, LoginHint: p.Admin.UPN,
	})
	p.keepTab(ctx, tab, err)
	if err != nil {
		record.seen.Finished = p.now()
		return record.seen, signin.Result{}, fmt.Errorf("%s: %w", what, err)
	}
	p.latest = result
	return record.end(result, claims.Contexts), result, nil
}

// claims are what the own client asks for: to hold the contexts, and that it answers challenges.
func (p *proof) claims(contexts ...string) tokens.ClaimsRequest {
	return tokens.ClaimsRequest{Contexts: contexts, CP1: !p.request.WithoutCP1}
}

// signNeighboursIn signs the other accounts in, so that the browser holds sessions of several.
func (p *proof) signNeighboursIn(ctx context.Context) error {
	for _, neighbour := range p.Neighbours {
		tab, err := p.Session.NewTab(ctx)
		if err != nil {
			return fmt.Errorf("open a tab: %w", err)
		}
		driver := &entra.SignIn{Tab: tab, Admin: neighbour, Now: p.Clock.Now, NoPictures: true, PageTimeout: p.PageTimeout}
		_, err = p.Client.SignIn(ctx, driver, signin.Request{Claims: p.claims(), LoginHint: neighbour.UPN})
		_ = tab.Close(context.WithoutCancel(ctx))
		if err != nil {
			return fmt.Errorf("sign %s in: %w", neighbour.UPN, err)
		}
		p.event("sign-in", "%s is signed in in the same browser", neighbour.UPN)
	}
	return nil
}

func (p *proof) signIn(ctx context.Context) error {
	seen, result, err := p.obtain(ctx, "sign-in", p.claims())
	p.seen.SignIn, p.first = seen, result
	return err
}

// prime asks for the context, and for a second factor, once. Without the first, a policy with a
// stronger method and no sign-in frequency would look like "every time" at the first activation.
// Without the second, the fallback to MFA of a role setting without a policy would: a session that
// has no MFA in it yet is asked, or refused, for that alone.
func (p *proof) prime(ctx context.Context) error {
	claims := p.claims()
	claims.MFA = p.hasSecondFactor()
	if p.seen.Setting.RequiresContext() {
		p.seen.Priming.Asked = true
		claims.Contexts = []string{p.seen.Setting.ContextID}
	}
	if !p.seen.Priming.Asked && !claims.MFA {
		return nil
	}
	seen, result, err := p.obtain(ctx, "priming", claims)
	p.seen.Priming.Authentication = seen
	if err != nil {
		p.seen.Priming.Text = sentenceOf(err, "priming")
		return err
	}
	p.seen.Priming.Done = p.seen.Priming.Asked && result.AccessClaims.HasContext(claims.Contexts[0])
	if p.seen.Priming.Asked && !p.seen.Priming.Done {
		p.seen.Priming.Text = "the token came back without the context"
	}
	return nil
}

// hasSecondFactor reports whether the admin can answer for MFA. One who cannot would end on the
// page that registers a method.
func (p *proof) hasSecondFactor() bool { return !p.Admin.TOTP.Empty() || p.Admin.Passkey != nil }

// leaveWindows waits until a missing prompt could only be the tenant's fault.
func (p *proof) leaveWindows(ctx context.Context) error {
	until := p.lastAuthentication().Add(max(settle, p.request.Age))
	if !until.After(p.now()) {
		return nil
	}
	p.event("wait", "until %s, when both re-use windows are over", until.Format(time.RFC3339))
	return p.rest(ctx, until, "both re-use windows to pass (five minutes in Conditional Access, ten in PIM)")
}

// probeBefore looks at the session twice: one look cannot show that auth_time stands still
// while nobody signs in.
func (p *proof) probeBefore(ctx context.Context) error {
	for n := 1; n <= 2; n++ {
		if err := p.probe(ctx, "before", n); err != nil {
			return err
		}
	}
	return nil
}

func (p *proof) probeAfter(ctx context.Context, n int) error {
	if err := p.probe(ctx, "after", n); err != nil {
		return err
	}
	current := &p.seen.Activations[len(p.seen.Activations)-1]
	after := p.seen.Probes[len(p.seen.Probes)-1].ID
	before := p.newestIDBefore(n)
	if after == nil || before == nil {
		return nil
	}
	// The graph way reads auth_time from the very code that the step-up returned; the portal's
	// step-up is seen through the session only (inferred that they agree).
	if current.AuthTimeAfter.IsZero() {
		current.AuthTimeAfter = after.AuthTime
	}
	current.SameSession = tokens.SameSession(*before, *after)
	return nil
}

// newestIDBefore are the claims of the session's newest verified ID token before the nth activation.
func (p *proof) newestIDBefore(n int) *tokens.IDClaims {
	id := p.seen.SignIn.ID
	for _, probe := range p.seen.Probes {
		if probe.ID != nil && (probe.Phase == "before" || probe.N < n) {
			id = probe.ID
		}
	}
	return id
}

// probe looks at the session silently. A refusal is an observation.
func (p *proof) probe(ctx context.Context, phase string, n int) error {
	probe := verdict.Probe{Phase: phase, N: n, At: p.now()}
	id, err := p.Client.Probe(ctx, silently{p}, p.Admin.UPN, p.sessionID())
	var refused *signin.Error
	switch {
	case err == nil:
		probe.Alive, probe.ID = true, &id
		p.event("probe", "the session lives; it last authenticated at %s", id.AuthTime.UTC().Format(time.RFC3339))
	case errors.As(err, &refused):
		probe.AADSTS, probe.Text, probe.Dead = refused.AADSTS, refused.Code, refused.SessionDead()
		p.event("probe", "the silent probe was refused: AADSTS%d", refused.AADSTS)
	default:
		return fmt.Errorf("probe the session: %w", err)
	}
	p.seen.Probes = append(p.seen.Probes, probe)
	return nil
}

func (p *proof) sessionID() string {
	if p.seen.SignIn.ID == nil {
		return ""
	}
	return p.seen.SignIn.ID.SessionID
}

// mint gets a plain token of the session, silently: no context asked, no page shown.
func (p *proof) mint(ctx context.Context) (signin.Result, error) {
	result, err := p.Client.SignIn(ctx, silently{p}, signin.Request{
		Claims: p.claims(), Prompt: "none", LoginHint: p.Admin.UPN, SessionID: p.sessionID(),
	})
	if err != nil {
		return result, fmt.Errorf("mint a plain token: %w", err)
	}
	p.latest = result
	return result, nil
}
