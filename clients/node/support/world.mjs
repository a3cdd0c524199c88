// One tenant, and a browser where it is wanted, for a group of tests in each of the two ways.
import { after, before, describe } from "node:test";

import { launch } from "./browser.mjs";
import { newTenant } from "./lab.mjs";
import { ways } from "./ways.mjs";

// eachWay describes a group of tests twice. tests gets { way, tenant, browser }; the last two
// are there once a test runs. programs is the list of browsers to choose from; without it
// there is none.
export function eachWay(title, programs, tests) {
  for (const way of ways) {
    describe(`${way.name}: ${title}`, () => {
      const world = { way };
      let end;
      before(async () => {
        end = way.begin();
        [world.tenant, world.browser] = await Promise.all([newTenant(), programs && launch(programs)]);
      });
      after(async () => {
        // Each is ended whatever the others say: one that stays keeps the process from ending.
        const endings = await Promise.allSettled([world.browser?.close(), world.tenant?.end()]);
        await end?.();
        const failed = endings.find((ending) => ending.status === "rejected");
        if (failed) throw failed.reason;
      });
      tests(world);
    });
  }
}
