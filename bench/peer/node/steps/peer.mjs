// The scenarios as they are written with Playwright: locators that wait by themselves, no waiting of our own.
import assert from "node:assert/strict";
import { Given, Then, When } from "@cucumber/cucumber";

import { control, oneTimeCode } from "./world.mjs";

const redirect = "http://localhost/";
const banner = "A Conditional Access policy is enabled and may require additional verification. Click to continue.";

Given("a new tenant", async function () {
  this.tenant = await control("/tenants", {});
});

Given("a new tenant in which the role is protected", async function () {
  this.tenant = await control("/tenants", { sample: true });
});

When("the admin signs in to the application", async function () {
  await this.page.route(`${redirect}**`, (route) => route.fulfill({ body: "" }));
  const { tenant_id, harness_app } = this.tenant;
  const query = new URLSearchParams({
    client_id: harness_app.client_id, response_type: "code", redirect_uri: harness_app.redirect_uri, scope: "openid profile", state: "1", nonce: "2",
    code_challenge_method: "S256", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  });
  await this.page.goto(`https://login.microsoftonline.com/${tenant_id}/oauth2/v2.0/authorize?${query}`);
  await signIn(this);
  await this.page.waitForURL(`${redirect}**`);
});

Then("the application is given a code", async function () {
  assert.ok(new URL(this.page.url()).searchParams.get("code"));
});

When("the admin opens My roles", async function () {
  await this.page.goto("https://entra.microsoft.com/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles");
  await signIn(this);
  await portal(this).getByRole("tab", { name: "Eligible assignments" }).waitFor();
});

When("eleven minutes pass", async function () {
  await control(`/clock/advance?tenant=${this.tenant.tenant_id}`, { duration: "11m" });
});

When("the admin activates the role", async function () {
  await portal(this).getByRole("link", { name: "Activate" }).click();
  await portal(this).getByRole("button", { name: banner }).click();
  await this.page.locator("#i0118").fill(this.tenant.admin.password);
  await this.page.locator("#idSIButton9").click();
  await this.page.locator("#idTxtBx_SAOTCC_OTC").fill(await oneTimeCode(this.tenant));
  await this.page.locator("#idSubmit_SAOTCC_Continue, #idSIButton9").first().click();
  this.asked = true;
  await staySignedIn(this);
  await portal(this).getByRole("textbox", { name: "Reason" }).fill("measured");
  await portal(this).getByRole("dialog").getByRole("button", { name: "Activate" }).click();
});

Then("a credential was asked for on the way", function () {
  assert.ok(this.asked);
});

Then("the portal says that the role is active", async function () {
  await portal(this).getByText("Activation completed successfully").waitFor();
});

/** The blade is a frame of another host. */
function portal({ page }) {
  return page.frameLocator("iframe");
}

async function signIn(world) {
  const { page, tenant } = world;
  await page.locator("#i0116").fill(tenant.admin.upn);
  await page.locator("#idSIButton9").click();
  await page.locator("#i0118").fill(tenant.admin.password);
  await page.locator("#idSIButton9").click();
  await staySignedIn(world);
}

async function staySignedIn({ page }) {
  await page.locator("#KmsiDescription").waitFor();
  await page.locator("#idBtn_Back").click();
}
