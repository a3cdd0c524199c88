// What surrounds the frame: the bar with the account, the menu, the messages of the shell itself.

import { el, fill, show } from "/assets/dom.js";
import { activationViews, fragmentOf } from "/assets/views.js";

// The German, French and Polish texts are this project's translation (inferred), and so is the survey in every language.
const texts = {
  en: {
    product: "Entra admin center", embedded: "Embedded tenant", signOut: "Sign out", menu: "My roles",
    aadmigratedroles: "Microsoft Entra roles", aadgroup: "Groups", home: "Privileged Identity Management",
    unknown: "This page is not part of the embedded tenant:", frame: "Privileged Identity Management",
    survey: "How likely are you to recommend the Entra admin center?", answer: "Send feedback", later: "Not now",
  },
  de: {
    product: "Entra Admin Center", embedded: "Eingebetteter Mandant", signOut: "Abmelden", menu: "Meine Rollen",
    aadmigratedroles: "Microsoft Entra-Rollen", aadgroup: "Gruppen", home: "Privileged Identity Management",
    unknown: "Diese Seite gehört nicht zum eingebetteten Mandanten:", frame: "Privileged Identity Management",
    survey: "Würden Sie das Entra Admin Center weiterempfehlen?", answer: "Feedback senden", later: "Nicht jetzt",
  },
  fr: {
    product: "Centre d’administration Entra", embedded: "Locataire intégré", signOut: "Se déconnecter", menu: "Mes rôles",
    aadmigratedroles: "Rôles Microsoft Entra", aadgroup: "Groupes", home: "Privileged Identity Management",
    unknown: "Cette page ne fait pas partie du locataire intégré :", frame: "Privileged Identity Management",
    survey: "Recommanderiez-vous le centre d’administration Entra ?", answer: "Envoyer des commentaires", later: "Pas maintenant",
  },
  pl: {
    product: "Centrum administracyjne Entra", embedded: "Wbudowana dzierżawa", signOut: "Wyloguj się", menu: "Moje role",
    aadmigratedroles: "Role Microsoft Entra", aadgroup: "Grupy", home: "Privileged Identity Management",
    unknown: "Ta strona nie należy do wbudowanej dzierżawy:", frame: "Privileged Identity Management",
    survey: "Czy polecisz centrum administracyjne Entra?", answer: "Wyślij opinię", later: "Nie teraz",
  },
};

/** The texts of a language; English where there is no translation. */
export const textsOf = (language) => texts[language] ?? texts.en;

const content = () => document.getElementById("content");

/** The bar at the top and the language of the page. */
export function drawBar({ language, account, signOut }) {
  const t = textsOf(language);
  document.documentElement.lang = language;
  fill(document.getElementById("banner"),
    el("span", { className: "mark", "aria-hidden": "true" }),
    el("h1", { className: "product" }, t.product),
    el("span", { className: "embedded" }, t.embedded),
    el("span", { className: "account" }, el("div", {}, account.name), el("div", {}, account.upn)),
    el("button", { type: "button", on: { click: signOut } }, t.signOut));
}

/** The menu of views; `current` is marked. */
export function drawMenu(language, current) {
  const t = textsOf(language);
  const menu = document.getElementById("menu");
  const entry = (view) => el("li", {}, el("a", { href: fragmentOf(view), "aria-current": view === current && "page" }, t[view]));
  menu.setAttribute("aria-label", t.menu);
  fill(menu, el("h2", {}, t.menu), el("ul", {}, activationViews.map(entry)));
  show(menu, true);
}

/** Puts the frame of a view into the page and returns it. */
export function drawFrame(language, src) {
  const frame = el("iframe", {
    title: textsOf(language).frame,
    src,
    sandbox: "allow-scripts allow-same-origin allow-forms",
    referrerPolicy: "origin",
  });
  fill(content(), frame);
  return frame;
}

/** Lays a survey over the page, modal, so that nothing behind it can be used until it is answered or put off. */
export function drawSurvey(language) {
  const t = textsOf(language);
  const answers = [t.answer, t.later].map((text) => el("button", { type: "button", on: { click: () => survey.close() } }, text));
  const survey = el("dialog", { role: "dialog", "aria-label": t.survey, on: { close: () => survey.remove() } },
    el("p", {}, t.survey), el("footer", {}, answers));
  document.body.append(survey);
  survey.showModal();
}

/** The page without a view. */
export function drawHome(language) {
  fill(content(), el("h2", { className: "home" }, textsOf(language).home));
}

/** Tells that the embedded tenant has no such view. */
export function drawUnknown(language, path) {
  drawProblem(`${textsOf(language).unknown} ${path}`);
}

/** Shows why the shell cannot go on. */
export function drawProblem(text) {
  fill(content(), el("p", { className: "problem", role: "alert" }, text));
}
