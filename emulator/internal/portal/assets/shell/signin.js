// The protocol: authorization code with PKCE at the authorize endpoint, tokens at the token endpoint.

import { claimsOf, codeChallenge, decodeJSON, encodeJSON, randomText } from "/assets/encoding.js";
import { authority, bladeClient, brokeredRedirect, capability, redirectURI, scopes, shellClient } from "/assets/parties.js";
import * as session from "/assets/session.js";

/** An answer of the sign-in service that is not a token: `code` is its error, `message` its description. */
export class SignInError extends Error {
  constructor(code, description) {
    super(description || code);
    this.code = code;
  }
}

const tenantSegment = () => session.account()?.tid ?? "organizations";

const scopeFor = (audience) => `${scopes[audience]} openid profile offline_access`;

/** The `claims` parameter: the capability, and beside it what the caller asks of the access token. */
export function claimsParameter(wanted = {}) {
  return JSON.stringify({ access_token: { ...wanted, ...capability } });
}

/**
 * The address of an authorize request, whose secrets are kept for the answer. It carries neither prompt nor
 * max_age: whether somebody is asked is for the tenant's policies to decide. `prompt` is a defect to be found.
 * `interaction` says where the answer is awaited: "redirect" or "popup".
 */
export async function authorizeURL({ client, audience, wanted, interaction, resume, view, prompt }) {
  const request = { client, audience, wanted, verifier: randomText(), nonce: randomText(), resume, view };
  const id = randomText();
  session.keepRequest(id, request);
  const parameters = new URLSearchParams({
    client_id: client,
    response_type: "code",
    response_mode: "fragment",
    redirect_uri: redirectURI,
    scope: scopeFor(audience),
    state: encodeJSON({ id, meta: { interactionType: interaction } }),
    nonce: request.nonce,
    code_challenge: await codeChallenge(request.verifier),
    code_challenge_method: "S256",
    claims: claimsParameter(wanted),
    "client-request-id": crypto.randomUUID(),
    client_info: "1",
  });
  const account = session.account();
  if (account) parameters.set("login_hint", account.upn);
  if (prompt) parameters.set("prompt", prompt);
  return `${authority}/${tenantSegment()}/oauth2/v2.0/authorize?${parameters}`;
}

/** The answer to an authorize request in this page's address, {state, parameters}, or null. */
export function readResponse(hash) {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  if (!parameters.has("state") || !(parameters.has("code") || parameters.has("error"))) return null;
  return { state: readState(parameters.get("state")), parameters };
}

function readState(text) {
  try {
    return decodeJSON(text);
  } catch {
    return {};
  }
}

/** Redeems the code of an answer. Throws a SignInError for an error in the answer or from the token endpoint. */
export async function redeem(request, parameters) {
  if (parameters.has("error")) throw new SignInError(parameters.get("error"), parameters.get("error_description"));
  const response = await postToken({
    grant_type: "authorization_code",
    client_id: request.client,
    code: parameters.get("code"),
    code_verifier: request.verifier,
    redirect_uri: redirectURI,
    scope: scopeFor(request.audience),
    claims: claimsParameter(request.wanted),
  });
  checkIdentity(response.id_token, request);
  return response;
}

function checkIdentity(idToken, { client, nonce }) {
  const claims = claimsOf(idToken);
  if (claims.nonce !== nonce || claims.aud !== client) throw new SignInError("invalid_id_token", "The ID token is not the answer to this request.");
  const account = session.account();
  if (account && (account.oid !== claims.oid || account.tid !== claims.tid)) {
    throw new SignInError("account_changed", "Another account signed in. Sign out and try again.");
  }
}

/** The account {oid, tid, upn, name} that an ID token names. */
export function accountOf(idToken) {
  const { oid, tid, preferred_username: upn, name } = claimsOf(idToken);
  return { oid, tid, upn, name: name ?? upn };
}

/**
 * Tokens for the blade without the user: with the blade's own refresh token, else with the shell's through
 * brokered redemption, in which the blade's client is named with the broker's id (observed for nested apps).
 */
export async function refreshBlade(audience, wanted) {
  const own = session.refreshToken(bladeClient);
  const brokered = { brk_client_id: shellClient, redirect_uri: brokeredRedirect };
  return postToken({
    grant_type: "refresh_token",
    client_id: bladeClient,
    refresh_token: own ?? session.refreshToken(shellClient) ?? "",
    scope: scopeFor(audience),
    claims: claimsParameter(wanted),
    ...(own ? {} : brokered),
  });
}

async function postToken(form) {
  const answer = await fetch(`${authority}/${tenantSegment()}/oauth2/v2.0/token`, {
    method: "POST",
    credentials: "omit",
    body: new URLSearchParams(form),
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new SignInError(body.error ?? `http_${answer.status}`, body.error_description);
  return body;
}

/** The address that ends the sign-in session. */
export function logoutURL() {
  const parameters = new URLSearchParams({ post_logout_redirect_uri: `${location.origin}/` });
  return `${authority}/${tenantSegment()}/oauth2/v2.0/logout?${parameters}`;
}
