package suite

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/reprompt/reprompt/browser"
	"github.com/reprompt/reprompt/evidence"
)

// browsers are those of one target: the one that serves new sessions, and what is left of those before it.
type browsers struct {
	mu      sync.Mutex
	last    *launch // nil before the first
	next    *launch // started ahead, to take the place of last; nil: none
	old     []fenced
	refused []string                  // hosts, by those that are gone
	kinds   map[evidence.Browser]bool // what those before the last were
	errs    []error                   // what could not be cleaned up behind them
	ending  sync.WaitGroup            // one for each of old
}

// launch is one start of the browser.
type launch struct {
	done     chan struct{} // closed when the browser is there or is not to be had
	browser  fenced
	err      error
	contexts int // at how many it is renewed
}

// ready reports whether the browser of a launch is there, or is known not to be.
func (l *launch) ready() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// over reports whether the browser of a launch has ended by itself.
func (l *launch) over() bool {
	if !l.ready() || l.browser.Browser == nil {
		return false
	}
	select {
	case <-l.browser.Ended():
		return true
	default:
		return false
	}
}

// launch starts the browser, and a new one where the last has ended by itself: what was activated has to
// be given back, and other roles to be proved.
func (t *target) launch(ctx context.Context) *launch {
	b := &t.browsers
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last == nil {
		b.last = t.start(ctx, true)
	}
	for b.last.over() {
		t.replaceLocked(ctx)
	}
	return b.last
}

// replaceLocked puts the browser that was started ahead in the place of the last, or a new one.
func (t *target) replaceLocked(ctx context.Context) {
	b := &t.browsers
	before, next := b.last.browser, b.next
	b.next = nil
	if next == nil || next.ready() && next.err != nil {
		next = t.start(ctx, false)
	}
	b.last = next
	b.noteKind(t.kindOf(before))
	b.old = append(b.old, before)
	b.ending.Go(func() { t.awaitEnd(before) })
}

// start starts a browser. The proxy and the CA are the target's: with an embedded Entra the browser can reach
// nothing else. The first opens a session at once, for which somebody waits; a later one waits for its turn.
func (t *target) start(ctx context.Context, first bool) *launch {
	started := &launch{done: make(chan struct{}), contexts: t.options.renewedAfter()}
	where := t.place
	if t.server != nil {
		where = place{proxy: t.server.Access().Proxy, caPEM: t.caPEM, control: t.control}
	}
	go func() {
		defer close(started.done)
		started.browser, started.err = startFenced(context.WithoutCancel(ctx), where, t.installation, t.options)
		if started.err == nil {
			t.slowDown(started.browser)
			t.options.watched(started.browser.Browser)
			if first {
				started.browser.OpenAhead(ctx)
			}
			go func() { _, _ = started.browser.Digest() }() // kept for noteBrowser: the file is large
		}
	}()
	return started
}

// running returns a browser that runs, once it is there.
func (t *target) running(ctx context.Context) (*browser.Browser, error) {
	for {
		started := t.launch(ctx)
		select {
		case <-started.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if started.err != nil || !t.renew(ctx, started) {
			return started.browser.Browser, required(started.err)
		}
	}
}

// session opens a session in a browser that runs.
func (t *target) session(ctx context.Context) (*browser.Session, error) {
	for {
		running, err := t.running(ctx)
		if err != nil {
			return nil, err
		}
		session, err := running.NewSession(ctx)
		if !errors.Is(err, browser.ErrRetired) { // renewed just now
			return session, err
		}
	}
}

// awaitEnd waits for the end of a browser that another has taken the place of, and takes away what it left: its
// profile, its fence.
func (t *target) awaitEnd(f fenced) {
	<-f.Ended()
	err := f.Close()
	b := &t.browsers
	b.mu.Lock()
	defer b.mu.Unlock()
	b.old = slices.DeleteFunc(b.old, func(other fenced) bool { return other.Browser == f.Browser })
	b.refused = merged(b.refused, f.refused())
	if err != nil {
		b.errs = append(b.errs, err)
	}
}

// lastBrowser waits for a browser that is being started; the zero value says that there is none.
func (t *target) lastBrowser() fenced {
	t.browsers.mu.Lock()
	last := t.browsers.last
	t.browsers.mu.Unlock()
	if last == nil {
		return fenced{}
	}
	<-last.done
	return last.browser
}

// refusedHosts are those that the browsers were not let to so far, sorted.
func (t *target) refusedHosts() []string {
	b := &t.browsers
	b.mu.Lock()
	hosts, all, last := slices.Clone(b.refused), slices.Clone(b.old), b.last
	b.mu.Unlock()
	if last != nil && last.ready() {
		all = append(all, last.browser)
	}
	for _, f := range all {
		hosts = merged(hosts, f.refused())
	}
	return hosts
}

// merged are the texts of two lists, each once, sorted.
func merged(some, more []string) []string {
	all := slices.Concat(some, more)
	slices.Sort(all)
	return slices.Compact(all)
}

// closeBrowsers ends the one that runs and those beside it, and takes away what those before it left.
func (t *target) closeBrowsers(running fenced) error {
	b := &t.browsers
	b.mu.Lock()
	old, next := slices.Clone(b.old), b.next
	b.mu.Unlock()
	for _, f := range old {
		_ = f.Browser.Close() // awaitEnd tells
	}
	var errs []error
	if next != nil {
		<-next.done
		errs = append(errs, next.browser.close())
	}
	errs = append(errs, running.close())
	b.ending.Wait()
	if said := sayRefused(t.refusedHosts()); said != "" {
		t.progress.note("%s", said)
	}
	return errors.Join(append(errs, b.errs...)...)
}

// close is Close, also of a browser that is not there.
func (f fenced) close() error {
	if f.Browser == nil {
		return nil
	}
	return f.Close()
}

// kindOf is what the evidence says of a browser.
func (t *target) kindOf(f fenced) evidence.Browser {
	digest, _ := f.Digest() // an empty digest says that it is not known
	return evidence.Browser{Name: t.installation.Name, Version: f.Version(), SHA256: digest}
}

// noteKind remembers what a browser was that served.
func (b *browsers) noteKind(kind evidence.Browser) {
	if b.kinds == nil {
		b.kinds = map[evidence.Browser]bool{}
	}
	b.kinds[kind] = true
}

// noteBrowser tells the evidence which browser it was. Where it was one and then another, because the first ended by
// itself after the program had been exchanged, the evidence names none: it does not tell proofs apart by it.
func (t *target) noteBrowser(running fenced) {
	if running.Browser == nil {
		return
	}
	t.run.SetRefusedHosts(t.refusedHosts())
	t.browsers.mu.Lock()
	defer t.browsers.mu.Unlock()
	kind := t.kindOf(running)
	if t.browsers.noteKind(kind); len(t.browsers.kinds) > 1 {
		t.progress.note("the evidence names no browser: the program was exchanged meanwhile, and there were two")
		kind = evidence.Browser{}
	}
	t.run.SetBrowser(kind)
}
