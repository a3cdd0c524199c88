package browser

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/runtime"

	"github.com/reprompt/reprompt/secret"
)

// Element is an element of one document, found by Find. It goes with its document.
type Element struct {
	document *Document
	object   runtime.RemoteObjectID

	// Role and Name as the browser computed them when the element was found.
	Role, Name string
	// Disabled when the element was found.
	Disabled bool
}

// Document is the document that the element is in.
func (e *Element) Document() *Document { return e.document }

// press scrolls to the element and sends it what a mouse sends, ending in a click.
const press = `
	this.scrollIntoView({block: "center", inline: "center"});
	const box = this.getBoundingClientRect();
	const at = {bubbles: true, cancelable: true, composed: true, view: window, button: 0,
		clientX: box.x + box.width / 2, clientY: box.y + box.height / 2};
	this.dispatchEvent(new PointerEvent("pointerdown", {...at, pointerType: "mouse", isPrimary: true, buttons: 1}));
	this.dispatchEvent(new MouseEvent("mousedown", {...at, buttons: 1}));
	if (this.focus) this.focus({preventScroll: true});
	this.dispatchEvent(new PointerEvent("pointerup", {...at, pointerType: "mouse", isPrimary: true}));
	this.dispatchEvent(new MouseEvent("mouseup", at));
	this.click();`

// enter sets a field's value the way typing does, for pages whose framework keeps its own idea
// of the value: through the prototype's setter, with the events of typing.
const enter = `
	const field = this, type = Object.getPrototypeOf(field);
	field.focus({preventScroll: true});
	field.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, composed: true, key: "Unidentified"}));
	const setter = Object.getOwnPropertyDescriptor(type, "value");
	if (setter && setter.set) setter.set.call(field, text); else field.textContent = text;
	field.dispatchEvent(new InputEvent("input", {bubbles: true, composed: true, inputType: "insertText", data: null}));
	field.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true, composed: true, key: "Unidentified"}));
	field.dispatchEvent(new Event("change", {bubbles: true}));`

// Click clicks the element. Whether something came of it is for the caller to await.
func (e *Element) Click(ctx context.Context) error {
	if err := e.document.tab.pause(ctx); err != nil {
		return err
	}
	return e.run(ctx, `function() {`+press+`}`, nil)
}

// Fill replaces the value of a field and sends the events of typing.
func (e *Element) Fill(ctx context.Context, text string) error {
	if err := e.document.tab.pause(ctx); err != nil {
		return err
	}
	return e.run(ctx, `function(text) {`+enter+`}`, nil, text)
}

// FillSecret is Fill for a credential.
func (e *Element) FillSecret(ctx context.Context, text secret.Text) error {
	return e.Fill(ctx, text.Reveal())
}

// Eval calls a function with the element as its this and decodes what it returns, through
// JSON, into out, which may be nil.
func (e *Element) Eval(ctx context.Context, function string, out any) error {
	return e.run(ctx, function, out)
}

// Text is what the element shows.
func (e *Element) Text(ctx context.Context) (string, error) {
	var text string
	err := e.run(ctx, `function() { return this.innerText ?? this.textContent }`, &text)
	return text, err
}

// Closest returns the nearest element around this one (or itself) that the CSS selector
// matches; nil when there is none.
func (e *Element) Closest(ctx context.Context, selector string) (*Element, error) {
	argument, err := json.Marshal(selector)
	if err != nil {
		return nil, fmt.Errorf("find ancestor: %w", err)
	}
	d := e.document
	got, err := call(ctx, d.owner.route, d.gone, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		ObjectID: e.object, FunctionDeclaration: `function(selector) { return this.closest(selector) }`,
		Arguments: []*runtime.CallArgument{{Value: argument}},
	})
	if err != nil {
		return nil, d.explain(err)
	}
	if got.ExceptionDetails != nil {
		return nil, scriptError(got.ExceptionDetails)
	}
	if got.Result.ObjectID == "" {
		return nil, nil
	}
	return &Element{document: d, object: got.Result.ObjectID}, nil
}

func (e *Element) run(ctx context.Context, function string, out any, arguments ...string) error {
	params := runtime.CallFunctionOnParams{
		ObjectID: e.object, FunctionDeclaration: function,
		ReturnByValue: new(true), AwaitPromise: new(true), UserGesture: new(true),
	}
	for _, argument := range arguments {
		raw, err := json.Marshal(argument)
		if err != nil {
			return fmt.Errorf("encode argument: %w", err)
		}
		params.Arguments = append(params.Arguments, &runtime.CallArgument{Value: raw})
	}
	d := e.document
	got, err := call(ctx, d.owner.route, d.gone, runtime.CallFunctionOn, params)
	if err != nil {
		return d.explain(err)
	}
	return decodeResult(got.Result, got.ExceptionDetails, out)
}
