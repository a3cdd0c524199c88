// The shell's end of the conversation with the frame: requests by postMessage, origin and source checked.

import { frameOrigin } from "/assets/parties.js";

/**
 * Answers the frame's requests {id, method, parameters} with {id, result} or {id, error: {code, message}}.
 * A message from another window or another origin is not for us and gets no answer.
 */
export function serve(frame, methods) {
  addEventListener("message", async ({ origin, source, data }) => {
    if (origin !== frameOrigin || source !== frame().contentWindow || !data?.id) return;
    const answer = await call(methods, data);
    frame().contentWindow?.postMessage({ id: data.id, ...answer }, frameOrigin);
  });
}

async function call(methods, { method, parameters }) {
  try {
    if (!Object.hasOwn(methods, method)) throw new Error(`The portal has no ${method}.`);
    return { result: (await methods[method](parameters ?? {})) ?? null };
  } catch (error) {
    return { error: { code: error.code ?? "portal_error", message: error.message } };
  }
}
