// A teaching bubble: it points at a control of the page by lying over it. It is not modal, so that the rest
// of the page stays usable; what is under it is not, for a hand with a mouse. Its words are this project's.

import { el } from "/assets/dom.js";

const texts = {
  en: { news: "New: activate a role right from this list.", close: "Got it" },
  de: { news: "Neu: Aktivieren Sie eine Rolle direkt in dieser Liste.", close: "Verstanden" },
  fr: { news: "Nouveau : activez un rôle directement dans cette liste.", close: "J’ai compris" },
  pl: { news: "Nowość: aktywuj rolę bezpośrednio na tej liście.", close: "Zamknij" },
};

/** Lays a bubble over `control` until it is closed, in the middle of it. */
export function teach(control, language) {
  const t = texts[language] ?? texts.en;
  const close = el("button", { type: "button", className: "secondary", on: { click: () => bubble.remove() } }, t.close);
  const bubble = el("div", { className: "bubble", role: "dialog", "aria-modal": "false", "aria-label": t.news }, el("p", {}, t.news), close);
  const { x, y, width, height } = control.getBoundingClientRect();
  bubble.style.right = `${Math.max(0, innerWidth - x - width - 8)}px`;
  bubble.style.top = `${Math.max(0, y + height / 2 - 24)}px`;
  document.body.append(bubble);
}
