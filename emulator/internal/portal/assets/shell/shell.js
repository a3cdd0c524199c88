// The shell: signs the user in, keeps tokens, shows the blade of the address in a frame of another host.

import { serve } from "/assets/bridge.js";
import * as broker from "/assets/broker.js";
import * as chrome from "/assets/chrome.js";
import { frameOrigin } from "/assets/parties.js";
import * as session from "/assets/session.js";
import { logoutURL, readResponse } from "/assets/signin.js";
import { parse } from "/assets/views.js";

let frame = null;
let resume = null;

async function start() {
  const response = readResponse(location.hash);
  if (response?.state.meta?.interactionType === "popup") return broker.handOver(location.hash);
  if (response) await comeBack(response);
  if (!session.account()) return broker.signIn(location.hash);
  serve(() => frame, frameMethods());
  addEventListener("hashchange", () => guard(draw));
  await draw();
}

async function comeBack(response) {
  history.replaceState(null, "", "/");
  const { view, resume: kept, failure } = await broker.finish(response);
  history.replaceState(null, "", `/${view ?? ""}`);
  if (kept) session.keepResume({ ...kept, failure: failure && { code: failure.code, message: failure.message } });
}

async function draw() {
  const { language, survey } = await broker.configuration();
  const account = session.account();
  const wanted = parse(location.hash);
  resume = session.takeResume();
  chrome.drawBar({ language, account, signOut });
  chrome.drawMenu(language, wanted.view);
  if (wanted.view) frame = chrome.drawFrame(language, `${frameOrigin}/React/Index?${new URLSearchParams({ trustedAuthority: location.origin, view: wanted.view })}`);
  else if (wanted.home) chrome.drawHome(language);
  else await refuse(language, wanted.unknown);
  if (survey) chrome.drawSurvey(language);
}

// An unknown view is told to the server too, which records it as unmodelled.
async function refuse(language, path) {
  chrome.drawUnknown(language, path);
  await fetch(`/${session.account().tid}/unmodelled/${encodeURIComponent(path)}`, { credentials: "omit" });
}

function signOut() {
  const url = logoutURL();
  session.clear();
  location.assign(url);
}

function frameMethods() {
  return {
    context: async () => {
      const { language, api, transport, bubble } = await broker.configuration();
      const taken = resume;
      resume = null;
      return { account: session.account(), language, api, transport, bubble, resume: taken };
    },
    time: async () => (await broker.configuration()).now,
    token: ({ audience, wanted, refused }) => broker.token({ audience, wanted, refused, view: location.hash }),
    stepUp: ({ audience, wanted, resume: pane }) => broker.stepUp({ audience, wanted, resume: pane, view: location.hash }),
  };
}

async function guard(action) {
  try {
    await action();
  } catch (error) {
    chrome.drawProblem(error.code ? `${error.code}: ${error.message}` : error.message);
  }
}

guard(start);
