package activation

import (
	"context"
	"fmt"
	"net/url"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/browser/entra"
)

// One tab serves all that the own client asks of the sign-in host, one after the other, as it would a person
// at a web application: each authorize request is a navigation of the top-level page, and what the sign-in
// host goes by is in cookies, which belong to the session. A new tab costs a process of the browser each
// time, five times what the page that is loaded in it does. The portal has tabs of its own, because what its
// page keeps in a tab's storage would let it go on with a token that it has.

// openAhead opens the first tab while something else goes on that needs none.
func (p *proof) openAhead(ctx context.Context) {
	opening := make(chan opened, 1)
	p.opening = opening
	go func() { // ends with the session, too
		tab, err := p.Session.NewTab(ctx)
		opening <- opened{tab, err}
	}()
}

// opened is what came of opening a tab.
type opened struct {
	tab *browser.Tab
	err error
}

// signInTab is the tab for the sign-in host, until keepTab; a new one where none is kept, or the one that was
// has crashed or was closed.
func (p *proof) signInTab(ctx context.Context) (*browser.Tab, error) {
	if p.opening != nil {
		made := <-p.opening
		p.opening, p.tab = nil, made.tab
		if made.err != nil {
			return nil, fmt.Errorf("open a tab: %w", made.err)
		}
	}
	tab := p.tab
	p.tab = nil
	if tab != nil {
		select {
		case <-tab.Closed():
		default:
			return tab, nil
		}
	}
	tab, err := p.Session.NewTab(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	return tab, nil
}

// keepTab keeps the tab for the next request, unless what was done in it broke: what it shows then is nothing
// to begin from, and somebody may want to see it.
func (p *proof) keepTab(ctx context.Context, tab *browser.Tab, broke error) {
	if broke != nil {
		p.leaveTab(ctx, tab, broke)
		return
	}
	p.tab = tab
}

// leaveTab closes a tab, unless what was done in it broke and somebody may want to see where.
func (p *proof) leaveTab(ctx context.Context, tab *browser.Tab, broke error) {
	if broke != nil && p.Lingers {
		return
	}
	_ = tab.Close(context.WithoutCancel(ctx)) // it is closed, too, when its session is
}

// closeTab closes the tab that is kept.
func (p *proof) closeTab(ctx context.Context) {
	if p.opening != nil {
		p.tab = (<-p.opening).tab
		p.opening = nil
	}
	if p.tab != nil {
		p.leaveTab(ctx, p.tab, nil)
		p.tab = nil
	}
}

// silently answers authorize requests that must show no page.
type silently struct{ p *proof }

// Authorize implements signin.Navigator.
func (s silently) Authorize(ctx context.Context, authorize *url.URL, redirectURI string) (*url.URL, error) {
	tab, err := s.p.signInTab(ctx)
	if err != nil {
		return nil, err
	}
	back, err := entra.Silent{Tab: tab, Timeout: s.p.PageTimeout}.Authorize(ctx, authorize, redirectURI)
	s.p.keepTab(ctx, tab, err)
	return back, err
}
