"use strict";
// Shows one step at a time: the one that the address names. Without this script all are shown.
const steps = [...document.querySelectorAll(".step")];
const links = new Map([...document.querySelectorAll(".film a")].map(link => [link.getAttribute("href").slice(1), link]));
const named = () => decodeURIComponent(location.hash.slice(1));

const show = focus => {
  const at = Math.max(0, steps.findIndex(step => step.id === named()));
  steps.forEach((step, i) => step.classList.toggle("shown", i === at));
  for (const [id, link] of links) {
    if (id === steps[at].id) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
  }
  const link = links.get(steps[at].id);
  const film = link.closest(".film");
  film.scrollTo({left: link.parentElement.offsetLeft - (film.clientWidth - link.offsetWidth) / 2, behavior: focus ? "auto" : "instant"});
  if (focus) steps[at].focus({preventScroll: true});
};

const go = to => {
  const step = steps[Math.min(Math.max(to, 0), steps.length - 1)];
  if (step.id === named()) return;
  history.pushState(null, "", "#" + step.id);
  show(true);
};

if (steps.length) {
  document.documentElement.classList.add("stepwise");
  show(false);
  addEventListener("hashchange", () => show(true));
  addEventListener("popstate", () => show(false));
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea, .scroll, pre")) return;
    const at = steps.findIndex(step => step.classList.contains("shown"));
    const to = {ArrowRight: at + 1, j: at + 1, ArrowLeft: at - 1, k: at - 1, Home: 0, End: steps.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
}

// The elements of a page are a text beside it, fetched when they are asked for.
document.addEventListener("click", async event => {
  const link = event.target.closest(".markup a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const old = link.parentElement.querySelector("pre");
  if (old) { old.remove(); link.setAttribute("aria-expanded", "false"); return; }
  const answer = await fetch(link.href);
  const text = document.createElement("pre");
  text.tabIndex = 0;
  text.textContent = answer.ok ? await answer.text() : "It cannot be read: " + answer.status;
  link.parentElement.append(text);
  link.setAttribute("aria-expanded", "true");
});
