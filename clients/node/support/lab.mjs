// What a test knows of the embedded tenant: emulator.json, and the control listener.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Agent, fetch } from "undici";

const path = process.env.REPROMPT_ACCESS;
if (!path) throw new Error("REPROMPT_ACCESS is not set: the tests are started by `npm test`");

// access is the content of emulator.json.
export const access = JSON.parse(readFileSync(path, "utf8"));

// authorityPEM is the certificate authority, for a browser.
export const authorityPEM = readFileSync(join(dirname(path), access.ca), "utf8");

// The control listener is reached past every proxy.
const straight = new Agent();

async function control(method, call, body) {
  const response = await fetch(`${access.control}${call}`, {
    method, dispatcher: straight, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${access.control_token}`, "Content-Type": "application/json" },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${call}: ${response.status} ${text.trim()}`);
  return text ? JSON.parse(text) : undefined;
}

// newTenant makes a tenant of the sample kind for one test file: its clock and its sessions
// are its own.
export async function newTenant() {
  return new Tenant(await control("POST", "/tenants", { sample: true }));
}

// allRequests are what every tenant, and none, was asked, oldest first.
export function allRequests() {
  return control("GET", "/requests");
}

class Tenant {
  constructor(facts) {
    Object.assign(this, { facts, id: facts.tenant_id, admin: facts.admin, harness: facts.harness_app, fixtures: facts.fixtures_app });
  }

  #call(method, call, body) {
    return control(method, `${call}?tenant=${this.id}`, body);
  }

  // register makes an app registration, as an administrator does in the portal; see the
  // package doc of emulator/internal/control for the fields.
  register(application) {
    return this.#call("POST", "/applications", application);
  }

  advance(duration) {
    return this.#call("POST", "/clock/advance", { duration });
  }

  set(settings) {
    return this.#call("POST", "/settings", settings);
  }

  // requests are what the tenant was asked, oldest first, and what was asked of none.
  requests() {
    return this.#call("GET", "/requests");
  }

  // code is the admin's one-time code. A code is good once, so that the tenant's clock moves
  // to the next one first.
  async code() {
    await this.advance("30s");
    return oneTimeCode(this.admin.totp_secret, await this.#now());
  }

  // hence is an instant that many hours from the tenant's now, as Graph takes it.
  async hence(hours) {
    return new Date((await this.#now()).getTime() + hours * 3_600_000).toISOString();
  }

  async #now() {
    return new Date((await this.#call("GET", "/clock")).now);
  }

  end() {
    return this.#call("DELETE", `/tenants/${this.id}`);
  }
}

// oneTimeCode is RFC 6238 with SHA-1, six digits and thirty seconds.
export function oneTimeCode(secret, at) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000)));
  const mac = createHmac("sha1", base32(secret)).update(counter).digest();
  const number = mac.readUInt32BE(mac[mac.length - 1] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function base32(text) {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((octet) => parseInt(octet, 2)));
}
