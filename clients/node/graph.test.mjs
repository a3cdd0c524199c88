// How Microsoft's Graph clients for JavaScript take what the tenant answers: pages, batches,
// errors, claims challenges.
import assert from "node:assert/strict";
import { before, test } from "node:test";

import { ClientSecretCredential } from "@azure/identity";
import { BatchResponseContent, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

import { shell } from "./support/browser.mjs";
import { graphClient, graphSDK } from "./support/graph.mjs";
import { adminClient, adminCredential, interactive } from "./support/person.mjs";
import { eachWay } from "./support/world.mjs";

const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

eachWay("graph", shell, (world) => {
  let app;
  before(() => {
    const { id, fixtures } = world.tenant;
    app = new ClientSecretCredential(id, fixtures.client_id, fixtures.client_secret, world.way.identity());
  });
  const raised = (promise) => promise.then(() => assert.fail("nothing was raised"), (error) => error);
  const sent = async (seen, path) => (await world.tenant.requests()).slice(seen).filter((r) => r.url.endsWith(path)).map((r) => `${r.method} ${r.status}`);

  test("microsoft-graph-client sends its token", async () => {
    const { client } = graphClient(world.way, app);
    assert.equal((await client.api("/organization").get()).value[0].id, world.tenant.id);
  });

  if (world.way.name === "authority") {
    test("microsoft-graph-client sends its token to no host that it was not told of", async () => {
      const { host } = new URL(world.way.graph);
      for (const customHosts of [undefined, new Set([host])]) { // a host with its port is another one to it
        const error = await raised(graphClient(world.way, app, { customHosts }).client.api("/organization").get());
        assert.ok(error instanceof GraphError, `${error}`);
        assert.deepEqual([error.statusCode, error.code], [401, "InvalidAuthenticationToken"]);
      }
    });
  }

  test("microsoft-graph-client follows the links from page to page", async () => {
    const { client } = graphClient(world.way, app);
    const first = await client.api("/users").top(1).select(["id", "userPrincipalName"]).get();
    assert.ok(first["@odata.nextLink"].startsWith(`${world.way.graph}/v1.0/users?`), first["@odata.nextLink"]);
    const names = [];
    await new PageIterator(client, first, (user) => names.push(user.userPrincipalName) > 0).iterate();
    const all = await client.api("/users").get();
    assert.deepEqual(names.toSorted(), all.value.map((user) => user.userPrincipalName).toSorted());
    assert.ok(names.includes(world.tenant.admin.upn) && names.length >= 3);
  });

  test("microsoft-graph-client batches", async () => {
    const { client } = graphClient(world.way, app);
    const answer = await client.api("/$batch").post({ requests: [
      { id: "1", method: "GET", url: "/organization" },
      { id: "2", method: "GET", url: "/users/nobody" },
    ] });
    const responses = new BatchResponseContent(answer);
    assert.deepEqual(["1", "2"].map((id) => responses.getResponseById(id).status), [200, 404]);
    assert.equal((await responses.getResponseById("1").json()).value[0].id, world.tenant.id);
  });

  test("errors have the service's envelope", async () => {
    const error = await raised(graphClient(world.way, app).client.api("/users/nobody").get());
    assert.ok(error instanceof GraphError, `${error}`);
    assert.deepEqual([error.statusCode, error.code], [404, "Request_ResourceNotFound"]);
    assert.match(error.requestId, /^[0-9a-f-]{36}$/);
    const same = await raised(graphSDK(world.way, app).send("GET", "/users/nobody", undefined, "User"));
    assert.deepEqual([same.responseStatusCode, same.errorEscaped.code], [404, "Request_ResourceNotFound"]);
    assert.match(same.errorEscaped.innerError.requestId, /^[0-9a-f-]{36}$/);
  });

  // outdate makes every token of the admin older than a change of policy.
  const outdate = async () => {
    await world.tenant.advance("2s"); // tokens tell whole seconds
    const { client } = graphClient(world.way, app);
    const [policy] = (await client.api("/identity/conditionalAccess/policies").get()).value;
    await client.api(`/identity/conditionalAccess/policies/${policy.id}`).patch({ displayName: "changed" });
  };

  test("a challenge of continuous access evaluation is an error to microsoft-graph-client, with its claims", async () => {
    await world.tenant.set({ cae: true });
    const { client } = graphClient(world.way, await adminCredential(world, { clientCapabilities: ["cp1"] }));
    assert.equal((await client.api("/me").get()).userPrincipalName, world.tenant.admin.upn);
    await outdate();
    const error = await raised(client.api("/me").get());
    assert.deepEqual([error.statusCode, error.code], [401, "InvalidAuthenticationToken"]);
    const header = error.headers.get("www-authenticate");
    const claims = JSON.parse(Buffer.from(header.match(/error="insufficient_claims", claims="([^"]+)"/)[1], "base64"));
    assert.equal(claims.access_token.nbf.essential, true);
  });

  test("a challenge of continuous access evaluation is answered by msgraph-sdk", async () => {
    await world.tenant.set({ cae: true });
    const sdk = graphSDK(world.way, await adminCredential(world, { clientCapabilities: ["cp1"] }));
    const me = () => sdk.send("GET", "/me", undefined, "User");
    assert.equal((await me()).userPrincipalName, world.tenant.admin.upn);
    await outdate();
    const seen = (await world.tenant.requests()).length;
    assert.equal((await me()).userPrincipalName, world.tenant.admin.upn);
    assert.deepEqual(await sent(seen, "/v1.0/me"), ["GET 401", "GET 200"]);
    assert.deepEqual(await sent(seen, "/oauth2/v2.0/token"), ["POST 200"]);
  });

  test("an activation is challenged, and granted to the token that the user stepped up for", async (t) => {
    await world.tenant.set({ cae: false });
    const scopes = ["https://graph.microsoft.com/.default"];
    const { client, account } = await adminClient(world, { clientCapabilities: ["cp1"] });
    let current = await client.acquireTokenSilent({ scopes, account });
    const graph = graphClient(world.way, { getToken: async () => ({ token: current.accessToken }) }).client;
    const activate = () => graph.api("/roleManagement/directory/roleAssignmentScheduleRequests").post({
      action: "selfActivate", principalId: world.tenant.admin.object_id, roleDefinitionId: applicationAdministrator, directoryScopeId: "/",
      justification: "clients", scheduleInfo: { expiration: { type: "afterDuration", duration: "PT1H" } },
    });

    await world.tenant.advance("6m");
    const refused = await raised(activate());
    assert.deepEqual([refused.statusCode, refused.code], [400, "RoleAssignmentRequestAcrsValidationFailed"]);
    const claims = new URLSearchParams(refused.message).get("claims");
    assert.equal(JSON.parse(claims).access_token.acrs.value, "c1");

    const context = await world.newContext(t);
    const { result, pages } = await interactive(world, client, context, { scopes, claims, loginHint: world.tenant.admin.upn });
    current = result;
    assert.equal(pages, "password code stay");
    const granted = await activate();
    assert.deepEqual([granted.status, granted.action], ["Provisioned", "selfActivate"]);
  });
});
