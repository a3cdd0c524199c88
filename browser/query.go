package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
)

// Query says which element is meant, as somebody who uses a screen reader would: by its role
// and accessible name, which the browser itself computes.
type Query struct {
	// Roles of ARIA, any of which will do, for example "button", "link".
	Roles []string
	// Names, any of which will do. An element's name matches when it is equal but for case
	// and white space. None means any name.
	Names []string
	// Contains makes a name match when it contains one of Names.
	Contains bool
	// Enabled leaves out elements that are disabled.
	Enabled bool
	// Without leaves out elements that show one of these texts, and, when it is not nil, those
	// that show nothing.
	Without []string
	// Row leaves out elements that stand in no row of a table with a cell of this text. Empty
	// means anywhere.
	Row string
	// InDialogBut, when it is not nil, limits the search to what stands in a dialog whose label
	// begins with none of these texts. Without a label, what the dialog's heading shows counts.
	InDialogBut []string
	// Within limits the search to what is inside an element, in its frame. Nil means
	// everything in every frame.
	Within *Element
}

// String names the query for an error.
func (q Query) String() string {
	text := strings.Join(q.Roles, " or ")
	if len(q.Names) > 0 {
		text += fmt.Sprintf(" named %q", strings.Join(q.Names, " / "))
	}
	if q.Row != "" {
		text += fmt.Sprintf(" in the row of %q", q.Row)
	}
	return text
}

func (q Query) matches(role, name string) bool {
	if !slices.Contains(q.Roles, role) {
		return false
	}
	if len(q.Names) == 0 {
		return true
	}
	name = fold(name)
	return slices.ContainsFunc(q.Names, func(wanted string) bool {
		wanted = fold(wanted)
		return name == wanted || q.Contains && strings.Contains(name, wanted)
	})
}

