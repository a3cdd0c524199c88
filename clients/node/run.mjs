// Starts the embedded tenant as a user does, runs the tests against it, and ends both.
//
//   node run.mjs [FILE.test.mjs …]      all of them without a name
//
// A client gets what any program gets: the proxy in HTTPS_PROXY (which the fetch of Node.js 20
// ignores: support/ways.mjs tells it), the certificate authority in
// NODE_EXTRA_CA_CERTS (Node reads it at its start only, hence this program), and the path of
// emulator.json in REPROMPT_ACCESS. The exit code is that of the tests; 1 when the tenant was
// asked something that it has no model for, or did not end by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.REPROMPT ?? join(here, "..", "..", "bin", "reprompt");

// tests are a process group of their own, so that what they started, browsers too, ends with
// them. Their temporary files are the run's.
let tests;

process.exitCode = await main(process.argv.slice(2));

async function main(names) {
  if (!existsSync(program)) {
    console.error(`${program} is not there: run \`make build\` at the top of the repository first, or name the program in REPROMPT`);
    return 2;
  }
  const dir = mkdtempSync(join(tmpdir(), "reprompt-clients-"));
  const tenant = spawn(program, ["emulator", "--dir", dir, "--sample"], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(tenant, "exit");
  process.on("SIGINT", endTests).on("SIGTERM", endTests);
  try {
    await serving(tenant);
    const failed = await runTests(dir, names);
    return failed || await unmodelled(JSON.parse(readFileSync(join(dir, "emulator.json"), "utf8")));
  } catch (error) {
    console.error(error.message);
    return 1;
  } finally {
    tenant.kill("SIGINT");
    await ended;
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 });
  }
}

// serving resolves when the tenant says that it serves, and fails with its own words when it
// ends before that.
async function serving(tenant) {
  tenant.stdout.resume();
  const said = [];
  for await (const line of createInterface({ input: tenant.stderr })) {
    if (line.startsWith("serving")) {
      tenant.stderr.resume();
      return;
    }
    said.push(line);
  }
  throw new Error(`the embedded tenant did not start: ${said.join("\n")}`);
}

function endTests() {
  if (tests?.exitCode === null) process.kill(-tests.pid, "SIGTERM");
}

async function runTests(dir, names) {
  const access = JSON.parse(readFileSync(join(dir, "emulator.json"), "utf8"));
  const files = names.length ? names : readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
  const env = {
    ...process.env,
    HTTPS_PROXY: access.proxy,
    NO_PROXY: "localhost,127.0.0.1",
    NODE_EXTRA_CA_CERTS: join(dir, access.ca),
    REPROMPT_ACCESS: join(dir, "emulator.json"),
    TMPDIR: dir,
  };
  tests = spawn(process.execPath, ["--test", "--test-concurrency=2", "--test-reporter=spec", ...files], { cwd: here, env, stdio: "inherit", detached: true });
  const [code, signal] = await once(tests, "exit");
  return signal ? 1 : code;
}

// unmodelled complains of every request that the tenant answered 501: a green run with one in
// it would prove less than it says.
async function unmodelled(access) {
  const answer = await fetch(`${access.control}/requests`, { headers: { Authorization: `Bearer ${access.control_token}` } });
  const asked = (await answer.json()).filter((row) => row.unmodelled);
  for (const row of asked) console.error(`not modelled: ${row.method} ${row.url}`);
  return asked.length ? 1 : 0;
}
