// The broker: gives the frame access tokens, steps up when the frame asks for more than a kept token holds.

import { bladeClient, shellClient } from "/assets/parties.js";
import * as session from "/assets/session.js";
import { accountOf, authorizeURL, readResponse, redeem, refreshBlade, SignInError } from "/assets/signin.js";

/**
 * The tenant's settings for the portal, with its time in milliseconds. It is asked anew each time: the
 * embedded tenant's clock moves on command, and tokens live and die by that clock.
 */
export async function configuration() {
  const answer = await fetch(`/${session.account().tid}/portal/configuration`, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new SignInError("configuration", `The portal's settings could not be read (HTTP ${answer.status}).`);
  const body = await answer.json();
  return { ...body, now: Date.parse(body.time) };
}

// Leaves the page. The promise never settles: whoever asked is gone with the page.
function leave(url) {
  location.assign(url);
  return new Promise(() => {});
}

/** Signs the user in to the shell by redirect. */
export async function signIn(view) {
  return leave(await authorizeURL({ client: shellClient, audience: "graph", interaction: "redirect", view }));
}

/**
 * Takes the answer to an authorize request of this page: redeems the code and keeps the tokens.
 * Returns the request's {view, resume, failure}; the failure is null or the SignInError of a step-up.
 */
export async function finish({ state, parameters }) {
  const request = session.takeRequest(state.id);
  if (!request) throw new SignInError("state_mismatch", "The answer belongs to no request of this page.");
  try {
    await keep(request, await redeem(request, parameters));
    return { ...request, failure: null };
  } catch (failure) {
    if (request.resume) return { ...request, failure };
    throw failure;
  }
}

async function keep(request, response) {
  if (request.client === shellClient) session.begin(accountOf(response.id_token));
  const { now } = await configuration();
  session.keepTokens(request.client, request.audience, response, now);
}

const pending = new Map();

/**
 * An access token of the blade for an audience ("graph" or "pim"). A kept one is used while it lasts; then
 * the refresh token; then the user, by redirect of the whole page.
 * `wanted` are the claims of a challenge and `refused` tells that the kept token was turned down.
 */
export function token({ audience, wanted, refused, view }) {
  if (refused) session.dropAccessToken(bladeClient, audience);
  if (!pending.has(audience)) {
    pending.set(audience, obtain({ audience, wanted, view }).finally(() => pending.delete(audience)));
  }
  return pending.get(audience);
}

async function obtain({ audience, wanted, view }) {
  const { now } = await configuration();
  const kept = session.accessToken(bladeClient, audience, now);
  if (kept) return kept;
  try {
    const response = await refreshBlade(audience, wanted);
    session.keepTokens(bladeClient, audience, response, now);
    return response.access_token;
  } catch (error) {
    if (!(error instanceof SignInError)) throw error;
    return leave(await authorizeURL({ client: bladeClient, audience, wanted, interaction: "redirect", view }));
  }
}

/**
 * Steps up: an authorize request whose claims say what the access token must hold. By redirect of the top
 * page (documented for authentication contexts) the frame goes on from `resume` later; by popup it resolves here.
 */
export async function stepUp({ audience, wanted, resume, view }) {
  const { stepUp: way, prompt } = await configuration();
  const request = { client: bladeClient, audience, wanted, view, prompt };
  if (way !== "popup") return leave(await authorizeURL({ ...request, resume, interaction: "redirect" }));
  const response = await inPopup(await authorizeURL({ ...request, interaction: "popup" }));
  await finish(response);
}

const popupChannel = "portal.popup";
const popupCheckMilliseconds = 250;

function inPopup(url) {
  const popup = open(url, "portal-step-up", "popup,width=520,height=640");
  if (!popup) throw new SignInError("popup_window_error", "The browser did not open the sign-in window.");
  return new Promise((resolve, reject) => {
    const channel = new BroadcastChannel(popupChannel);
    const watch = setInterval(() => popup.closed && end(reject, new SignInError("user_cancelled", "The sign-in window was closed.")), popupCheckMilliseconds);
    const end = (settle, value) => {
      clearInterval(watch);
      channel.close();
      popup.close();
      settle(value);
    };
    channel.onmessage = ({ data }) => end(resolve, readResponse(data));
  });
}

/**
 * Hands the answer in a popup's address to the page that opened it, which closes the popup: one that closed itself
 * could be seen closed before its answer is seen, and be taken for the user's refusal.
 */
export function handOver(hash) {
  new BroadcastChannel(popupChannel).postMessage(hash);
}
