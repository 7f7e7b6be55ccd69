/* Draws a row of figures as one element, so that all change in one go; see `dashboard/drawing/tiles.py` for its data. */

import { element, explainer, makeTip } from "./dom.js";
import { spark } from "./spark.js";

export default function draw({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".figures") ?? build(parentElement);
  const tip = root.querySelector(".tip");
  const focused = root.getRootNode().activeElement?.dataset?.focus;
  const open = (address) => setTriggerValue("open", address);
  const list = root.querySelector("ul");
  list.className = `by-${data.columns}`;
  list.setAttribute("aria-label", data.label);
  list.replaceChildren(...data.tiles.map((each) => tile(each, tip, open)));
  tip.hidden = true;
  if (focused) list.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

function build(parent) {
  const root = element("div", "figures");
  const list = element("ul");
  list.setAttribute("role", "list");
  root.append(list, makeTip());
  parent.append(root);
  return root;
}

function tile(data, tip, open) {
  const item = element("li", "tile");
  item.dataset.name = data.name;
  const head = element("p", "head");
  head.append(data.href ? link(data, open) : element("span", "name", data.label));
  if (data.help) head.append(...explainer(data.name, data.label, data.help, tip));
  item.append(head, value(data));
  if (data.change || data.before) item.append(news(data));
  if (data.points.length > 1) {
    const line = spark(data, tip);
    line.dataset.focus = `line ${data.name}`;
    item.append(line);
  }
  return item;
}

/* A real link, so that it opens in a new tab too. A plain click stays in this one without loading the page again. */
function link({ name, label, href }, open) {
  const anchor = element("a", "name", label);
  anchor.href = href;
  anchor.dataset.focus = `link ${name}`;
  anchor.onclick = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(href);
  };
  return anchor;
}

function value({ text, exact }) {
  const line = element("p", "value");
  line.append(...amount(text, exact));
  return line;
}

function news({ change, tone, arrow, before, exactBefore }) {
  const line = element("p", "news");
  if (change) {
    const word = element("span", `change ${tone}`);
    const sign = element("span", "", arrow);
    sign.setAttribute("aria-hidden", "true");
    word.append(sign, element("span", "", `${arrow ? " " : ""}${change}`));
    if (tone) word.append(element("span", "unseen", tone === "good" ? " (better)" : " (worse)"));
    line.append(word);
  }
  if (before) {
    const earlier = element("span", "before", "from ");
    earlier.append(...amount(before, exactBefore));
    line.append(earlier);
  }
  return line;
}

/* A rounded amount has its exact one on hover, and for screen readers. */
function amount(text, exact) {
  const shown = element("span", "shown", text);
  if (!exact) return [shown];
  shown.title = exact;
  shown.setAttribute("aria-hidden", "true");
  return [shown, element("span", "unseen", exact)];
}
