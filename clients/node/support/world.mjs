// One tenant, and a browser where it is wanted, for a group of tests in each of the two ways.
import assert from "node:assert/strict";
import { after, before, describe } from "node:test";

import { launch } from "./browser.mjs";
import { newTenant } from "./lab.mjs";
import { ways } from "./ways.mjs";

// eachWay describes a group of tests twice, and holds each run to its own addresses. tests gets
// { way, tenant, browser, newContext(t) }; the last three work once a test runs. programs is
// the list of browsers to choose from; without it there is none.
export function eachWay(title, programs, tests) {
  for (const way of ways) {
    describe(`${way.name}: ${title}`, () => {
      const world = {
        way,
        // newContext is a browser of the test's own, without cookies; it ends with the test.
        async newContext(t) {
          const context = await world.browser.newContext();
          t.after(() => context.close());
          return context;
        },
      };
      let end;
      before(async () => {
        end = way.begin();
        world.tenant = await newTenant();
        if (programs) world.browser = await launch(programs);
      });
      after(async () => {
        // Each is ended whatever the others say: one that stays keeps the process from ending.
        const endings = await Promise.allSettled([heldTo(way, world.tenant).then(() => world.tenant.end()), world.browser?.close()]);
        await end?.();
        const failed = endings.find((ending) => ending.status === "rejected");
        if (failed) throw failed.reason;
      });
      tests(world);
    });
  }
}

// heldTo wants that a tenant was asked for nothing under the names of the other way.
async function heldTo(way, tenant) {
  const own = (await tenant.requests()).filter((row) => row.tenant === tenant.id);
  const elsewhere = own.filter(({ url }) => !way.hosts.includes(new URL(url).host));
  assert.deepEqual(elsewhere, [], `requests that are not of the run ${way.name}`);
}
