// Elements without markup strings: the pages never assign innerHTML.

/**
 * An element with properties and children. A property that the element does not know (aria-*, role, for)
 * is set as an attribute; null, undefined and false leave it out. `on` maps event names to listeners.
 */
export function el(tag, { on = {}, ...properties } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) setProperty(element, name, value);
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function setProperty(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name in element && !name.includes("-") && name !== "role" && name !== "list") element[name] = value;
  else element.setAttribute(name, value === true ? "" : value);
}

/** Shows or hides an element; hidden elements are out of the accessibility tree too. */
export function show(element, visible) {
  element.hidden = !visible;
}

/** Replaces what is inside an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

let nextID = 0;

/** An id that is unique in this document, for labels. */
export function freshID(prefix) {
  nextID += 1;
  return `${prefix}-${nextID}`;
}
