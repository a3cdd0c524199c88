package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/cdp/jsonv2"
	"github.com/chromedp/cdproto/target"
)

// Options say how to start a browser.
type Options struct {
	// Installation is the browser to start, from Find.
	Installation Installation
	// Headed shows a window. It needs an Installation that is no headless shell.
	Headed bool
	// Proxy is the HTTP proxy for everything, loopback too, for example
	// "http://127.0.0.1:3128". Empty means none.
	Proxy string
	// TrustSPKI are base64 SHA-256 digests of public keys (of a leaf or of an authority)
	// whose certificates are accepted though nobody trusts them. Every other certificate
	// error stays an error.
	TrustSPKI []string
	// TempDir is where the profile folder is made and removed again. Empty means the
	// system's folder for temporary files.
	TempDir string
	// NoSandbox starts the browser without its sandbox, as root always is. It is for a container that allows
	// no user namespaces and is the sandbox itself; elsewhere a page's exploit has all that this user has.
	NoSandbox bool

	// extraFlags are for tests.
	extraFlags []string
}

// Browser is a running browser, a process of ours or a remote one. It is safe for concurrent use.
type Browser struct {
	options Options
	process *process // nil where remote is not
	remote  *Remote  // nil for a process of ours
	conn    *conn
	root    *route
	version string

	digest func() (string, error)
	pause  func(context.Context) error // nil: no pause

	mu       sync.Mutex
	sessions map[cdp.BrowserContextID]*Session
	most     int          // sessions at a time
	ahead    chan aheadOf // what OpenAhead opens; nil where nothing is
	opening  sync.WaitGroup
	closing  sync.Once
	closeErr error
}

// Start starts a browser and waits until it answers. The context bounds the start only; the
// browser lives until Close.
func Start(ctx context.Context, options Options) (*Browser, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	p, err := startProcess(options.Installation.Path, options.flags(), options.TempDir)
	if err != nil {
		return nil, err
	}
	b := &Browser{
		options: options, process: p,
		sessions: map[cdp.BrowserContextID]*Session{},
	}
	b.conn = newConn(p.pipe, b.endSessions)
	b.digest = sync.OnceValues(func() (string, error) { return digest(options.Installation.Path) })
	b.root = b.conn.open("", b.event)
	if err := b.greet(ctx); err != nil {
		closeErr := b.Close()
		return nil, errors.Join(fmt.Errorf(
			"start browser: %s did not answer as Chromium does: %w%s; %s",
			options.Installation.Path, err, saying(p.output.String()), mend(p.output.String())), closeErr)
	}
	return b, nil
}

func (o Options) check() error {
	switch {
	case o.Installation.Path == "":
		return errors.New("start browser: no installation given; use browser.Find")
	case o.Headed && o.Installation.Shell:
		return fmt.Errorf("start browser: %s cannot show a window; install Chromium or Chrome and give its path", o.Installation.Name)
	case o.Headed && runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return errors.New("start browser: there is no display to show a window on; leave out --headed")
	}
	return nil
}

// saying appends what the browser itself printed to an error.
func saying(output string) string {
	if output = strings.TrimSpace(output); output == "" {
		return ""
	}
	return "; it said: " + output
}

// mend says what to do about a browser that did not start. The two lines are those of Chromium's
// sandbox/linux and content/browser/zygote_host, where the kernel or the container allows no user namespace.
func mend(output string) string {
	if strings.Contains(output, "No usable sandbox") || strings.Contains(output, "Failed to move to new namespace") {
		return "it may not make its sandbox here: allow user namespaces, or, where a container is the sandbox, set REPROMPT_BROWSER_SANDBOX=none"
	}
	return "name another with --browser or REPROMPT_BROWSER, or leave it out to search"
}

// greet asks for the version and from then on pauses every new page until it is prepared.
func (b *Browser) greet(ctx context.Context) error {
	version, err := call(ctx, b.root, nil, cdpbrowser.GetVersion, cdp.Empty{})
	if err != nil {
		return err
	}
	b.version = version.Product
	_, err = call(ctx, b.root, nil, target.SetAutoAttach, attachPaused())
	return err
}

func attachPaused() target.SetAutoAttachParams {
	return target.SetAutoAttachParams{AutoAttach: true, WaitForDebuggerOnStart: true, Flatten: new(true)}
}

// Version is what the browser calls itself, for example "HeadlessChrome/156.0.8078.79".
func (b *Browser) Version() string { return b.version }

// Installation is the program that runs; of a remote browser it has a name only.
func (b *Browser) Installation() Installation { return b.options.Installation }

// Digest is the SHA-256 of the browser's program file in hexadecimal. It reads the file at the
// first call. Of a remote browser it cannot be known: that is an error.
func (b *Browser) Digest() (string, error) { return b.digest() }

// Close ends the browser with all its sessions and removes its profile. When it returns, no
// process, goroutine or file of it is left. A remote browser goes on without them. Closing twice is harmless.
func (b *Browser) Close() error {
	b.closing.Do(func() {
		defer b.opening.Wait() // it fails once the connection is closed
		if b.remote != nil {
			b.closeErr = b.leave()
			return
		}
		b.endSessions(ErrClosed) // before the browser goes: whoever waits is to learn that we closed it
		post(b.root, cdpbrowser.Close, cdp.Empty{})
		b.closeErr = b.process.stop()
		b.conn.close()
	})
	return b.closeErr
}

// endSessions wakes whoever waits for something of the browser, and says why nothing will come.
func (b *Browser) endSessions(cause error) {
	b.mu.Lock()
	sessions := b.sessions
	b.sessions = map[cdp.BrowserContextID]*Session{}
	b.mu.Unlock()
	for _, s := range sessions {
		s.ended(cause)
	}
}

// Ended is closed once the browser has ended, by Close or by itself. Close it in any case: its profile
// is there until then.
func (b *Browser) Ended() <-chan struct{} { return b.conn.gone }

// NewSession opens an isolated browser context: no cookie, no storage and no passkey of any
// other session is in it.
func (b *Browser) NewSession(ctx context.Context) (*Session, error) {
	if s := b.takeAhead(ctx); s != nil {
		return s, nil
	}
	return b.newSession(ctx)
}

func (b *Browser) newSession(ctx context.Context) (*Session, error) {
	made, err := call(ctx, b.root, nil, target.CreateBrowserContext, b.contextParams())
	if err != nil {
		return nil, fmt.Errorf("open browser session: %w", err)
	}
	s := newSession(b, made.BrowserContextID)
	b.remember(s, made.BrowserContextID)
	return s, nil
}

// remember finds a session by its browser context from now on.
func (b *Browser) remember(s *Session, id cdp.BrowserContextID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sessions[id] = s
	b.most = max(b.most, len(b.sessions))
}

// MostSessions is how many sessions had a context at a time, at the most; parked ones have none.
func (b *Browser) MostSessions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.most
}

func (b *Browser) session(id cdp.BrowserContextID) *Session {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sessions[id]
}

func (b *Browser) forget(id cdp.BrowserContextID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sessions, id)
}

// event handles what the browser says outside any page.
func (b *Browser) event(method string, params jsonv2.Value) {
	switch method {
	case target.AttachedToTarget.Method:
		if event, ok := decode[target.EventAttachedToTarget](params); ok {
			b.attached(event, nil)
		}
	case target.DetachedFromTarget.Method:
		if event, ok := decode[target.EventDetachedFromTarget](params); ok {
			b.detached(event.SessionID)
		}
	}
}
