// Who takes part in the portal's sign-in, by the identifiers that public observations give.

/** The portal's own client. */
export const shellClient = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c";

/** The client of the Privileged Identity Management blade, which lives in the frame. */
export const bladeClient = "50aaa389-5a33-4f1a-91d7-2c45ecd8dac8";

// The hosts of this cloud, as the server wrote them into the page.
const { login, frame, graph, pim } = document.documentElement.dataset;

/** The sign-in service. */
export const authority = login;

/** The origin of the frame that holds the blade (observed: a numbered host, another site than the shell). */
export const frameOrigin = frame;

/** Where authorize answers. The path is inferred. */
export const redirectURI = `${location.origin}/signin/index/`;

/** The blade's brokered redirect, which names the broker and its host (observed). */
export const brokeredRedirect = `brk-${shellClient}://${location.host}`;

/** The scope to ask for by audience: Microsoft Graph, or the legacy PIM service. */
export const scopes = {
  graph: `${graph}/.default`,
  pim: `${pim}/.default`,
};

/** The client capability that every access token is asked with: this client understands claims challenges. */
export const capability = { xms_cc: { values: ["cp1"] } };
