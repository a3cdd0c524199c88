package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Document is what a tab, or a frame in it, shows between two navigations. A Document stays
// itself: once it is replaced, everything asked of it fails with ErrNavigated and nothing is
// ever asked of its successor by mistake.
type Document struct {
	tab    *Tab
	owner  *attachment
	frame  cdp.FrameID
	loader cdp.LoaderID
	gone   chan struct{}
	// closed is the tab's, handed from one top document to the next.
	closed  chan struct{}
	failure *NetworkError

	// Guarded by tab.mu.
	next    *Document // that replaced it; nil while it is there
	url     string
	status  int
	leaving bool
	early   string
	ended   bool

	worldMu sync.Mutex
	world   runtime.ExecutionContextID
}

func newDocument(t *Tab, a *attachment, frame *cdp.Frame) *Document {
	return &Document{
		tab: t, owner: a, frame: frame.ID, loader: frame.LoaderID, url: frame.URL + frame.URLFragment,
		gone: make(chan struct{}), closed: make(chan struct{}),
	}
}

// end marks the document as replaced; the tab's lock is held.
func (d *Document) end() {
	if !d.ended {
		d.ended = true
		close(d.gone)
	}
}

// URL is the document's address, with query and fragment.
func (d *Document) URL() string {
	d.tab.mu.Lock()
	defer d.tab.mu.Unlock()
	return d.url
}

// Status is the HTTP status that the top document came with; 0 when there was none.
func (d *Document) Status() int {
	d.tab.mu.Lock()
	defer d.tab.mu.Unlock()
	return d.status
}

// Gone is closed once the document was replaced or its tab closed.
func (d *Document) Gone() <-chan struct{} { return d.gone }

// Leaving reports whether the document has asked to be replaced (a form was submitted, a
// script set the location) though it is still there.
func (d *Document) Leaving() bool {
	d.tab.mu.Lock()
	defer d.tab.mu.Unlock()
	return d.leaving
}

// Eval evaluates an expression in the document and decodes its value, through JSON, into out,
// which may be nil. A promise is awaited. It counts as a gesture of the user, so it may open
// popups.
//
// It runs in a world of its own: it shares the document's elements and sees none of the
// page's variables, and no script of the page can tell. See EvalMain for those.
func (d *Document) Eval(ctx context.Context, script string, out any) error {
	world, err := d.worldID(ctx)
	if err != nil {
		return err
	}
	return d.evaluate(ctx, runtime.EvaluateParams{Expression: script, ContextID: world}, out)
}

// EvalMain is Eval among the page's own variables, for the top document only. The answer is
// the document's own: had it been replaced meanwhile, the error would be ErrNavigated. Use it
// to read, not to act.
func (d *Document) EvalMain(ctx context.Context, script string, out any) error {
	if d.frame != d.tab.main() {
		return errors.New("evaluate among the page's variables: only in the top document")
	}
	return d.evaluate(ctx, runtime.EvaluateParams{Expression: script}, out)
}

func (d *Document) evaluate(ctx context.Context, params runtime.EvaluateParams, out any) error {
	params.AwaitPromise, params.ReturnByValue = new(true), new(true)
	params.UserGesture, params.AllowUnsafeEvalBlockedByCSP = new(true), new(true)
	result, err := call(ctx, d.owner.route, d.gone, runtime.Evaluate, params)
	if err != nil {
		return d.explain(err)
	}
	if err := d.stillThere(); err != nil {
		return err
	}
	return decodeResult(result.Result, result.ExceptionDetails, out)
}

// tell has an expression evaluated in the document, before whatever is asked of it next, and does not wait for
// that. A document of which nothing was asked before, or that is gone, is not told.
func (d *Document) tell(script string) {
	d.worldMu.Lock()
	world := d.world
	d.worldMu.Unlock()
	if world != 0 {
		post(d.owner.route, runtime.Evaluate, runtime.EvaluateParams{Expression: script, ContextID: world})
	}
}

func (d *Document) stillThere() error {
	select {
	case <-d.gone:
		return ErrNavigated
	default:
		return nil
	}
}

func decodeResult(object *runtime.RemoteObject, exception *runtime.ExceptionDetails, out any) error {
	if exception != nil {
		return scriptError(exception)
	}
	if out == nil || object == nil || len(object.Value) == 0 {
		return nil
	}
	if err := json.Unmarshal(object.Value, out); err != nil {
		return fmt.Errorf("decode what the page answered: %w", err)
	}
	return nil
}

// scriptError tells what a script threw: its first line only, never the script, which may
// hold a password.
func scriptError(details *runtime.ExceptionDetails) error {
	text := details.Text
	if details.Exception != nil && details.Exception.Description != "" {
		text, _, _ = strings.Cut(details.Exception.Description, "\n")
	}
	return fmt.Errorf("script in the page: %s", text)
}

// explain turns the browser's ways of saying that the document is gone into one.
func (d *Document) explain(err error) error {
	var reply *cdproto.Error
	if errors.Is(err, errDetached) {
		return ErrNavigated
	}
	if !errors.As(err, &reply) {
		return err
	}
	for _, part := range []string{
		"navigated or closed", "Cannot find context", "context was destroyed", "Promise was collected",
		"No frame for given id", "No frame with given id", "Cannot find execution context", "uniqueContextId not found",
	} {
		if strings.Contains(reply.Message, part) {
			return ErrNavigated
		}
	}
	return fmt.Errorf("browser: %w", err)
}

// worldID makes the isolated world of the document at the first use. An id that the browser
// hands out while the document is still the current one belongs to this document and to no
// other, because a replacement would have been announced before.
func (d *Document) worldID(ctx context.Context) (runtime.ExecutionContextID, error) {
	d.worldMu.Lock()
	defer d.worldMu.Unlock()
	if err := d.stillThere(); err != nil {
		return 0, err
	}
	if d.world != 0 {
		return d.world, nil
	}
	made, err := call(ctx, d.owner.route, d.gone, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: d.frame, WorldName: "reprompt",
	})
	if err != nil {
		return 0, d.explain(err)
	}
	if err := d.stillThere(); err != nil {
		return 0, err
	}
	d.world = made.ExecutionContextID
	return d.world, nil
}
