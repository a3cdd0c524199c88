// @azure/msal-node, unmodified: public and confidential clients.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfidentialClientApplication, InteractionRequiredAuthError } from "@azure/msal-node";

import { shell } from "./support/browser.mjs";
import { newCertificate } from "./support/certificate.mjs";
import { servePages } from "./support/pages.mjs";
import { enterDeviceCode, interactive, publicClient } from "./support/person.mjs";
import { signIn } from "./support/signin.mjs";
import { claims, contextChallenge } from "./support/tokens.mjs";
import { eachWay } from "./support/world.mjs";

const scopes = ["https://graph.microsoft.com/User.Read"];

eachWay("msal-node", shell, (world) => {
  const me = async (token) => {
    const response = await fetch(`${world.way.graph}/v1.0/me`, { headers: { Authorization: `Bearer ${token}` } });
    return { status: response.status, body: await response.json() };
  };

  test("a public client signs in with code and PKCE, posted to a loopback port", async (t) => {
    const context = await world.newContext(t);
    const { result, pages } = await interactive(world, publicClient(world), context, { scopes });
    assert.equal(pages, "name password stay");
    assert.equal(result.account.username, world.tenant.admin.upn);
    assert.equal(result.account.homeAccountId, `${world.tenant.admin.object_id}.${world.tenant.id}`);
    assert.equal(result.tenantId, world.tenant.id);
    const { status, body } = await me(result.accessToken);
    assert.deepEqual([status, body.id], [200, world.tenant.admin.object_id]);
  });

  test("a refresh token renews without the user", async (t) => {
    const context = await world.newContext(t);
    const client = publicClient(world);
    const { result } = await interactive(world, client, context, { scopes });
    const cached = await client.acquireTokenSilent({ scopes, account: result.account });
    assert.ok(cached.fromCache, "the token that was just given is not found again");
    const renewed = await client.acquireTokenSilent({ scopes, account: result.account, forceRefresh: true });
    assert.equal(renewed.fromCache, false);
    assert.notEqual(claims(renewed.accessToken).uti, claims(result.accessToken).uti);
    assert.equal((await me(renewed.accessToken)).status, 200);
  });

  test("a claims challenge is refused to the refresh token and met by the user", async (t) => {
    const context = await world.newContext(t);
    const client = publicClient(world, { clientCapabilities: ["cp1"] });
    const { result: plain } = await interactive(world, client, context, { scopes });
    assert.deepEqual(claims(plain.accessToken).xms_cc, ["CP1"]);
    assert.ok(!claims(plain.accessToken).acrs?.includes("c1"));

    await world.tenant.advance("6m"); // out of the five minutes in which nobody is asked again
    const challenge = { claims: contextChallenge("c1") };
    const refused = await client.acquireTokenSilent({ scopes, account: plain.account, ...challenge }).then(() => undefined, (error) => error);
    assert.ok(refused instanceof InteractionRequiredAuthError, `${refused}`);
    assert.deepEqual([refused.errorCode, String(refused.errorNo), refused.subError], ["interaction_required", "50076", "basic_action"]);
    assert.equal(JSON.parse(refused.claims).access_token.acrs.value, "c1");

    const { result, pages } = await interactive(world, client, context, { scopes, ...challenge, loginHint: world.tenant.admin.upn });
    assert.equal(pages, "password code stay");
    assert.ok(claims(result.accessToken).acrs.includes("c1"));
    assert.deepEqual(claims(result.accessToken).xms_cc, ["CP1"]);
  });

  test("claims that MSAL always sends are no step-up", async (t) => {
    const context = await world.newContext(t);
    const client = publicClient(world);
    await interactive(world, client, context, { scopes });
    await world.tenant.advance("6m");
    const { pages } = await interactive(world, client, context, { scopes });
    assert.equal(pages, "");
  });

  test("a device code is polled for while the user signs in elsewhere", async (t) => {
    const context = await world.newContext(t);
    let pages;
    const result = await publicClient(world).acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: async (shown) => {
        assert.ok(shown.message.includes(shown.userCode) && shown.message.includes(shown.verificationUri));
        pages = await enterDeviceCode(world, context, shown);
      },
    });
    assert.equal(pages, "name password confirm");
    assert.equal(result.account.username, world.tenant.admin.upn);
    assert.equal((await me(result.accessToken)).status, 200);
  });

  const confidential = { display_name: "confidential client", platform: "web", app_roles: ["Organization.Read.All"], scopes: ["User.Read"] };
  const ownScope = { scopes: ["https://graph.microsoft.com/.default"] };

  const confidentialClient = (auth) => new ConfidentialClientApplication({ auth: { ...world.way.msalAuth(world.tenant), ...auth } });

  test("a confidential client proves itself by a secret", async () => {
    const { client_id: clientId, client_secret: clientSecret } = await world.tenant.register({ ...confidential, secret: true });
    const client = confidentialClient({ clientId, clientSecret, clientCapabilities: ["cp1"] });
    const result = await client.acquireTokenByClientCredential(ownScope);
    const { appid, appidacr, idtyp, roles, xms_cc: capabilities } = claims(result.accessToken);
    assert.deepEqual({ appid, appidacr, idtyp, roles, capabilities }, { appid: clientId, appidacr: "1", idtyp: "app", roles: ["Organization.Read.All"], capabilities: ["CP1"] });
    assert.equal((await client.acquireTokenByClientCredential(ownScope)).fromCache, true);
  });

  test("a confidential client proves itself by a certificate", async () => {
    const { privateKey, certificate, thumbprintSha256 } = await newCertificate();
    const { client_id: clientId } = await world.tenant.register({ ...confidential, certificate });
    const client = confidentialClient({ clientId, clientCertificate: { thumbprintSha256, privateKey } });
    const result = await client.acquireTokenByClientCredential(ownScope);
    const { appid, appidacr } = claims(result.accessToken);
    assert.deepEqual({ appid, appidacr }, { appid: clientId, appidacr: "2" });
  });

  test("a web application signs a user in, with its secret and PKCE", async (t) => {
    const site = await servePages({ "/redirect": "<p>back</p>" });
    t.after(() => site.close());
    const context = await world.newContext(t);
    const redirectUri = `${site.origin}/redirect`;
    const { client_id: clientId, client_secret: clientSecret } = await world.tenant.register({ ...confidential, redirect_uris: [redirectUri], secret: true });
    const client = confidentialClient({ clientId, clientSecret });

    const page = await context.newPage();
    await page.goto(await client.getAuthCodeUrl({ scopes, redirectUri, state: "a state" }));
    await signIn(page, world.tenant);
    const answer = new URL(page.url()).searchParams;
    assert.equal(answer.get("state"), "a state");
    const result = await client.acquireTokenByCode({ scopes, redirectUri, code: answer.get("code") });
    assert.equal(result.account.username, world.tenant.admin.upn);
    assert.equal(claims(result.accessToken).appidacr, "1");
  });
});
