package portaltest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// View is one document that can be looked at and acted on: a page or a frame. Its methods end
// the test when they fail.
type View struct {
	ctx  context.Context
	t    testing.TB
	what string
}

// Eval evaluates an expression, waiting for its promise, and decodes the result.
func Eval[T any](v View, expression string) T {
	v.t.Helper()
	ctx, cancel := within(v.ctx)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatalf("evaluate in the %s: %v\n%s", v.what, err, expression)
	}
	return value
}

// Count is how many elements have the role and the name, both computed by the browser.
// Elements that assistive technology does not see do not count. An empty name means any.
func (v View) Count(role, name string) int {
	v.t.Helper()
	return len(v.query(v.ctx, role, name))
}

// Await waits for an element with the role and the name to be there, and returns its text.
func (v View) Await(role, name string) string {
	v.t.Helper()
	return call[string](v, v.await(role, name), "function() { return this.textContent }")
}

// Click waits for an element that can be used, and clicks it.
func (v View) Click(role, name string) {
	v.t.Helper()
	v.until(fmt.Sprintf("%s %q to be usable", role, name), func(ctx context.Context) bool {
		for _, node := range v.query(ctx, role, name) {
			if clicked, err := callOn[bool](ctx, node, "function() { return !this.disabled && (this.click(), true) }"); err == nil && clicked {
				return true
			}
		}
		return false
	})
}

// Fill waits for an element, sets its value as typing does, and tells the page's scripts.
func (v View) Fill(role, name, value string) {
	v.t.Helper()
	text, _ := json.Marshal(value)
	v.act(v.await(role, name), `function() {
		this.focus(); this.value = `+string(text)+`;
		this.dispatchEvent(new Event("input", {bubbles: true}));
		this.dispatchEvent(new Event("change", {bubbles: true}));
	}`)
}

// Enabled waits for an element and says whether it can be used.
func (v View) Enabled(role, name string) bool {
	v.t.Helper()
	return call[bool](v, v.await(role, name), "function() { return !this.disabled }")
}

// Value waits for a field and returns what is in it.
func (v View) Value(role, name string) string {
	v.t.Helper()
	return call[string](v, v.await(role, name), "function() { return this.value }")
}

// AwaitGone waits until a frame or popup is no longer there, as after a navigation of the page
// that holds it.
func (v View) AwaitGone() {
	v.t.Helper()
	ctx, cancel := within(v.ctx)
	defer cancel()
	gone, err := chromedp.Detached(v.ctx)
	if err != nil {
		v.t.Fatalf("watch the %s: %v", v.what, err)
	}
	select {
	case <-gone:
	case <-ctx.Done():
		v.t.Fatalf("waited %s for the %s to go away; it reads:\n%s", Deadline, v.what, v.text())
	}
}

// AwaitTrue waits for an expression to be true.
func (v View) AwaitTrue(expression string) {
	v.t.Helper()
	v.until(expression, func(ctx context.Context) bool {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		return err == nil && ok
	})
}

func (v View) await(role, name string) cdp.BackendNodeID {
	v.t.Helper()
	var found []cdp.BackendNodeID
	v.until(fmt.Sprintf("%s %q", role, name), func(ctx context.Context) bool {
		found = v.query(ctx, role, name)
		return len(found) > 0
	})
	return found[0]
}

// nextChange resolves at the next change of the document, or soon: a navigation changes the
// document without a mutation.
const nextChange = `new Promise((resolve) => {
	const observer = new MutationObserver(() => { observer.disconnect(); resolve(true); });
	observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
	setTimeout(() => { observer.disconnect(); resolve(true); }, 50);
})`

func (v View) until(what string, done func(ctx context.Context) bool) {
	v.t.Helper()
	ctx, cancel := within(v.ctx)
	defer cancel()
	for !done(ctx) {
		if ctx.Err() != nil {
			v.t.Fatalf("%s: waited %s for %s; the %s reads:\n%s", v.location(), Deadline, what, v.what, v.text())
		}
		// An error here is a navigation under way: the next look sees the new document.
		_, _ = chromedp.Run(ctx, chromedp.Evaluate[bool](nextChange, chromedp.EvalAwaitPromise))
	}
}

func (v View) location() string {
	url, _ := chromedp.Run(v.ctx, chromedp.Evaluate[string]("location.origin + location.pathname"))
	return url
}

func (v View) text() string {
	text, _ := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText : ''"))
	return text
}

func (v View) query(ctx context.Context, role, name string) []cdp.BackendNodeID {
	root, err := chromedp.Call(ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		return nil
	}
	tree, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		BackendNodeID: root.Root.BackendNodeID, Role: role, AccessibleName: name,
	})
	if err != nil {
		return nil
	}
	var found []cdp.BackendNodeID
	for _, node := range tree.Nodes {
		if !node.Ignored {
			found = append(found, node.BackendDOMNodeID)
		}
	}
	return found
}

func (v View) act(node cdp.BackendNodeID, function string) {
	v.t.Helper()
	call[json.RawMessage](v, node, function)
}

func call[T any](v View, node cdp.BackendNodeID, function string) T {
	v.t.Helper()
	ctx, cancel := within(v.ctx)
	defer cancel()
	value, err := callOn[T](ctx, node, function)
	if err != nil {
		v.t.Fatalf("call on an element of the %s: %v\n%s", v.what, err, function)
	}
	return value
}

func callOn[T any](ctx context.Context, node cdp.BackendNodeID, function string) (value T, err error) {
	object, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node})
	if err != nil {
		return value, fmt.Errorf("resolve the element: %w", err)
	}
	result, err := chromedp.Call(ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: object.Object.ObjectID, ReturnByValue: new(true), UserGesture: new(true),
	})
	switch {
	case err != nil:
		return value, err
	case result.ExceptionDetails != nil:
		return value, fmt.Errorf("exception: %s", result.ExceptionDetails.Text)
	case len(result.Result.Value) == 0:
		return value, nil
	}
	return value, json.Unmarshal(result.Result.Value, &value)
}
