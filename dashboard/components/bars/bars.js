/* Draws amounts by name as a list with a bar behind each; see `dashboard/drawing/bar_list.py` for its data. */

import { element, link } from "./dom.js";

export default function draw({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector("ul") ?? build(parentElement);
  const focused = list.getRootNode().activeElement?.dataset?.focus;
  list.setAttribute("aria-label", data.label);
  list.replaceChildren(...data.bars.map((bar, index) => item(bar, index, (address) => setTriggerValue("open", address))));
  if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function build(parent) {
  const list = element("ul");
  list.setAttribute("role", "list");
  parent.append(list);
  return list;
}

function item({ name, text, note, tone, href, size, is_negative }, index, open) {
  const made = element("li");
  const filled = element("span", is_negative ? "filled negative" : "filled");
  filled.style.width = `${100 * size}%`;
  filled.setAttribute("aria-hidden", "true");
  const label = href ? link(name, href, open, "name") : element("span", "name", name);
  label.dataset.focus = `bar ${index}`;
  const amount = element("span", `amount ${tone}`, text);
  made.append(filled, label, amount);
  if (note) made.append(element("span", "note", note));
  return made;
}
