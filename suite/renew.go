package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/reprompt/reprompt/browser"
)

const (
	// renewedAfter is how many browser contexts a browser opens before a fresh one takes its place. Its network
	// process grows by 0.16 MiB with each (measured, docs/performance.md) and gives nothing back before it ends.
	renewedAfter = 100
	// ahead is how many contexts before that the fresh one is started, so that nobody waits for it.
	ahead = 4
)

// renewedAfter is renewedAfter, or what a test puts in its place.
func (o Options) renewedAfter() int { return cmp.Or(o.contextsEach, renewedAfter) }

// renew puts a fresh browser in the place of one that opened as many contexts as it is to. It reports whether
// another serves new sessions now. The old one ends with the last session that it has. Where no fresh one is to be
// had, the old one serves on for as many contexts again, and a person is told. A remote browser is somebody else's,
// and is not renewed.
func (t *target) renew(ctx context.Context, old *launch) bool {
	if !t.options.BrowserURL.Empty() {
		return false
	}
	next, due := t.startAhead(ctx, old)
	if next == nil || !due {
		return false
	}
	select {
	case <-next.done:
	case <-ctx.Done():
		return false // whoever asked is told so by what it does next
	}
	b := &t.browsers
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != old || b.next != next {
		return true // somebody else did
	}
	if err := next.serves(old.browser.Version()); err != nil {
		b.next = nil
		old.contexts += t.options.renewedAfter()
		t.progress.note("the browser is not renewed, and goes on: %v", errors.Join(err, next.browser.close()))
		return false
	}
	t.replaceLocked(ctx)
	old.browser.Retire(t.running)
	return true
}

// startAhead starts the browser that is to take the place of one, shortly before that is due. It returns the
// fresh one, nil where it is too early for it, and whether it is to serve now.
func (t *target) startAhead(ctx context.Context, old *launch) (next *launch, due bool) {
	b := &t.browsers
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != old {
		return nil, false
	}
	opened := old.browser.Contexts()
	if b.next == nil && opened >= max(1, old.contexts-ahead) {
		b.next = t.start(ctx, false)
	}
	return b.next, opened >= old.contexts
}

// serves says why a fresh browser cannot take the place of one of that version; nil where it can. The evidence names
// one browser: a program that was exchanged on the machine meanwhile is another.
func (l *launch) serves(version string) error {
	switch {
	case l.err != nil:
		return l.err
	case l.over():
		return browser.ErrEnded
	case l.browser.Version() != version:
		return fmt.Errorf("the program on this machine is %s now, and this run began with %s", l.browser.Version(), version)
	}
	return nil
}
