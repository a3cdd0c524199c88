package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/reprompt/reprompt/browser"
)

// visibleFunction tells whether somebody could see and use an element.
const visibleFunction = `element => {
	const box = element.getBoundingClientRect();
	return box.width > 1 && box.height > 1 &&
		element.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !element.closest("[inert]");
}`

// Bounds on what a page can have us read of it, as they stand in the scripts; the longest $Config that was observed has some 40 kB.
const (
	largestConfig = "1048576" // characters of $Config; a longer one cannot be read
	longestText   = "4096"    // characters of any text of the page
	mostMethods   = "50"      // methods to choose from
)

// configScript reads $Config from the text of the script that sets it, so that no variable of
// the page has to be touched: set is the object, whole says whether it could be read. The object
// ends with the brace that closes it, whatever follows in that script. A page whose $Config
// cannot be read may still say its pgid there, or in a meta element (observed).
const configScript = `() => {
	const close = text => {
		let depth = 0;
		for (let i = 0; i < text.length; i++) {
			if (text[i] === '"') { for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === "\\") i++; }
			else if (text[i] === "{") depth++;
			else if (text[i] === "}" && --depth === 0) return i + 1;
		}
		return text.length;
	};
	let pgid = document.querySelector("meta[name=PageID]")?.content || "";
	for (const script of document.scripts) {
		const text = script.textContent, start = /\$Config\s*=\s*(?=\{)/.exec(text);
		if (!start) continue;
		const object = text.slice(start.index + start[0].length, start.index + start[0].length + ` + largestConfig + `);
		try {
			const set = JSON.parse(object.slice(0, close(object)));
			if (set.pgid) return {set, whole: true};
		} catch { }
		pgid = /"pgid":\s*"(\w+)"/.exec(object)?.[1] || pgid;
	}
	return {set: {pgid}, whole: false};
}`

// reportScript tells what the page shows, as JSON.
const reportScript = `((selectors, errors) => {
	const visible = ` + visibleFunction + `;
	const set = (` + configScript + `)().set;
	const shown = {}, present = [];
	for (const [name, selector] of Object.entries(selectors)) {
		const all = [...document.querySelectorAll(selector)], element = all.find(visible);
		if (all.length) present.push(name);
		if (element) shown[name] = !element.disabled && element.getAttribute("aria-disabled") !== "true" && !element.readOnly;
	}
	const problem = errors.flatMap(selector => [...document.querySelectorAll(selector)])
		.find(element => visible(element) && element.innerText.trim());
	const clip = text => String(text ?? "").slice(0, ` + longestText + `);
	return JSON.stringify({
		pgid: clip(set.pgid), errorCode: clip(set.sErrorCode), exception: clip(set.strServiceExceptionMessage),
		problem: problem ? clip(problem.innerText.trim()) : "", title: clip(document.title),
		host: location.host, path: clip(location.pathname), shown, present,
		methods: [...document.querySelectorAll(selectors.method)].filter(visible).slice(0, ` + mostMethods + `).map(element => clip(element.dataset.value)),
		number: clip((document.querySelector(selectors.number)?.innerText || "").trim()),
	});
})`

// observeScript reports what the page shows, once it has loaded and its scripts had a turn,
// and not before that differs from what was reported last. It waits for changes of the
// document; it does not poll.
const observeScript = `(async (selectors, errors, last) => {
	if (document.readyState !== "complete") {
		await new Promise(resolve => addEventListener("load", resolve, {once: true}));
	}
	// A task of the lowest priority runs after all that the load event set off, such as a form
	// that submits itself, which the browser does in a task of its own.
	await scheduler.postTask(() => {}, {priority: "background"});
	for (;;) {
		const now = ` + reportScript + `(selectors, errors);
		if (now !== last) return now;
		await new Promise(resolve => {
			const observer = new MutationObserver(() => { observer.disconnect(); resolve(); });
			observer.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
			for (const name of ["transitionend", "animationend", "load"]) addEventListener(name, resolve, {once: true, capture: true});
		});
	}
})`

// observe waits until the loaded document shows something else than the last report (empty:
// anything) and returns what it shows, with the report to pass next time.
func observe(ctx context.Context, doc *browser.Document, last string) (snapshot, string, error) {
	var report string
	if err := doc.Eval(ctx, invoke(observeScript, selectors, errorSelectors, last), &report); err != nil {
		return snapshot{}, "", err
	}
	s, err := readReport(report)
	s.Status = doc.Status()
	return s, report, err
}

func readReport(report string) (snapshot, error) {
	var s snapshot
	if err := json.Unmarshal([]byte(report), &s); err != nil {
		return snapshot{}, fmt.Errorf("read what the page shows: %w", err)
	}
	s.Host = strings.ToLower(s.Host)
	return s, nil
}

// reportEarly has every page of the tab tell what it is as soon as it is parsed, in case that
// it goes on by itself before it has loaded.
func reportEarly(tab *browser.Tab) { tab.ReportEarly(invoke(reportScript, selectors, errorSelectors)) }

// glimpse is what a document showed when it was parsed; ok is false when it did not tell.
func glimpse(doc *browser.Document) (s snapshot, ok bool) {
	report := doc.Early()
	if report == "" {
		return snapshot{}, false
	}
	s, err := readReport(report)
	return s, err == nil
}

// invoke writes a call of a JavaScript function with JSON arguments.
func invoke(function string, arguments ...any) string {
	parts := make([]string, len(arguments))
	for i, argument := range arguments {
		raw, err := json.Marshal(argument)
		if err != nil {
			panic(err) // strings and maps of strings always encode
		}
		parts[i] = string(raw)
	}
	return function + "(" + strings.Join(parts, ",") + ")"
}

// actScript does everything that a page is asked for in one go: fills a field the way typing
// does, and presses a button. It answers what was missing, or nothing.
const actScript = `((selectors, field, text, button) => {
	const visible = ` + visibleFunction + `;
	const find = selector => [...document.querySelectorAll(selector)].find(element => visible(element) && !element.disabled);
	const press = button && find(selectors[button] || button);
	if (button && !press) return "no button " + (selectors[button] || button);
	if (field) {
		const input = find(selectors[field]);
		if (!input) return "no field " + selectors[field];
		input.focus();
		input.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, key: "Unidentified"}));
		Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
		input.dispatchEvent(new InputEvent("input", {bubbles: true, composed: true, inputType: "insertText"}));
		input.dispatchEvent(new KeyboardEvent("keyup", {bubbles: true, key: "Unidentified"}));
		input.dispatchEvent(new Event("change", {bubbles: true}));
	}
	if (press) { press.focus(); press.click(); }
	return "";
})`

// pickScript presses the tile of an account. It answers false when there is none.
const pickScript = `((selectors, account) => {
	const wanted = account.toLowerCase();
	const tiles = [...document.querySelectorAll(selectors.tile)];
	const is = tile => (tile.dataset.testId || "").toLowerCase() === wanted ||
		(tile.innerText || "").toLowerCase().split(/\s+/).includes(wanted);
	const tile = tiles.find(is);
	if (!tile) return false;
	const press = tile.matches("[role=button], button, [data-test-id]") ? tile : tile.querySelector("[role=button], button") || tile;
	press.click();
	return true;
})`
