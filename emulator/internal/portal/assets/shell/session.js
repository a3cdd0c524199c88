// What the shell keeps in sessionStorage: the account, tokens, refresh tokens, pending requests. No cookies.

const sessionKey = "portal.session";
const requestPrefix = "portal.request.";
const resumeKey = "portal.resume";

// Renewal ahead of the expiry by five minutes, as MSAL does.
const renewalOffsetSeconds = 300;

const read = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");
const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));

function take(key) {
  const value = read(key);
  sessionStorage.removeItem(key);
  return value;
}

/** The signed-in account {oid, tid, upn, name}, or null. */
export function account() {
  return read(sessionKey)?.account ?? null;
}

/** Starts the session of an account; what an earlier account left is dropped. */
export function begin(accountFound) {
  write(sessionKey, { account: accountFound, access: {}, refresh: {} });
}

/** Forgets account, tokens and whatever was pending. */
export function clear() {
  sessionStorage.clear();
}

const entryName = (client, audience) => `${client} ${audience}`;

/** Keeps the tokens of a token response. `now` is the tenant's time in milliseconds. */
export function keepTokens(client, audience, response, now) {
  const session = read(sessionKey);
  session.access[entryName(client, audience)] = {
    token: response.access_token,
    expires: now + Number(response.expires_in) * 1000,
  };
  if (response.refresh_token) session.refresh[client] = response.refresh_token;
  write(sessionKey, session);
}

/** The kept access token that is still good at `now` (the tenant's time in milliseconds), or null. */
export function accessToken(client, audience, now) {
  const entry = read(sessionKey)?.access[entryName(client, audience)];
  return entry && entry.expires - renewalOffsetSeconds * 1000 > now ? entry.token : null;
}

/** Drops an access token that a service refused. */
export function dropAccessToken(client, audience) {
  const session = read(sessionKey);
  delete session.access[entryName(client, audience)];
  write(sessionKey, session);
}

/** The refresh token of a client, or null. */
export function refreshToken(client) {
  return read(sessionKey)?.refresh[client] ?? null;
}

/** Keeps what belongs to an authorize request until its answer comes. */
export function keepRequest(id, request) {
  write(requestPrefix + id, request);
}

/** What belongs to the answered authorize request, once; null for an answer that nobody asked for. */
export function takeRequest(id) {
  return take(requestPrefix + id);
}

/** Keeps how the blade goes on after the top page has come back. */
export function keepResume(resume) {
  write(resumeKey, resume);
}

/** How the blade goes on, once; null when there is nothing to go on with. */
export function takeResume() {
  return take(resumeKey);
}
