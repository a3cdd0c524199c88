// The admin at a client of their own.
import { PublicClientApplication } from "@azure/msal-node";

import { signIn } from "./signin.mjs";

// adminClient signs the admin in with msal-node, in a browser, and returns the client with its
// account.
export async function adminClient(world, auth = {}) {
  const client = new PublicClientApplication({ auth: { clientId: world.tenant.harness.client_id, ...world.way.msalAuth(world.tenant), ...auth } });
  const context = await world.browser.newContext();
  const page = await context.newPage();
  const { account } = await client.acquireTokenInteractive({
    scopes: ["https://graph.microsoft.com/.default"],
    openBrowser: async (url) => {
      await page.goto(url);
      await signIn(page, world.tenant);
    },
  });
  await context.close();
  return { client, account };
}

// adminCredential is a TokenCredential, as the Graph clients take one, over msal-node. Claims
// are asked for as they come, with the refresh token.
export async function adminCredential(world, auth) {
  const { client, account } = await adminClient(world, auth);
  return {
    getToken: async (scope, { claims } = {}) => {
      const { accessToken, expiresOn } = await client.acquireTokenSilent({ scopes: [scope].flat(), account, claims });
      return { token: accessToken, expiresOnTimestamp: expiresOn.getTime() };
    },
  };
}
