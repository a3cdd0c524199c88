// @azure/msal-browser, unmodified, in a page of another site than the sign-in: full Chromium,
// which keeps cookies from third parties, as users have it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { full } from "./support/browser.mjs";
import { Site } from "./support/spa.mjs";
import { signIn } from "./support/signin.mjs";
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
});
