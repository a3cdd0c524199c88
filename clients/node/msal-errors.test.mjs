// What @azure/msal-node raises: the class decides whether an application asks its user again,
// so it has to be the class that Entra's answers give.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfidentialClientApplication, InteractionRequiredAuthError, PublicClientApplication, ServerError } from "@azure/msal-node";

import { shell } from "./support/browser.mjs";
import { allRequests } from "./support/lab.mjs";
import { servePages } from "./support/pages.mjs";
import { publicClient } from "./support/person.mjs";
import { signIn } from "./support/signin.mjs";
import { eachWay } from "./support/world.mjs";

const scopes = ["https://graph.microsoft.com/User.Read"];

eachWay("msal-node errors", shell, (world) => {
  // A new client for each: MSAL repeats an error by itself for a minute.
  const auth = (more) => ({ auth: { clientId: world.tenant.harness.client_id, ...world.way.msalAuth(world.tenant), ...more } });
  const raised = (promise) => promise.then(() => assert.fail("nothing was raised"), (error) => error);
  const verifier = "v".repeat(43);

  // code signs in at a page of the test's own, with PKCE, and returns what came back.
  const code = async (t, request = {}) => {
    const site = await servePages({ "/": "<p>back</p>" });
    t.after(() => site.close());
    const page = await (await world.newContext(t)).newPage();
    const client = publicClient(world);
    const codeChallenge = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(verifier))).toString("base64url");
    const redirectUri = `${site.origin}/`;
    await page.goto(await client.getAuthCodeUrl({ scopes, redirectUri, codeChallenge, codeChallengeMethod: "S256", ...request }));
    const pages = await signIn(page, world.tenant);
    return { page, pages, client, redirectUri, answer: new URL(page.url()).searchParams };
  };
  const redeem = ({ client, redirectUri, answer }, more) => client.acquireTokenByCode({ scopes, redirectUri, code: answer.get("code"), codeVerifier: verifier, ...more });

  const assertRefused = (error, { code, number }) => {
    assert.ok(error instanceof ServerError && !(error instanceof InteractionRequiredAuthError), `${error}`);
    assert.deepEqual([error.errorCode, String(error.errorNo)], [code, String(number)]);
    assert.match(error.errorMessage, new RegExp(`AADSTS${number}: `));
  };

  // revoke ends every sign-in of the admin, by Graph.
  const revoke = async () => {
    const { client_id: clientId, client_secret: clientSecret } = world.tenant.fixtures;
    const { accessToken } = await new ConfidentialClientApplication(auth({ clientId, clientSecret })).acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] });
    const response = await fetch(`${world.way.graph}/v1.0/users/${world.tenant.admin.object_id}/revokeSignInSessions`, { method: "POST", headers: { Authorization: `Bearer ${accessToken}` } });
    assert.equal(response.status, 200);
  };

  test("a wrong secret is invalid_client", async () => {
    const client = new ConfidentialClientApplication(auth({ clientId: world.tenant.fixtures.client_id, clientSecret: "wrong" }));
    assertRefused(await raised(client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] })), { code: "invalid_client", number: 7000215 });
  });

  if (world.way.name === "hosts") { // without the proxy nobody is there to be asked
    test("an authority of no cloud is not trusted", async () => {
      const client = new PublicClientApplication({ auth: { clientId: world.tenant.harness.client_id, authority: `https://login.elsewhere.example/${world.tenant.id}` } });
      const error = await raised(client.getAuthCodeUrl({ scopes, redirectUri: "http://localhost" }));
      assert.equal(error.errorCode, "endpoints_resolution_error", `${error}`);
      const asked = (await allRequests()).map((r) => `${r.status} ${r.url}`);
      assert.ok(asked.includes("400 https://login.microsoftonline.com/common/discovery/instance"));
      assert.ok(!asked.some((line) => line.includes("login.elsewhere.example")), "the authority was asked all the same");
    });
  }

  test("an unknown client is unauthorized_client", async () => {
    const client = new ConfidentialClientApplication(auth({ clientId: "99999999-8888-7777-6666-555555555555", clientSecret: "any" }));
    assertRefused(await raised(client.acquireTokenByClientCredential({ scopes: ["https://graph.microsoft.com/.default"] })), { code: "unauthorized_client", number: 700016 });
  });

  test("a code that has expired is invalid_grant", async (t) => {
    const signedIn = await code(t);
    await world.tenant.advance("11m");
    assertRefused(await raised(redeem(signedIn)), { code: "invalid_grant", number: 70008 });
  });

  test("a code that was redeemed is invalid_grant", async (t) => {
    const signedIn = await code(t);
    await redeem(signedIn);
    assertRefused(await raised(redeem({ ...signedIn, client: publicClient(world) })), { code: "invalid_grant", number: 54005 });
  });

  test("another PKCE verifier is invalid_grant", async (t) => {
    assertRefused(await raised(redeem(await code(t), { codeVerifier: "w".repeat(43) })), { code: "invalid_grant", number: 501481 });
  });

  test("another redirect URI at the token endpoint is refused", async (t) => {
    assertRefused(await raised(redeem(await code(t), { redirectUri: "http://localhost:1/" })), { code: "invalid_client", number: 500112 });
  });

  test("a redirect URI that is not registered never sees an answer", async (t) => {
    const { page } = await code(t, { redirectUri: "https://elsewhere.example/" });
    assert.equal(await page.textContent("#errorCode"), "50011");
    assert.ok(page.url().startsWith(world.way.login));
  });

  test("a scope that nobody consented to requires interaction", async (t) => {
    const { client, answer, redirectUri } = await code(t);
    const { account } = await redeem({ client, answer, redirectUri });
    const error = await raised(client.acquireTokenSilent({ scopes: ["https://graph.microsoft.com/Mail.Read"], account }));
    assert.ok(error instanceof InteractionRequiredAuthError, `${error}`);
    assert.deepEqual([error.errorCode, String(error.errorNo)], ["invalid_grant", "65001"]);
    assert.equal(error.subError, "consent_required");
  });

  test("a silent request without a session is login_required", async (t) => {
    const { answer } = await code(t, { prompt: "none" });
    assert.equal(answer.get("error"), "login_required");
    assert.match(answer.get("error_description"), /^AADSTS50058: /);
    assert.match(answer.get("error_uri"), /\?code=50058$/);
  });

  test("a revoked sign-in is invalid_grant", async (t) => {
    const signedIn = await code(t);
    const { account } = await redeem(signedIn);
    await revoke();
    assertRefused(await raised(signedIn.client.acquireTokenSilent({ scopes, account, forceRefresh: true })), { code: "invalid_grant", number: 50173 });
  });
});
