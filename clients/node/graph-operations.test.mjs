// Every operation of the Graph subset, by both of Microsoft's clients for JavaScript, and the
// record of it: ../results/node.json, in the format of ../README.md.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { ClientSecretCredential } from "@azure/identity";

import { shell } from "./support/browser.mjs";
import { clients } from "./support/graph.mjs";
import { operations } from "./support/operations.mjs";
import { adminCredential } from "./support/person.mjs";
import { eachWay } from "./support/world.mjs";

const called = new Map(clients.map(({ name }) => [name, []])); // operations by client, once for each way

eachWay("graph-operations", shell, (world) => {
  let app, admin;
  before(async () => {
    const { id, fixtures } = world.tenant;
    app = new ClientSecretCredential(id, fixtures.client_id, fixtures.client_secret, world.way.identity());
    admin = await adminCredential(world);
  });

  for (const [index, { name, make }] of clients.entries()) {
    test(`every operation of the subset by ${name.split(" ")[0]}`, async () => {
      const unknown = [];
      const by = { app: make(world.way, app, unknown), admin: make(world.way, admin, unknown) };
      const context = { made: {}, domain: world.tenant.facts.domain, unique: `client-${index}`, soon: await world.tenant.hence(1) };
      for (const row of operations) called.get(name).push(await call(row, by[row.by ?? "app"], context));
      assert.deepEqual(unknown, [], "properties that Microsoft's own models do not know");
    });
  }

  // call makes one call and returns its operation, once the tenant says that it was asked for
  // it and answered with success.
  async function call(row, client, context) {
    const [method, template] = row.op.split(" ");
    const path = fill(template, row.ids?.(context));
    const seen = (await world.tenant.requests()).length;
    const answer = await client.send(method, path + (row.query ?? ""), row.body?.(context), row.model).catch((error) => {
      throw new Error(`${row.op}: ${error.statusCode ?? error.responseStatusCode ?? ""} ${error.message}`, { cause: error });
    });
    check(row, answer);
    const asked = (await world.tenant.requests()).slice(seen).map((r) => `${r.method} ${decodeURIComponent(r.url)} ${Math.floor(r.status / 100)}xx`);
    assert.ok(asked.includes(`${method} ${world.way.graph}/v1.0${path} 2xx`), `${row.op} was not sent and answered: ${asked}`);
    row.keep?.(context, answer);
    return row.op;
  }
});

function fill(template, ids = {}) {
  return template.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? assert.fail(`${template} has no ${name}`));
}

// check wants of an answer what the row's type has.
function check(row, answer) {
  if (!row.model) return;
  const objects = row.model.endsWith("CollectionResponse") ? answer.value : [answer];
  assert.ok(Array.isArray(objects) && (objects.length > 0 || row.empty), `${row.op}: an empty list`);
  for (const object of objects) assert.ok(object.id, `${row.op}: an object without id`);
}

after(() => {
  const file = new URL("../results/node.json", import.meta.url);
  const record = `${JSON.stringify([...called].map(([client, ops]) => ({ client, operations: twice(ops) })).sort(byClient), null, 2)}\n`;
  if (process.env.UPDATE_RESULTS) writeFileSync(file, record);
  assert.equal(record, readFileSync(file, "utf8"), "clients/results/node.json is not what was called; run with UPDATE_RESULTS=1 and commit it");
});

// twice keeps what was called in both ways, by path and then by method.
function twice(ops) {
  const path = (op) => op.slice(op.indexOf(" "));
  const order = (a, b) => (a < b ? -1 : Number(a > b));
  return [...new Set(ops.filter((op, i) => ops.indexOf(op) !== i))].sort((a, b) => order(path(a), path(b)) || order(a, b));
}

function byClient(a, b) {
  return a.client < b.client ? -1 : 1;
}
