// A pane at the right edge: a modal dialog with a title, content and buttons.

import { el, fill, freshID } from "/assets/dom.js";

/**
 * Opens a modal pane. `accept` is {text, run}; its button starts disabled until enable(true).
 * Returns {content, enable, busy, problem, close}: fill `content`; `problem(element)` shows an alert above it.
 */
export function openPane({ title, texts, accept }) {
  const titleID = freshID("title");
  const content = el("div", { className: "content" });
  const alert = el("div", { className: "alerts" });
  const confirm = el("button", { type: "button", className: "primary", disabled: true, on: { click: accept.run } }, accept.text);
  const close = () => dialog.close();
  const dialog = el("dialog", { role: "dialog", "aria-labelledby": titleID, "aria-modal": "true", on: { close: () => dialog.remove() } },
    el("div", { className: "pane" },
      el("header", {},
        el("h2", { id: titleID }, title),
        el("button", { type: "button", "aria-label": texts.close, on: { click: close } }, "×")),
      alert,
      content,
      el("footer", {}, confirm, el("button", { type: "button", className: "secondary", on: { click: close } }, texts.cancel))));
  document.body.append(dialog);
  dialog.showModal();
  return {
    content,
    close,
    enable: (enabled) => { confirm.disabled = !enabled; },
    busy: (running) => dialog.setAttribute("aria-busy", String(running)),
    problem: (element) => fill(alert, element),
  };
}
