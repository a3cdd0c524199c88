// The frame's end of the conversation with the shell: it asks for tokens and steps up, it never sees a refresh token.

// The shells of this cloud, as the server wrote them into the page.
const shells = document.documentElement.dataset.shells.trim().split(" ");

/** The shell that embeds this frame, by the frame's address; an address that names no known shell has none. */
function embeddingShell() {
  const named = new URLSearchParams(location.search).get("trustedAuthority");
  if (!shells.includes(named)) throw new Error("This page opens only inside the portal.");
  return named;
}

/** A failure that the shell reports: `code` and message. */
export class BrokerError extends Error {
  constructor({ code, message }) {
    super(message);
    this.code = code;
  }
}

/** Asks the shell: methods context, time, token and stepUp, see the shell. Each answers with a promise. */
export function connect() {
  const shell = embeddingShell();
  const waiting = new Map();
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== shell || source !== parent || !waiting.has(data?.id)) return;
    const { resolve, reject } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error) reject(new BrokerError(data.error));
    else resolve(data.result);
  });
  const ask = (method) => (parameters) =>
    new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      waiting.set(id, { resolve, reject });
      parent.postMessage({ id, method, parameters }, shell);
    });
  return { context: ask("context"), time: ask("time"), token: ask("token"), stepUp: ask("stepUp") };
}
