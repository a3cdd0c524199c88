// @azure/msal-browser, unmodified, in a page of another site than the sign-in: full Chromium,
// which keeps cookies from third parties, as users have it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { full, shell } from "./support/browser.mjs";
import { Site } from "./support/spa.mjs";
import { claims, contextChallenge } from "./support/tokens.mjs";
import { eachWay } from "./support/world.mjs";

eachWay("msal-browser", full, (world) => {
  let site;
  before(async () => { site = await Site.open(world); });
  after(() => site?.close());

  test("a page signs in by redirect", async (t) => {
    const app = await site.visit(t);
    const { pages, result } = await app.redirect();
    assert.equal(pages, "name password stay");
    assert.equal(result.username, world.tenant.admin.upn);
    assert.equal(result.homeAccountId, `${world.tenant.admin.object_id}.${world.tenant.id}`);
    assert.equal(claims(result.accessToken).appid, site.clientId);
  });

  test("a page signs in by popup, over its redirect-bridge page", async (t) => {
    const app = await site.visit(t);
    const { pages, result } = await app.popup();
    assert.equal(pages, "name password stay");
    assert.equal(result.username, world.tenant.admin.upn);
  });

  test("a page renews by its refresh token, and is not asked for a preflight", async (t) => {
    const app = await site.visit(t);
    const { result: first } = await app.redirect();
    assert.equal((await app.silent()).result.fromCache, true);
    const posted = app.page.waitForRequest((request) => request.method() === "POST" && request.url().includes("/oauth2/v2.0/token"));
    const { result: renewed } = await app.silent({ forceRefresh: true });
    const form = new URLSearchParams((await posted).postData());
    assert.equal(form.get("grant_type"), "refresh_token");
    assert.equal(form.get("X-AnchorMailbox"), `Oid:${world.tenant.admin.object_id}@${world.tenant.id}`);
    assert.notEqual(claims(renewed.accessToken).uti, claims(first.accessToken).uti);
    assert.deepEqual((await world.tenant.requests()).filter((row) => row.method === "OPTIONS"), []);
  });

  test("a hidden frame has no session: interaction is required", async (t) => {
    const app = await site.visit(t);
    await app.redirect();
    const { error } = await app.call("ssoSilent", { redirectUri: `${site.origin}/bridge`, loginHint: world.tenant.admin.upn });
    assert.equal(error?.name, "InteractionRequiredAuthError", JSON.stringify(error));
    assert.equal(error.errorCode, "login_required");
    assert.match(error.errorMessage, /^AADSTS50058/);
  });

  test("the same request with the whole page has the session", async (t) => {
    const app = await site.visit(t);
    await app.redirect();
    const { pages, result } = await app.redirect({ prompt: "none", loginHint: world.tenant.admin.upn });
    assert.equal(pages, "");
    assert.equal(result.username, world.tenant.admin.upn);
  });

  test("a claims challenge makes the page ask again, and the token has the context", async (t) => {
    const app = await site.visit(t, { clientCapabilities: ["cp1"] });
    const { result: plain } = await app.redirect();
    assert.ok(!claims(plain.accessToken).acrs?.includes("c1"));
    await world.tenant.advance("6m");

    const challenge = { claims: contextChallenge("c1") };
    const { error } = await app.silent(challenge);
    assert.ok(error?.interactionRequired, JSON.stringify(error));

    const { pages, result } = await app.redirect({ ...challenge, loginHint: world.tenant.admin.upn });
    assert.equal(pages, "password code stay");
    assert.ok(claims(result.accessToken).acrs.includes("c1"));
    assert.deepEqual(claims(result.accessToken).xms_cc, ["CP1"]);
  });

  test("a claims challenge is met in a popup too", async (t) => {
    const app = await site.visit(t, { clientCapabilities: ["cp1"] });
    await app.redirect();
    await world.tenant.advance("6m");
    const { pages, result } = await app.popup({ claims: contextChallenge("c1"), loginHint: world.tenant.admin.upn });
    assert.equal(pages, "password code stay");
    assert.ok(claims(result.accessToken).acrs.includes("c1"));
  });

  test("signing out ends the session and comes back to the page", async (t) => {
    const app = await site.visit(t);
    await app.redirect();
    await app.signOut();
    const { origin, pathname, searchParams } = new URL(app.page.url());
    assert.deepEqual({ origin, pathname }, { origin: site.origin, pathname: "/" });
    assert.ok(searchParams.get("state"), "the state that MSAL sent did not come back");
    await app.page.goto(`${site.origin}/`);
    await app.start();
    const { pages } = await app.redirect({ loginHint: world.tenant.admin.upn });
    assert.equal(pages, "password stay");
  });

  test("a redirect URI that is not registered stays on the sign-in's error page", async (t) => {
    const app = await site.visit(t, { redirectUri: `${site.origin}/elsewhere` });
    const { pages } = await app.leave();
    assert.equal(pages, "");
    assert.equal(await app.page.textContent("#errorCode"), "50011");
    assert.ok(app.page.url().startsWith(world.way.login));
  });

  test("a page that is registered as a web application cannot redeem its code", async (t) => {
    const web = await Site.open(world, "web");
    t.after(() => web.close());
    const app = await web.visit(t);
    const { error } = await app.redirect();
    assert.deepEqual([error?.name, error?.errorCode], ["ServerError", "invalid_request"], JSON.stringify(error));
    assert.match(error.errorMessage, /AADSTS9002326/);
  });

  test("after a day a page has to ask its user again", async (t) => {
    const app = await site.visit(t);
    await app.redirect();
    await world.tenant.advance("25h");
    const { error } = await app.silent({ forceRefresh: true });
    assert.ok(error?.interactionRequired, JSON.stringify(error));
  });
});

// The headless shell has no policy on cookies of third parties: there the frame has the
// session. It is the browser in which most automation runs, and not the one that users have.
eachWay("msal-browser in the headless shell", shell, (world) => {
  test("a hidden frame has the session where third parties keep their cookies", async (t) => {
    const site = await Site.open(world);
    t.after(() => site.close());
    const app = await site.visit(t);
    await app.redirect();
    const { result, error } = await app.call("ssoSilent", { redirectUri: `${site.origin}/bridge`, loginHint: world.tenant.admin.upn });
    assert.equal(result?.username, world.tenant.admin.upn, JSON.stringify(error));
  });
});
