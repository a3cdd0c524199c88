// The My roles page: three tabs, one table of assignments.

import { el, fill, freshID } from "/assets/dom.js";

const kinds = ["eligible", "active", "expired"];

/**
 * Draws the page into `page` and loads the first tab.
 * `source` lists assignments, `open` opens the pane for ("activate" | "deactivate", assignment),
 * `problem` shows an error in words. Returns {load(kind), list(kind)}.
 */
export function assignmentsPage({ page, view, texts, language, source, open, problem }) {
  const panel = el("div", { id: "assignments", role: "tabpanel", tabIndex: 0 });
  const alert = el("div", {});
  const tabs = kinds.map((kind) => tab(kind, texts, (chosen) => load(chosen)));
  let shown = kinds[0];

  async function load(kind = shown) {
    shown = kind;
    select(tabs, kind, panel);
    page.setAttribute("aria-busy", "true");
    fill(alert);
    try {
      const list = await source.list(kind);
      if (shown === kind) fill(panel, table({ kind, list, view, texts, language, open }));
    } catch (error) {
      fill(panel);
      fill(alert, problem(error));
    }
    if (shown === kind) page.setAttribute("aria-busy", "false");
  }

  fill(page,
    el("h1", {}, texts.title[view]),
    el("div", { className: "commands" }, el("button", { type: "button", on: { click: () => load() } }, texts.refresh)),
    el("div", { role: "tablist", "aria-label": texts.views, on: { keydown: (event) => move(event, tabs) } }, tabs),
    alert,
    panel);
  return { load };
}

function tab(kind, texts, choose) {
  return el("button", {
    type: "button", role: "tab", id: `tab-${kind}`, "aria-controls": "assignments", "data-kind": kind,
    on: { click: () => choose(kind) },
  }, texts.tabs[kind]);
}

function select(tabs, kind, panel) {
  for (const button of tabs) {
    const selected = button.dataset.kind === kind;
    button.setAttribute("aria-selected", String(selected));
    button.tabIndex = selected ? 0 : -1;
  }
  panel.setAttribute("aria-labelledby", `tab-${kind}`);
}

// Arrow keys move between tabs, as the ARIA pattern for tabs asks.
function move(event, tabs) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}

function table({ kind, list, view, texts, language, open }) {
  if (list.length === 0) return el("p", { className: "empty" }, texts.empty);
  const names = { ...texts.columns, role: view === "aadgroup" ? texts.group : texts.columns.role };
  const columns = kind === "expired" ? ["role", "scope", "membership", "endTime"] : ["role", "scope", "membership", "endTime", "action"];
  const head = el("tr", {}, columns.map((column) => el("th", { scope: "col", role: "columnheader" }, names[column])));
  const rows = list.map((assignment) => row({ kind, assignment, texts, language, open }));
  return el("table", { role: "grid", "aria-label": texts.tabs[kind] }, el("thead", {}, head), el("tbody", {}, rows));
}

function row({ kind, assignment, texts, language, open }) {
  const nameID = freshID("assignment");
  const cells = [
    el("td", { id: nameID }, assignment.name),
    el("td", {}, assignment.scope),
    el("td", {}, texts.membership[assignment.membership] ?? assignment.membership),
    el("td", {}, endTime(assignment.endTime, texts, language)),
  ];
  if (kind !== "expired") cells.push(el("td", {}, action({ kind, assignment, nameID, texts, open })));
  return el("tr", {}, cells);
}

// An assignment that an administrator made active has nothing to deactivate.
function action({ kind, assignment, nameID, texts, open }) {
  const verb = { eligible: "activate", active: assignment.activated ? "deactivate" : null }[kind];
  if (!verb) return null;
  const choose = (event) => {
    event.preventDefault();
    open(verb, assignment);
  };
  return el("a", { href: "#", "aria-describedby": nameID, on: { click: choose } }, texts[verb]);
}

function endTime(instant, texts, language) {
  if (!instant) return texts.permanent;
  return new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "medium" }).format(new Date(instant));
}
