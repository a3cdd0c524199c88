// @azure/identity, unmodified: the credentials that run without a person at this machine, and
// the device code.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AuthenticationRequiredError, ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential,
} from "@azure/identity";

import { shell } from "./support/browser.mjs";
import { newCertificate } from "./support/certificate.mjs";
import { enterDeviceCode } from "./support/person.mjs";
import { claims, contextChallenge } from "./support/tokens.mjs";
import { eachWay } from "./support/world.mjs";

const graph = "https://graph.microsoft.com/.default";

// saying matches what @azure/identity raises for an answer of MSAL's: one class for all that the
// tenant refuses, with MSAL's own words.
const saying = (...words) => raising("AuthenticationRequiredError", ...words);
const raising = (name, ...words) => (error) => {
  assert.equal(error.name, name);
  for (const word of words) assert.ok(error.message.includes(word), `${word} is not in: ${error.message}`);
  return true;
};

eachWay("azure-identity", shell, (world) => {
  const options = (more) => ({ ...world.way.identity(), ...more });
  const secretCredential = (secret = world.tenant.fixtures.client_secret) => new ClientSecretCredential(world.tenant.id, world.tenant.fixtures.client_id, secret, options());

  test("ClientSecretCredential gets a token that Graph takes", async () => {
    const { token, expiresOnTimestamp } = await secretCredential().getToken(graph);
    assert.ok(expiresOnTimestamp > Date.now());
    assert.deepEqual([claims(token).appid, claims(token).appidacr, claims(token).xms_cc], [world.tenant.fixtures.client_id, "1", undefined]);
    const response = await fetch(`${world.way.graph}/v1.0/organization`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(response.status, 200);
  });

  test("ClientCertificateCredential gets a token, with and without its chain", async () => {
    const { privateKey, certificate } = await newCertificate();
    const { client_id: clientId } = await world.tenant.register({ display_name: "certificate", platform: "web", app_roles: ["User.Read.All"], certificate });
    for (const sendCertificateChain of [false, true]) {
      const credential = new ClientCertificateCredential(world.tenant.id, clientId, { certificate: `${privateKey}\n${certificate}` }, options({ sendCertificateChain }));
      const { token } = await credential.getToken(graph);
      assert.deepEqual([claims(token).appid, claims(token).appidacr, claims(token).roles], [clientId, "2", ["User.Read.All"]]);
    }
  });

  test("a certificate of somebody else is refused with AADSTS700027", async () => {
    const [registered, other] = await Promise.all([newCertificate(), newCertificate()]);
    const { client_id: clientId } = await world.tenant.register({ display_name: "certificate", platform: "web", certificate: registered.certificate });
    const credential = new ClientCertificateCredential(world.tenant.id, clientId, { certificate: `${other.privateKey}\n${other.certificate}` }, options());
    await assert.rejects(credential.getToken(graph), saying("invalid_client", "AADSTS700027"));
  });

  test("ClientAssertionCredential that asserts nothing is refused", async () => {
    const credential = new ClientAssertionCredential(world.tenant.id, world.tenant.fixtures.client_id, async () => "e30.e30.e30", options());
    await assert.rejects(credential.getToken(graph), saying("invalid_client", "AADSTS700027"));
  });

  test("continuous access evaluation is asked for by the option, and has a cache of its own", async () => {
    const credential = secretCredential();
    const plain = await credential.getToken(graph);
    const capable = await credential.getToken(graph, { enableCae: true, claims: JSON.stringify({ access_token: { nbf: { essential: true, value: "1" } } }) });
    assert.deepEqual([claims(plain.token).xms_cc, claims(capable.token).xms_cc], [undefined, ["CP1"]]);
    const again = await credential.getToken(graph, { enableCae: true });
    assert.equal(claims(again.token).uti, claims(capable.token).uti);
  });

  test("a wrong secret is refused with AADSTS7000215", async () => {
    await assert.rejects(secretCredential("wrong").getToken(graph), saying("invalid_client", "AADSTS7000215: Invalid client secret provided", "Trace ID: ", "Correlation ID: "));
  });

  test("a tenant that is not there is refused with AADSTS90002", async () => {
    const credential = new ClientSecretCredential("11111111-2222-3333-4444-555555555555", world.tenant.fixtures.client_id, "any", options());
    // The tenant's own document is asked for only where the authority is not a built-in one.
    const raised = world.way.name === "hosts" ? saying("AADSTS90002") : raising("CredentialUnavailableError", "endpoints_resolution_error");
    await assert.rejects(credential.getToken(graph), raised);
  });

  const deviceCredential = (context, more) => new DeviceCodeCredential({
    tenantId: world.tenant.id, clientId: world.tenant.harness.client_id, ...options(more),
    userPromptCallback: (shown) => enterDeviceCode(world, context, shown),
  });

  test("DeviceCodeCredential signs in, renews, and is told that a context needs its user", async (t) => {
    const context = await world.newContext(t);
    const scope = "https://graph.microsoft.com/User.Read";
    const credential = deviceCredential(context, { disableAutomaticAuthentication: true });
    const record = await credential.authenticate(scope, { enableCae: true });
    assert.equal(record.username, world.tenant.admin.upn);
    const { token } = await credential.getToken(scope, { enableCae: true });
    assert.deepEqual([claims(token).upn, claims(token).xms_cc], [world.tenant.admin.upn, ["CP1"]]);

    await world.tenant.advance("6m");
    const refused = await credential.getToken(scope, { enableCae: true, claims: contextChallenge("c1") }).then(() => undefined, (error) => error);
    assert.ok(refused instanceof AuthenticationRequiredError, `${refused}`);
  });
});
