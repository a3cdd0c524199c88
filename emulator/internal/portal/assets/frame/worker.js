// A dedicated worker that sends one request per message: {id, url, init} -> {id, status, challenge, text}.
// Real calls of the portal may come from workers, where a listener on the top frame does not see them (observed).

addEventListener("message", async ({ data: { id, url, init } }) => {
  try {
    const answer = await fetch(url, init);
    postMessage({ id, status: answer.status, challenge: answer.headers.get("WWW-Authenticate"), text: await answer.text() });
  } catch (error) {
    postMessage({ id, failure: error.message });
  }
});
