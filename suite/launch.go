package suite

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/reprompt/reprompt/browser"
)

// browsers are those of one target: the one that runs, and those before it that ended by themselves.
type browsers struct {
	mu   sync.Mutex
	last *launch // nil before the first
	dead []fenced
}

// launch is one start of the browser.
type launch struct {
	done    chan struct{} // closed when the browser is there or is not to be had
	browser fenced
	err     error
}

// over reports whether the browser of a launch has ended by itself.
func (l *launch) over() bool {
	select {
	case <-l.done:
	default:
		return false
	}
	if l.browser.Browser == nil {
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
// be given back, and other roles to be proved. The proxy and the CA are the target's: with an embedded
// Entra the browser can reach nothing else.
func (t *target) launch(ctx context.Context) *launch {
	b := &t.browsers
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != nil && !b.last.over() {
		return b.last
	}
	if b.last != nil {
		b.dead = append(b.dead, b.last.browser)
	}
	started := &launch{done: make(chan struct{})}
	b.last = started
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
			started.browser.OpenAhead(ctx)
			go func() { _, _ = started.browser.Digest() }() // kept for noteBrowser: the file is large
		}
	}()
	return started
}

// running returns a browser that runs, once it is there.
func (t *target) running(ctx context.Context) (*browser.Browser, error) {
	started := t.launch(ctx)
	select {
	case <-started.done:
		return started.browser.Browser, required(started.err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
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
	t.browsers.mu.Lock()
	all := slices.Clone(t.browsers.dead)
	last := t.browsers.last
	t.browsers.mu.Unlock()
	if last != nil {
		select {
		case <-last.done:
			all = append(all, last.browser)
		default:
		}
	}
	var hosts []string
	for _, f := range all {
		hosts = append(hosts, f.refused()...)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// closeBrowsers ends the one that runs and takes away what those before it left.
func (t *target) closeBrowsers(running fenced) error {
	hosts := t.refusedHosts()
	var errs []error
	for _, f := range append(slices.Clone(t.browsers.dead), running) {
		if f.Browser != nil {
			errs = append(errs, f.Close())
		}
	}
	if said := sayRefused(hosts); said != "" {
		t.progress.note("%s", said)
	}
	return errors.Join(errs...)
}
