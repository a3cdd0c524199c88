// A single-page application with the UMD build of @azure/msal-browser, and its redirect-bridge
// page, which popups and hidden frames come back to.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { servePages } from "./pages.mjs";
import { signIn } from "./signin.mjs";

const library = join(dirname(createRequire(import.meta.url).resolve("@azure/msal-browser/package.json")), "lib");

const pages = {
  "/": "<!doctype html><title>application</title><script src=/msal.js></script>",
  "/msal.js": readFileSync(join(library, "msal-browser.min.js"), "utf8"),
  "/bridge": "<!doctype html><title>bridge</title><script src=/bridge.js></script><script>msalRedirectBridge.broadcastResponseToMainFrame()</script>",
  "/bridge.js": readFileSync(join(library, "redirect-bridge", "msal-redirect-bridge.min.js"), "utf8"),
};

export class Site {
  // open serves the application and registers it with the tenant as what a page is.
  static async open(world, platform = "spa") {
    const server = await servePages(pages);
    const { client_id: clientId } = await world.tenant.register({
      display_name: "a page", platform, redirect_uris: [`${server.origin}/`, `${server.origin}/bridge`], scopes: ["User.Read"], id_token_claims: ["login_hint"],
    });
    return Object.assign(new Site(), { world, server, clientId, origin: server.origin });
  }

  close() {
    return this.server.close();
  }

  // visit opens the application in a browser context of its own, which ends with the test.
  async visit(t, auth = {}) {
    const page = await (await this.world.newContext(t)).newPage();
    await page.goto(`${this.origin}/`);
    const config = { auth: { clientId: this.clientId, redirectUri: `${this.origin}/`, ...this.world.way.msalAuth(this.world.tenant), ...auth } };
    const app = Object.assign(new App(), { site: this, page, config, tenant: this.world.tenant });
    await app.start();
    return app;
  }
}

const scopes = ["https://graph.microsoft.com/User.Read"];

// App is the application in one tab. Its calls return what MSAL does: { result }, or { error }
// with the class and the fields of what was raised.
class App {
  // start makes MSAL's object as each load of the page has to, and takes the answer of a
  // redirect if there is one.
  start() {
    return this.page.evaluate(async (config) => {
      window.told = async (promise) => {
        try {
          const result = await promise;
          const account = result?.account;
          return { result: result && { accessToken: result.accessToken, fromCache: result.fromCache, username: account?.username, homeAccountId: account?.homeAccountId } };
        } catch (error) {
          const { name, errorCode, errorNo, subError, errorMessage, claims } = error;
          return { error: { name, errorCode, errorNo, subError, errorMessage, claims, interactionRequired: error instanceof msal.InteractionRequiredAuthError } };
        }
      };
      window.app = new msal.PublicClientApplication(config);
      await app.initialize();
      const promise = app.handleRedirectPromise();
      const answer = await told(promise);
      if (answer.result) app.setActiveAccount((await promise).account);
      return answer;
    }, this.config);
  }

  // leave asks for a token with the whole page and lets the admin sign in.
  async leave(request = {}) {
    const left = this.page.waitForEvent("domcontentloaded");
    await this.page.evaluate((request) => void app.acquireTokenRedirect(request), { scopes, ...request });
    await left;
    return { pages: await signIn(this.page, this.tenant) };
  }

  // redirect does the same and takes the answer that the page is loaded with.
  async redirect(request = {}) {
    const { pages } = await this.leave(request);
    return { pages, ...await this.start() };
  }

  async signOut() {
    const back = this.page.waitForEvent("domcontentloaded");
    await this.page.evaluate(() => void app.logoutRedirect({ account: app.getActiveAccount(), postLogoutRedirectUri: "/" }));
    await back;
  }

  // popup asks in a window of its own.
  async popup(request = {}) {
    const opened = this.page.waitForEvent("popup");
    const answer = this.call("acquireTokenPopup", { redirectUri: `${this.site.origin}/bridge`, ...request });
    const window = await opened;
    await window.waitForURL((url) => url.protocol === "https:", { waitUntil: "domcontentloaded" });
    const pages = await signIn(window, this.tenant);
    return { pages, ...await answer };
  }

  silent(request = {}) {
    return this.call("acquireTokenSilent", { redirectUri: `${this.site.origin}/bridge`, ...request });
  }

  call(method, request) {
    return this.page.evaluate(({ method, request }) => told(app[method](request)), { method, request: { scopes, ...request } });
  }
}
