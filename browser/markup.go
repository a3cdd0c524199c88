package browser

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// largestMarkup bounds what Markup returns, in bytes.
const largestMarkup = 64 << 10

// markupScript writes a document down as a tree of elements without what could act or sign in: no
// script, style or comment, of attributes only those that say what an element is, of addresses no
// query, no content of any field but the words on a button, and no text that nobody can see.
const markupScript = `(limit => {
	const dropped = new Set(["SCRIPT", "STYLE", "LINK", "META", "BASE", "NOSCRIPT", "TEMPLATE", "OBJECT", "EMBED", "TEXTAREA", "CANVAS"]);
	const words = ["id", "name", "type", "role", "for", "lang", "autocomplete", "alt", "title", "placeholder", "data-value",
		"aria-label", "aria-labelledby", "aria-describedby", "aria-live", "aria-hidden", "aria-expanded", "aria-selected", "aria-modal"];
	const flags = ["disabled", "hidden", "checked", "open"];
	const fold = (text, most) => { text = text.replace(/\s+/g, " ").trim(); return text.length > most ? text.slice(0, most) + "…" : text; };
	const escape = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
	const bare = address => { try { const at = new URL(address, location.href); return at.protocol === "https:" || at.protocol === "http:" ? at.origin + at.pathname : at.protocol; } catch { return ""; } };
	const seen = e => typeof e.checkVisibility !== "function" || e.checkVisibility({visibilityProperty: true});
	const lines = [];
	let size = 0;
	const put = (depth, text) => { const line = "  ".repeat(Math.min(depth, 40)) + text; size += line.length + 1; if (size <= limit) lines.push(line); return size <= limit; };
	const tag = e => {
		let text = "<" + e.localName;
		for (const name of words) if (e.hasAttribute(name)) text += " " + name + '="' + escape(fold(e.getAttribute(name), 120)) + '"';
		if (e.localName === "input" && ["submit", "button", "reset"].includes(e.type) && e.value) text += ' value="' + escape(fold(e.value, 120)) + '"';
		for (const name of flags) if (e.hasAttribute(name)) text += " " + name;
		if (e.hasAttribute("href")) text += ' href="' + escape(fold(bare(e.getAttribute("href")), 120)) + '"';
		return text + ">";
	};
	const walk = (node, depth, visible) => {
		for (const child of node.childNodes) {
			if (child.nodeType === Node.TEXT_NODE) {
				const text = visible ? fold(child.data, 300) : "";
				if (text && !put(depth, escape(text))) return false;
			} else if (child.nodeType === Node.ELEMENT_NODE && !dropped.has(child.tagName.toUpperCase())) {
				if (!put(depth, tag(child))) return false;
				if (child.localName === "svg" || child.isContentEditable || child.localName === "iframe") continue;
				const shown = seen(child);
				if (child.shadowRoot && !walk(child.shadowRoot, depth + 1, shown)) return false;
				if (!walk(child, depth + 1, shown)) return false;
			}
		}
		return true;
	};
	if (!walk(document, 0, true)) lines.push("…");
	return lines.join("\n");
})`

// Markup is what the tab shows as a tree of elements, for a reader: one element or text a line, indented,
// each document after a comment that names its address without query. Fields are named and never what is
// in them, but for the words on buttons; what nobody can see has no text. It is at most 64 KiB long and says where it was cut.
func (t *Tab) Markup(ctx context.Context) (string, error) {
	var b strings.Builder
	for _, d := range t.Documents() {
		left := largestMarkup - b.Len()
		if left < 1<<10 {
			b.WriteString("<!-- and more documents -->\n")
			break
		}
		var text string
		if err := d.Eval(ctx, fmt.Sprintf("%s(%d)", markupScript, left/2), &text); err != nil {
			if d.stillThere() != nil && b.Len() > 0 {
				continue // a frame that went; the rest stands
			}
			return "", fmt.Errorf("write down %s: %w", bareURL(d.URL()), err)
		}
		text = "<!-- " + strings.ReplaceAll(bareURL(d.URL()), "--", "-") + " -->\n" + text + "\n"
		for len(text) > left { // characters of several bytes
			text = text[:left]
			for !utf8.ValidString(text) {
				text = text[:len(text)-1]
			}
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
