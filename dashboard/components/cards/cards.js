/* Draws the cards of a page in one element; see `dashboard/parts/cards.py` for its data.

What a card holds is drawn by the component of that kind, in a shadow root with the styles of that component. One
element of the page for all cards costs the browser a fraction of one for each title, caption, link and chart.
*/

import bars from "./bars.js";
import chart from "./chart.js";
import { columnsMenu } from "./choice.js";
import { element, explainer, icon, link, makeTip } from "./dom.js";
import { downloadMenu } from "./download.js";
import heat from "./heat.js";
import map from "./map.js";
import table from "./table.js";
import tile from "./tile.js";

const DRAW = { bars, chart, heat, map, table, tile };
const ALSO = { map: ["bars"] }; // The styles of what a component draws within itself.
const STYLES = new Map(Object.keys(DRAW).map((kind) => [kind, new CSSStyleSheet()]));
const READY = Promise.all(
  [...STYLES].map(async ([kind, sheet]) => {
    const answer = await fetch(new URL(`./${kind}.css`, import.meta.url));
    if (answer.ok) sheet.replaceSync(await answer.text());
  }),
).catch(() => null); // Without its styles a card is still readable.

export default function draw({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cards") ?? build(parentElement);
  root.className = `cards by-${data.columns}`;
  const tip = parentElement.querySelector(".tip");
  const titles = data.cards.map(({ title }) => title);
  const shown = [...root.children].map((each) => each.dataset.title);
  // Only another row of cards replaces the elements, so that the focus stays where it is.
  if (String(titles) !== String(shown)) root.replaceChildren(...titles.map((title) => find(root, title) ?? frame(title)));
  data.cards.forEach((card, index) => update(root.children[index], { ...card, formats: data.formats }, tip, setTriggerValue));
  READY.then(() => root.removeAttribute("aria-busy"));
}

function build(parent) {
  const root = element("div", "cards");
  root.setAttribute("aria-busy", "true");
  parent.append(root, makeTip());
  return root;
}

function find(root, title) {
  return [...root.children].find((each) => each.dataset.title === title);
}

function frame(title) {
  const card = element("section", "card");
  card.dataset.title = title;
  card.setAttribute("aria-label", title);
  card.append(element("div", "head"), element("p", "unit"), element("div", "body"), element("div", "as-table"), element("p", "more"));
  return card;
}

function update(card, data, tip, trigger) {
  const drawn = JSON.stringify(data);
  if (card.drawn === drawn) return;
  card.drawn = drawn;
  card.classList.toggle("wide", data.is_wide);
  const [head, unit, body, rows, more] = card.children;
  const open = (address) => trigger("open", address);
  keepTitle(head, data, tip, trigger);
  unit.textContent = data.unit;
  if (data.kind) fill(body, data.kind, data.content, trigger);
  else body.replaceChildren(element("p", "unit", data.empty));
  drawRows(rows, data.rows, trigger);
  keep(more, [data.more], () => (data.more ? [link(data.more.label, data.more.href, open)] : []));
}

/* Replaces the children only if their data changed. */
function keep(parent, data, make) {
  const drawn = JSON.stringify(data);
  if (parent.drawn === drawn) return;
  parent.drawn = drawn;
  parent.replaceChildren(...make());
}

/* An open menu of columns stays: its boxes show what was clicked, while the rows of an earlier click arrive. */
function keepTitle(head, data, tip, trigger) {
  const { choice, caption } = data.content;
  if (head.querySelector(".choice:popover-open")) return;
  const choose = (hidden) => trigger("turn", { hidden, table: caption });
  keep(head, [data.title, data.csv, data.others, data.help, choice], () => title(data, tip, choose));
}

function title({ title, csv, others, formats, help, content }, tip, choose) {
  const heading = element("h3", "", title);
  const box = element("div", "title");
  box.append(heading, ...(help ? explainer(title, title, help, tip) : []));
  const menus = element("div", "menus");
  if (content.choice) menus.append(columnsMenu(content.choice, choose));
  if (csv) menus.append(downloadMenu({ label: "Download", files: { [title]: csv, ...others }, formats }));
  return menus.childElementCount ? [box, menus] : [box];
}

function fill(parent, kind, content, trigger) {
  let host = parent.querySelector(`:scope > [data-kind="${kind}"]`);
  if (!host) {
    host = element("div");
    host.dataset.kind = kind;
    host.attachShadow({ mode: "open" }).adoptedStyleSheets = [...(ALSO[kind] ?? []), kind].map((name) => STYLES.get(name));
    parent.replaceChildren(host);
  }
  host.content = content;
  const setTriggerValue = (name, value) => trigger(name, name === "turn" ? { ...value, table: content.caption } : value);
  READY.then(() => {
    if (host.content === content) DRAW[kind]({ data: content, parentElement: host.shadowRoot, setTriggerValue });
  });
}

/* The data of a chart as a table, which is sent only while it is open. */
function drawRows(parent, rows, trigger) {
  if (!rows) return parent.replaceChildren();
  let button = parent.querySelector("button");
  if (!button) {
    button = element("button");
    button.type = "button";
    parent.replaceChildren(button, element("div"));
  }
  button.replaceChildren(icon("M4 5h16v14H4zM4 9.7h16M4 14.3h16M9 5v14"), rows.table ? "Hide table" : "Show as table");
  button.setAttribute("aria-expanded", String(Boolean(rows.table)));
  button.onclick = () => trigger("rows", { caption: rows.caption, is_open: !rows.table });
  if (rows.table) fill(parent.lastChild, "table", rows.table, trigger);
  else parent.lastChild.replaceChildren();
}
