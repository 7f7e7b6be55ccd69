/* Draws figures, as tiles or as lines, in one element, so that all change in one go; see `dashboard/drawing/tiles.py`
   for its data. */

import { element, explainer, link, makeTip } from "./dom.js";
import { lines } from "./sums.js";
import { amount, news } from "./news.js";
import { spark } from "./spark.js";

export default function draw({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".figures") ?? build(parentElement);
  const tip = root.querySelector(".tip");
  const focused = root.getRootNode().activeElement?.dataset?.focus;
  const open = (address) => setTriggerValue("open", address);
  root.querySelector(".content").replaceChildren(data.lines ? lines(data, tip) : tiles(data, tip, open));
  tip.hidden = true;
  if (focused) root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function build(parent) {
  const root = element("div", "figures");
  root.append(element("div", "content"), makeTip());
  parent.append(root);
  return root;
}

function tiles(data, tip, open) {
  const list = element("ul", `by-${data.columns}`);
  list.setAttribute("role", "list");
  list.setAttribute("aria-label", data.label);
  for (const each of data.tiles) list.append(tile(each, tip, open));
  return list;
}

function tile(data, tip, open) {
  const item = element("li", "tile");
  item.dataset.name = data.name;
  const head = element("p", "head");
  const name = data.href ? link(data.label, data.href, open, "name") : element("span", "name", data.label);
  name.dataset.focus = `link ${data.name}`;
  head.append(name);
  if (data.help) head.append(...explainer(data.name, data.label, data.help, tip));
  item.append(head, value(data));
  if (data.note) item.append(element("p", "note", data.note));
  if (data.change || data.before) item.append(news(data));
  if (data.points.filter(({ value }) => value !== null).length > 1) {
    const line = spark(data, tip);
    line.dataset.focus = `line ${data.name}`;
    item.append(line);
  }
  return item;
}

function value({ text, exact }) {
  const line = element("p", "value");
  line.append(...amount(text, exact));
  return line;
}
