// The embedded tenant as both drivers reach it, and one browser for all scenarios.
import { performance } from "node:perf_hooks";
import { After, AfterAll, Before, BeforeAll, setDefaultTimeout } from "@cucumber/cucumber";
import { TOTP } from "otpauth";
import { chromium } from "playwright-core";
import { appendFileSync } from "node:fs";

const facts = JSON.parse(process.env.PEER_FACTS);
const results = process.env.PEER_RESULTS;
let browser;

setDefaultTimeout(60_000);

BeforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.PEER_BROWSER, args: JSON.parse(process.env.PEER_FLAGS), proxy: { server: facts.proxy, bypass: "<-loopback>" },
  });
});

AfterAll(async () => browser.close());

Before(async function () {
  this.began = performance.now();
  this.context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  this.page = await this.context.newPage();
});

After(async function ({ pickle, result }) {
  await this.context.close();
  appendFileSync(results, `${JSON.stringify({ scenario: pickle.name, passed: result.status === "PASSED", ms: performance.now() - this.began })}\n`);
});

/** One call of the control listener. */
export async function control(path, body) {
  const response = await fetch(facts.control + path, {
    method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers: { authorization: `Bearer ${facts.control_token}` },
  });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${await response.text()}`);
  return response.json();
}

/** The one-time code of this moment, by the tenant's clock. */
export async function oneTimeCode(tenant) {
  const { now } = await control(`/clock?tenant=${tenant.tenant_id}`);
  return new TOTP({ secret: tenant.admin.totp_secret }).generate({ timestamp: Date.parse(now) });
}
