// Requests to an API with the blade's token, from the frame or from a dedicated worker, and what their errors say.

import { decodeJSON } from "/assets/encoding.js";

/** An answer that is an error: HTTP status, the service's code and message, and the claims of a PIM challenge. */
export class ServiceError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /**
   * The authentication context that a refused activation asks for, or null. The challenge is in the message,
   * URL-encoded behind "&claims=", with HTTP 400 and no WWW-Authenticate (observed).
   */
  get context() {
    if (this.code !== "RoleAssignmentRequestAcrsValidationFailed") return null;
    const encoded = this.message.match(/claims=([^&\s]+)/)?.[1];
    return encoded ? JSON.parse(decodeURIComponent(encoded)).access_token?.acrs?.value ?? null : null;
  }
}

const fromFrame = async (url, init) => {
  const answer = await fetch(url, init);
  return { status: answer.status, challenge: answer.headers.get("WWW-Authenticate"), text: await answer.text() };
};

function fromWorker() {
  const worker = new Worker("/assets/worker.js");
  const waiting = new Map();
  worker.addEventListener("message", ({ data }) => {
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.failure) reject(new TypeError(data.failure));
    else resolve(data);
  });
  return (url, init) =>
    new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, url, init });
    });
}

/**
 * A client of one API. `audience` names the token, `base` the address, `broker` gives tokens.
 * Reads go from the frame; writes go by `transport`, "frame" or "worker".
 * A 401 with a claims challenge (continuous access evaluation) is answered once, with a new token.
 */
export function client({ base, audience, broker, transport }) {
  const write = transport === "worker" ? fromWorker() : fromFrame;
  const attempt = async (send, path, init, renewal) => {
    const token = await broker.token({ audience, ...renewal });
    const headers = { ...init.headers, Authorization: `Bearer ${token}`, "client-request-id": crypto.randomUUID() };
    return send(base + path, { ...init, headers, credentials: "omit", cache: "no-store" });
  };
  const request = async (send, path, init) => {
    let answer = await attempt(send, path, init, {});
    if (answer.status === 401) answer = await attempt(send, path, init, { refused: true, wanted: challengeClaims(answer.challenge) });
    return result(answer);
  };
  return {
    get: (path) => request(fromFrame, path, { method: "GET" }),
    post: (path, body) => request(write, path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  };
}

function challengeClaims(header) {
  const encoded = header?.match(/claims="([^"]+)"/)?.[1];
  return encoded ? decodeJSON(encoded).access_token : undefined;
}

function result({ status, text }) {
  const body = parse(text);
  if (status < 400) return body;
  throw serviceError(status, body?.error ?? {});
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The legacy service wraps its own error, as JSON text, in the message of an UnknownError (observed).
function serviceError(status, { code, message }) {
  const inner = code === "UnknownError" ? parse(message) : null;
  return new ServiceError(status, inner?.errorCode ?? code ?? `HTTP ${status}`, inner?.message ?? message ?? "");
}
