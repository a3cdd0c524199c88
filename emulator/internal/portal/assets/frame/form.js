// The fields of the panes.

import { duration as isoDuration } from "/assets/durations.js";
import { el, freshID, show } from "/assets/dom.js";

const step = 0.5; // half-hour steps, as the real page's slider has them

function labelled(text, id, required, ...control) {
  return el("div", { className: "field" },
    el("label", { htmlFor: id }, text, required && el("span", { className: "required", "aria-hidden": "true" }, " *")), control);
}

/** A box of one line. */
export function textBox({ text, required, value = "", changed }) {
  const id = freshID("text");
  const input = el("input", { type: "text", id, value, "aria-label": text, "aria-required": required && "true", on: { input: changed } });
  return { element: labelled(text, id, required, input), value: () => input.value.trim() };
}

/** A box of several lines; the service takes 500 characters. */
export function textArea({ text, required, value = "", changed }) {
  const id = freshID("area");
  const input = el("textarea", { id, value, rows: 3, maxLength: 500, "aria-label": text, "aria-required": required && "true", on: { input: changed } });
  return { element: labelled(text, id, required, input), value: () => input.value.trim() };
}

/**
 * The duration: a slider and a number that follow each other, from half an hour to the longest that the role
 * setting allows. value() is the ISO 8601 duration, hours() the number.
 */
export function durationField({ text, maximum, value = maximum, changed }) {
  const bounds = { min: String(Math.min(step, maximum)), max: String(maximum), step: String(step), "aria-label": text };
  const both = (event) => {
    for (const input of [slider, number]) if (input !== event.target) input.value = event.target.value;
    changed();
  };
  const slider = el("input", { type: "range", ...bounds, on: { input: both, change: both } });
  const number = el("input", { type: "number", ...bounds, on: { input: both, change: both } });
  slider.value = number.value = String(value);
  const hours = () => Number(number.value);
  return {
    element: el("div", { className: "field" }, el("span", { className: "label", "aria-hidden": "true" }, text), el("div", { className: "duration" }, slider, number)),
    hours,
    valid: () => hours() > 0 && number.checkValidity(),
    value: () => isoDuration(hours()),
  };
}

/** A checkbox that opens a field for an instant. value() is the chosen instant in ISO form, or null for "now". */
export function startField({ checkText, timeText, value = "", changed }) {
  const checkID = freshID("check");
  const timeID = freshID("time");
  const time = el("input", { type: "datetime-local", id: timeID, value, "aria-label": timeText, on: { input: changed } });
  const row = labelled(timeText, timeID, true, time);
  const toggle = () => {
    show(row, box.checked);
    changed();
  };
  const box = el("input", { type: "checkbox", id: checkID, checked: value !== "", on: { change: toggle } });
  show(row, box.checked);
  return {
    element: el("div", {}, el("div", { className: "field check" }, box, el("label", { htmlFor: checkID }, checkText)), row),
    valid: () => !box.checked || time.value !== "",
    text: () => (box.checked ? time.value : ""),
    value: () => (box.checked && time.value ? new Date(time.value).toISOString() : null),
  };
}
