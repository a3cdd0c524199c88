// The admin at a client of their own.
import { PublicClientApplication } from "@azure/msal-node";

import { signIn } from "./signin.mjs";

const everything = ["https://graph.microsoft.com/.default"];

// publicClient is msal-node for the tenant's public client, as a user of it sets it up.
export function publicClient({ way, tenant }, auth = {}) {
  return new PublicClientApplication({ auth: { clientId: tenant.harness.client_id, ...way.msalAuth(tenant), ...auth } });
}

// interactive lets the admin sign in to a client in a browser context. It returns what MSAL
// got and which pages were shown.
export async function interactive({ tenant }, client, context, request) {
  const page = await context.newPage();
  let pages;
  const result = await client.acquireTokenInteractive({
    ...request,
    openBrowser: async (url) => {
      await page.goto(url);
      pages = await signIn(page, tenant);
    },
  });
  return { result, pages };
}

// enterDeviceCode is what the admin does with the code that a device shows. It returns which
// pages were shown.
export async function enterDeviceCode({ tenant }, context, { verificationUri, userCode }) {
  const page = await context.newPage();
  await page.goto(verificationUri);
  await page.fill("#otc", userCode);
  await Promise.all([page.waitForEvent("domcontentloaded"), page.click("#idSIButton9", { noWaitAfter: true })]);
  return signIn(page, tenant);
}

// adminClient is a public client that the admin has signed in to, with the account.
export async function adminClient(world, auth) {
  const client = publicClient(world, auth);
  const context = await world.browser.newContext();
  const { result } = await interactive(world, client, context, { scopes: everything });
  await context.close();
  return { client, account: result.account };
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
