// The banner that asks for additional verification, and what is asked of the sign-in service when it is clicked.

import { claimsOf } from "/assets/encoding.js";
import { el } from "/assets/dom.js";

/** The claims that the access token must hold for an authentication context; with the capability, nothing else. */
export const contextClaims = (context) => ({ acrs: { essential: true, value: context } });

const mfaClaims = { amr: { essential: true, values: ["mfa"] } };

/**
 * What an activation needs before it is sent: {text, wanted}, or null. A context that the role setting names
 * is always stepped up for; a multifactor requirement only when the token tells of none.
 */
export function demanded({ setting, token, texts }) {
  if (setting.context) return { text: texts.contextBanner, wanted: contextClaims(setting.context) };
  if (setting.mfa && !claimsOf(token).amr?.includes("mfa")) return { text: texts.mfaBanner, wanted: mfaClaims };
  return null;
}

/** The banner: an alert whose whole text is a button. */
export function banner({ text, clicked }) {
  return el("div", { role: "alert", className: "step-up" }, el("button", { type: "button", on: { click: clicked } }, text));
}