// fold makes names comparable: one space between words, no case.
func fold(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Find waits until an element matches one of the queries, in whichever frame, and returns it
// with the index of the query. It looks again only when something changed: a document came or
// went, or an element, an attribute or a text did. When the context ends, the error is a
// *PageError with a picture.
func (t *Tab) Find(ctx context.Context, queries ...Query) (*Element, int, error) {
	return t.FindUnless(ctx, func() bool { return false }, queries...)
}

// ErrStopped is what FindUnless returns when it was told to stop.
var ErrStopped = errors.New("told to stop looking")

// FindUnless is Find that gives up with ErrStopped once stop is true. stop is asked before each
// look, that is, also whenever the tab shows another document or the session has another tab.
func (t *Tab) FindUnless(ctx context.Context, stop func() bool, queries ...Query) (*Element, int, error) {
	for {
		if stop() {
			return nil, 0, ErrStopped
		}
		found, index, changed, err := t.look(ctx, queries)
		if err != nil && ctx.Err() == nil {
			return nil, 0, err
		}
		if found != nil {
			return found, index, nil
		}
		if ctx.Err() == nil {
			err = t.awaitChange(ctx, changed)
		}
		if ctx.Err() != nil {
			return nil, 0, t.Fail(ctx, "await "+describeQueries(queries), context.Cause(ctx))
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// Now is Find without waiting: nil when nothing matches at this moment.
func (t *Tab) Now(ctx context.Context, queries ...Query) (*Element, int, error) {
	found, index, _, err := t.look(ctx, queries)
	return found, index, err
}

func describeQueries(queries []Query) string {
	var all []string
	for _, q := range queries {
		all = append(all, q.String())
	}
	return strings.Join(all, ", or ")
}

// look searches every document once. Before it searches one it has that document watched, so
// that a change after the look is not missed. changed is the tab's state at the beginning.
func (t *Tab) look(ctx context.Context, queries []Query) (*Element, int, <-chan struct{}, error) {
	t.mu.Lock()
	changed, err := t.changed, t.err
	t.mu.Unlock()
	if err != nil {
		return nil, 0, nil, err
	}
	for _, q := range queries {
		if q.Within != nil && q.Within.document.stillThere() != nil {
			return nil, 0, nil, ErrNavigated
		}
	}
	roots, err := watchAll(ctx, t.Documents())
	defer func() {
		for _, r := range roots {
			r.release()
		}
	}()
	if err != nil {
		return nil, 0, nil, err
	}
	for index, q := range queries {
		if found, err := first(ctx, roots, q); err != nil || found != nil {
			return found, index, changed, err
		}
	}
	return nil, 0, changed, nil
}

// root is where the search in a document begins.
type root struct {
	document *Document
	object   runtime.RemoteObjectID // the document itself; empty when it is gone
}

func (r root) release() {
	if r.object != "" {
		post(r.document.owner.route, runtime.ReleaseObject, runtime.ReleaseObjectParams{ObjectID: r.object})
	}
}

// watchAll has documents watched, all at once, and returns where to search them.
func watchAll(ctx context.Context, documents []*Document) ([]root, error) {
	roots, failed := make([]root, len(documents)), make([]error, len(documents))
	var all sync.WaitGroup
	for i, d := range documents {
		all.Go(func() {
			object, err := d.watched(ctx)
			if errors.Is(err, ErrNavigated) {
				err = nil // its successor is in the next look
			}
			roots[i], failed[i] = root{d, object}, err
		})
	}
	all.Wait()
	return roots, errors.Join(failed...)
}

// first searches all documents at once for one query, and returns the element in the first of them that has one.
func first(ctx context.Context, roots []root, q Query) (*Element, error) {
	elements, failed := make([]*Element, len(roots)), make([]error, len(roots))
	var all sync.WaitGroup
	for i, r := range roots {
		if q.Within != nil && q.Within.document != r.document || r.object == "" {
			continue
		}
		all.Go(func() { elements[i], failed[i] = r.query(ctx, q) })
	}
	all.Wait()
	for i, err := range failed {
		if !errors.Is(err, ErrNavigated) && (err != nil || elements[i] != nil) {
			return elements[i], err
		}
	}
	return nil, nil
}

// watchChanges counts what changes in a document from now on. CSS animations and transitions
// can show an element without touching the tree, therefore their ends count too.
const watchChanges = `(() => {
	if (globalThis.__changes) { __changes.seen = false; return; }
	const state = globalThis.__changes = {seen: false, wake: null};
	const note = () => { state.seen = true; if (state.wake) { state.wake(); state.wake = null; } };
	new MutationObserver(note).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	for (const name of ["load", "input", "change", "transitionend", "animationend"]) addEventListener(name, note, true);
})()`

// awaitNext resolves at the first change since watchChanges was run last.
const awaitNext = `new Promise(resolve => { __changes.seen ? resolve() : __changes.wake = resolve; })`

// awaitChange waits until any document of the tab changed or the set of documents did.
func (t *Tab) awaitChange(ctx context.Context, changed <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	documents := t.Documents()
	woken := make(chan struct{}, len(documents))
	for _, d := range documents {
		go func() {
			_ = d.Eval(ctx, awaitNext, nil) // an error too is a reason to look again
			woken <- struct{}{}
		}()
	}
	select {
	case <-woken:
	case <-changed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// query searches one document, or the part of it that q names.
func (r root) query(ctx context.Context, q Query) (*Element, error) {
	d, params := r.document, accessibility.QueryAXTreeParams{ObjectID: r.object}
	if q.Within != nil {
		params.ObjectID = q.Within.object
	}
	if len(q.Roles) == 1 {
		params.Role = q.Roles[0]
	}
	got, err := call(ctx, d.owner.route, d.gone, accessibility.QueryAXTree, params)
	if err != nil {
		return nil, d.explain(err)
	}
	for _, node := range got.Nodes {
		if node.Ignored || !q.matches(axText(node.Role), axText(node.Name)) || q.Enabled && axDisabled(node) {
			continue
		}
		e, err := d.resolve(ctx, node)
		if err != nil {
			return nil, err
		}
		if wanted, err := q.wants(ctx, e); err != nil || wanted {
			return e, err
		}
	}
	return nil, nil
}

// inRow tells whether an element stands in a row with a cell of this text.
const inRow = `function(text) {
	const fold = text => text.trim().replace(/\s+/g, " ").toLowerCase();
	const row = this.closest && this.closest("[role=row], tr");
	return !!row && [...row.querySelectorAll("[role=gridcell], [role=cell], [role=rowheader], td, th")]
		.some(cell => fold(cell.innerText) === fold(text));
}`

// dialogOf is the label of the dialog that an element stands in; null where it stands in none.
const dialogOf = `function() {
	const dialog = this.closest && this.closest("dialog, [role=dialog], [role=alertdialog]");
	if (!dialog) return null;
	const named = (dialog.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
		.map(id => document.getElementById(id)?.innerText || "").join(" ");
	return named || dialog.getAttribute("aria-label") || dialog.querySelector("h1, h2, h3, [role=heading]")?.innerText || "";
}`

// inAnotherDialog tells whether an element stands in a dialog that InDialogBut does not name.
func (q Query) inAnotherDialog(ctx context.Context, e *Element) (bool, error) {
	var label *string
	if err := e.run(ctx, dialogOf, &label); err != nil || label == nil {
		return false, err
	}
	return !slices.ContainsFunc(q.InDialogBut, func(begin string) bool {
		return strings.HasPrefix(fold(*label), fold(begin))
	}), nil
}

// wants checks what the accessibility tree does not tell.
func (q Query) wants(ctx context.Context, e *Element) (bool, error) {
	if q.InDialogBut != nil {
		if in, err := q.inAnotherDialog(ctx, e); err != nil || !in {
			return false, err
		}
	}
	if q.Row != "" {
		var in bool
		if err := e.run(ctx, inRow, &in, q.Row); err != nil || !in {
			return false, err
		}
	}
	if q.Without == nil {
		return true, nil
	}
	shown, err := e.Text(ctx)
	return err == nil && q.shows(shown), err
}

// shows reports whether an element with this text is wanted, by Without.
func (q Query) shows(text string) bool {
	text = fold(text)
	return text != "" && !slices.ContainsFunc(q.Without, func(other string) bool { return strings.Contains(text, fold(other)) })
}

// watched has the document watched and returns it as an object.
func (d *Document) watched(ctx context.Context) (runtime.RemoteObjectID, error) {
	world, err := d.worldID(ctx)
	if err != nil {
		return "", err
	}
	got, err := call(ctx, d.owner.route, d.gone, runtime.Evaluate, runtime.EvaluateParams{
		Expression: watchChanges + ", document", ContextID: world, AllowUnsafeEvalBlockedByCSP: new(true),
	})
	switch {
	case err != nil:
		return "", d.explain(err)
	case got.ExceptionDetails != nil:
		return "", scriptError(got.ExceptionDetails)
	}
	return got.Result.ObjectID, d.stillThere()
}

func (d *Document) resolve(ctx context.Context, node *accessibility.Node) (*Element, error) {
	world, err := d.worldID(ctx)
	if err != nil {
		return nil, err
	}
	got, err := call(ctx, d.owner.route, d.gone, dom.ResolveNode, dom.ResolveNodeParams{
		BackendNodeID: node.BackendDOMNodeID, ExecutionContextID: world,
	})
	if err != nil {
		return nil, d.explain(err)
	}
	return &Element{
		document: d, object: got.Object.ObjectID,
		Role: axText(node.Role), Name: axText(node.Name), Disabled: axDisabled(node),
	}, nil
}

func axText(value *accessibility.Value) string {
	if value == nil {
		return ""
	}
	var text string
	if json.Unmarshal(value.Value, &text) != nil {
		return ""
	}
	return text
}

func axDisabled(node *accessibility.Node) bool {
	for _, property := range node.Properties {
		if property.Name == accessibility.PropertyNameDisabled && property.Value != nil {
			return string(property.Value.Value) == "true"
		}
	}
	return false
}

// AwaitRemoved waits until an element is no longer in its document, or the document no longer
// there. It gives up with ErrStopped once stop is true.
func (t *Tab) AwaitRemoved(ctx context.Context, e *Element, stop func() bool) error {
	for {
		t.mu.Lock()
		changed, err := t.changed, t.err
		t.mu.Unlock()
		if err != nil {
			return err
		}
		if stop() {
			return ErrStopped
		}
		if err := e.document.Eval(ctx, watchChanges, nil); errors.Is(err, ErrNavigated) {
			return nil
		} else if err != nil {
			return err
		}
		var there bool
		if err := e.run(ctx, `function() { return this.isConnected }`, &there); errors.Is(err, ErrNavigated) || err == nil && !there {
			return nil
		} else if err != nil {
			return err
		}
		if err := t.awaitChange(ctx, changed); err != nil {
			return t.Fail(ctx, "await the end of "+e.Role+" "+e.Name, err)
		}
	}
}
