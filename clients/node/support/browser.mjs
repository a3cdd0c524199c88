// Chromium, started with nothing but the tenant's proxy and the public key of its certificate
// authority. It is started here and not by the driver: the driver's own switches turn off the
// partitioning of storage by site, and what a third-party frame can see is what is tested.
import { spawn } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

import { access, authorityPEM } from "./lab.mjs";

// full is the browser that people use, shell the smaller one without its policies on cookies.
export const full = ["/usr/lib/chromium/chromium", "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
export const shell = ["/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium-headless-shell"];

// launch starts the first program of the list that is there.
export async function launch(programs) {
  const program = programs.find(existsSync);
  if (!program) throw new Error(`no browser: none of ${programs.join(", ")} is there; on Debian: apt-get install chromium chromium-headless-shell`);
  const profile = mkdtempSync(join(tmpdir(), "reprompt-chromium-"));
  const process = spawn(program, switches(profile), { stdio: ["ignore", "ignore", "pipe"] });
  // "close", not "exit": the browser's helpers hold its standard error too, and write into the
  // profile until they have ended.
  const ended = once(process, "close");
  const browser = await chromium.connectOverCDP(await endpoint(process));
  return {
    newContext: () => browser.newContext(),
    async close() {
      await browser.close();
      process.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function switches(profile) {
  const key = new X509Certificate(authorityPEM).publicKey.export({ type: "spki", format: "der" });
  return [
    "--headless", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-popup-blocking",
    `--proxy-server=${access.proxy}`, `--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`,
    "about:blank",
  ];
}

// endpoint is the address that the browser writes once it can be driven.
async function endpoint(process) {
  const said = [];
  for await (const line of createInterface({ input: process.stderr })) {
    const found = line.match(/DevTools listening on (ws:\/\/\S+)/);
    if (found) {
      process.stderr.resume();
      return found[1];
    }
    said.push(line);
  }
  throw new Error(`${process.spawnfile} did not start: ${said.slice(-3).join(" ")}`);
}
