// The pane "Deactivate - <role>": a reason, and the request.

import { fill } from "/assets/dom.js";
import { textArea } from "/assets/form.js";
import { openPane } from "/assets/pane.js";

/** Opens the pane for an active assignment. `blade` is what the activation pane takes. */
export function openDeactivation(blade, assignment) {
  const { texts, source, problem, notify, reload } = blade;
  const reason = textArea({ text: texts.reason, required: false, changed: () => {} });
  const submit = async () => {
    pane.problem(null);
    pane.enable(false);
    pane.busy(true);
    try {
      await source.deactivate(assignment, { reason: reason.value() });
      pane.close();
      notify(texts.deactivated);
      await reload();
    } catch (error) {
      pane.problem(problem(error));
      pane.enable(true);
      pane.busy(false);
    }
  };
  const pane = openPane({ title: texts.deactivateTitle(assignment.name), texts, accept: { text: texts.deactivate, run: submit } });
  fill(pane.content, reason.element);
  pane.enable(true);
}
