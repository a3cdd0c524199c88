// The blade: asks the shell who is signed in, chooses the API, draws My roles, opens panes.

import { openActivation } from "/assets/activate.js";
import { assignmentsPage } from "/assets/assignments.js";
import { connect } from "/assets/broker-client.js";
import { teach } from "/assets/bubble.js";
import { openDeactivation } from "/assets/deactivate.js";
import { el } from "/assets/dom.js";
import { directoryRoles, groups } from "/assets/graph.js";
import { legacyDirectoryRoles } from "/assets/mspim.js";
import { textsOf } from "/assets/texts.js";
import { client } from "/assets/transport.js";

// The services of this cloud, as the server wrote them into the page.
const { graph, pim } = document.documentElement.dataset;
const graphBase = `${graph}/v1.0`;
const legacyBase = `${pim}/api/v2/privilegedAccess/aadroles`;

/** An error in words: the service's code first, so that it can be looked up. */
const problem = (error) => el("p", { role: "alert", className: "problem" }, error.code ? `${error.code}: ${error.message}` : error.message);

const notify = (text) => document.getElementById("notifications").replaceChildren(el("p", {}, text));

// The legacy service has answered 401 for groups since May 2026 (observed), so groups always go to Graph.
function chooseAPI({ view, context, broker, texts }) {
  const choice = { account: context.account, directoryName: texts.directory };
  const legacy = context.api === "mspim" && view !== "aadgroup";
  const audience = legacy ? "pim" : "graph";
  const api = client({ base: legacy ? legacyBase : graphBase, audience, broker, transport: context.transport });
  const kind = legacy ? legacyDirectoryRoles : view === "aadgroup" ? groups : directoryRoles;
  return { audience, source: kind(api, choice) };
}

async function start() {
  const broker = connect();
  const context = await broker.context();
  const view = new URLSearchParams(location.search).get("view");
  const texts = textsOf(context.language);
  document.documentElement.lang = context.language;
  document.title = texts.title[view];
  const { audience, source } = chooseAPI({ view, context, broker, texts });
  const blade = { broker, audience, source, texts, problem, notify, reload: () => list.load() };
  const open = (verb, assignment) => (verb === "activate" ? openActivation(blade, assignment) : openDeactivation(blade, assignment));
  const list = assignmentsPage({ page: document.getElementById("page"), view, texts, language: context.language, source, open, problem });
  await list.load();
  const action = document.querySelector("#assignments td a");
  if (context.bubble && action) teach(action, context.language);
  if (context.resume) await goOn(blade, context.resume);
}

// After a step-up by redirect the pane of that role opens again.
async function goOn(blade, resume) {
  const eligible = await blade.source.list("eligible");
  const assignment = eligible.find(({ key }) => key === resume.key);
  if (assignment) await openActivation(blade, assignment, resume);
}

start().catch((error) => document.getElementById("page").replaceChildren(problem(error)));
