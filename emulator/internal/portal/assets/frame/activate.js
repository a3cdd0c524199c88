// The pane "Activate - <role>": reads the role setting, asks for additional verification where it is due,
// takes duration and reason, sends the activation and follows it.

import { el, fill } from "/assets/dom.js";
import { durationField, startField, textArea, textBox } from "/assets/form.js";
import { openPane } from "/assets/pane.js";
import { banner, contextClaims, demanded } from "/assets/step-up.js";

/**
 * Opens the pane for an assignment. `blade` holds source, broker, audience, texts, problem, notify and
 * reload. `resume` is what the pane left when the page went to sign in: {draft, failure}.
 */
export async function openActivation(blade, assignment, resume) {
  const { texts, source, broker, audience, problem } = blade;
  const pane = openPane({ title: texts.activateTitle(assignment.name), texts, accept: { text: texts.activate, run: () => activation.submit() } });
  const activation = new Activation(blade, assignment, pane);
  pane.busy(true);
  fill(pane.content, el("p", { role: "status" }, texts.loading));
  try {
    activation.setting = await source.setting(assignment);
    const token = await broker.token({ audience });
    // Back from a step-up that went well nothing is left to ask.
    const demand = resume && !resume.failure ? null : demanded({ setting: activation.setting, token, texts });
    activation.show(demand, resume?.draft);
    if (resume?.failure) pane.problem(problem(resume.failure));
  } catch (error) {
    fill(pane.content);
    pane.problem(problem(error));
  }
  pane.busy(false);
}

class Activation {
  constructor(blade, assignment, pane) {
    this.blade = blade;
    this.assignment = assignment;
    this.pane = pane;
  }

  /** Draws the form, with the banner of a demand above it. */
  show(demand, draft = {}) {
    this.bannerPlace = el("div", {});
    this.fields = this.makeFields(draft);
    fill(this.pane.content, this.bannerPlace, Object.values(this.fields).map((field) => field?.element));
    this.demandVerification(demand);
  }

  demandVerification(demand) {
    this.demand = demand;
    fill(this.bannerPlace, demand && banner({ text: demand.text, clicked: () => this.verify() }));
    this.check();
  }

  makeFields(draft) {
    const { texts } = this.blade;
    const changed = () => this.check();
    const ticket = (text, value) => (this.setting.ticket ? textBox({ text, required: true, value, changed }) : null);
    return {
      start: startField({ checkText: texts.customStart, timeText: texts.startTime, value: draft.start, changed }),
      duration: durationField({ text: texts.duration, maximum: this.setting.maximumHours, value: draft.hours, changed }),
      ticketNumber: ticket(texts.ticketNumber, draft.ticketNumber),
      ticketSystem: ticket(texts.ticketSystem, draft.ticketSystem),
      reason: textArea({ text: texts.reason, required: this.setting.justification, value: draft.reason, changed }),
    };
  }

  /** Activate can be pressed once nothing is asked any more and every field that the rules demand is filled. */
  check() {
    const { start, duration, ticketNumber, ticketSystem, reason } = this.fields;
    const ticketed = !this.setting.ticket || (ticketNumber.value() && ticketSystem.value());
    const reasoned = !this.setting.justification || reason.value();
    this.pane.enable(!this.demand && start.valid() && duration.valid() && Boolean(ticketed) && Boolean(reasoned));
  }

  draft() {
    const { start, duration, ticketNumber, ticketSystem, reason } = this.fields;
    return {
      start: start.text(), hours: duration.hours(), reason: reason.value(),
      ticketNumber: ticketNumber?.value(), ticketSystem: ticketSystem?.value(),
    };
  }

  /**
   * Steps up. By redirect this page goes away and the pane is opened again with the draft (that the real
   * page keeps the reason is inferred); in a popup it comes back here.
   */
  async verify() {
    const { broker, audience, problem } = this.blade;
    const { demand } = this;
    this.pane.problem(null);
    try {
      await broker.stepUp({ audience, wanted: demand.wanted, resume: { key: this.assignment.key, draft: this.draft() } });
      this.demandVerification(null);
    } catch (error) {
      this.pane.problem(problem(error));
    }
  }

  async submit() {
    const { source, broker } = this.blade;
    const draft = this.draft();
    const stages = this.showStages();
    try {
      const start = this.fields.start.value() ?? new Date(await broker.time()).toISOString();
      const status = await source.activate(this.assignment, { ...draft, start, duration: this.fields.duration.value() });
      stages.next();
      await this.follow(status, stages);
    } catch (error) {
      this.refused(error, draft);
    }
  }

  showStages() {
    const { texts } = this.blade;
    const items = texts.stages.map((text) => el("li", {}, text));
    const mark = (current) => items.forEach((item, i) => { item.dataset.state = i < current ? "done" : i === current ? "running" : "waiting"; });
    let current = 0;
    mark(current);
    fill(this.pane.content, el("ol", { className: "stages", "aria-label": texts.progress, "aria-live": "polite" }, items));
    this.pane.problem(null);
    this.pane.enable(false);
    this.pane.busy(true);
    return { next: () => mark(++current) };
  }

  /** What follows an accepted request: waiting for approval, for its start, or being there. */
  async follow(status, stages) {
    const { texts, notify, reload } = this.blade;
    const outcome = { PendingApproval: texts.pendingApproval, Granted: texts.scheduled }[status];
    if (!outcome) stages.next();
    const text = outcome ?? ((await this.appeared()) ? texts.activated : texts.stillApplying);
    this.pane.close();
    notify(text);
    await reload();
  }

  async appeared() {
    const { source } = this.blade;
    for (const pause of pauses) {
      const active = await source.list("active");
      if (active.some(({ key }) => key === this.assignment.key)) return true;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    return false;
  }

  /** A challenge that nobody expected brings the banner back; anything else is said. */
  refused(error, draft) {
    const { texts, problem } = this.blade;
    const demand = error.context ? { text: texts.contextBanner, wanted: contextClaims(error.context) } : null;
    this.show(demand, draft);
    this.pane.busy(false);
    if (!demand) this.pane.problem(problem(error));
  }
}

// Milliseconds between looks at the active assignments; a directory role shows up within seconds (documented).
const pauses = [100, 200, 400, 800, 1500, 2000, 3000];
