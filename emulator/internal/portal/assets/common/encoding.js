// Encodings that OAuth uses: base64url, JSON Web Token payloads, random text.

const toBase64url = (text) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The base64url form, without padding, of bytes. */
export function encodeBytes(bytes) {
  return toBase64url(String.fromCharCode(...new Uint8Array(bytes)));
}

/** The base64url form, without padding, of a value as JSON. */
export function encodeJSON(value) {
  return encodeBytes(new TextEncoder().encode(JSON.stringify(value)));
}

/** The value behind base64 or base64url of JSON. Throws when it is neither. */
export function decodeJSON(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))));
}

/**
 * The claims of a token, read without verification: the page shows them and decides what to ask for next,
 * the service that receives the token is the one that trusts it. An unreadable token has no claims.
 */
export function claimsOf(token) {
  try {
    return decodeJSON(token.split(".")[1]);
  } catch {
    return {};
  }
}

/** Random text of 32 bytes, base64url: a verifier, a state, a nonce. */
export function randomText() {
  return encodeBytes(crypto.getRandomValues(new Uint8Array(32)));
}

/** The S256 code challenge of a PKCE verifier. */
export async function codeChallenge(verifier) {
  return encodeBytes(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
}
