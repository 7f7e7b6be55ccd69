/* Draws amounts by country as a map above their list; see `dashboard/drawing/world_map.py` for its data.

The list says all that the map shows, so the map is one picture for screen readers. It shows the part of the world that
has the larger countries in the list, so that Europe's stores see Europe.
*/

import bars from "./bars.js";
import { element, makeTip, showTip } from "./dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const RATIO = 0.5; // of height to width
const LEAST = 700; // Units that the map shows at least: a country alone would say nothing about where it is.
const WORLD = [0, 0, 3000, 1340];
let outlines = null;

export default function draw({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".map") ?? build(parentElement);
  bars({ data: data.list, parentElement: root.querySelector(".list"), setTriggerValue });
  outlines ??= import("./outlines.js").then((module) => module.OUTLINES);
  const drawn = JSON.stringify(data.areas);
  if (root.drawn === drawn) return;
  root.drawn = drawn;
  outlines.then((all) => {
    if (root.drawn === drawn) paint(root, data, all);
  });
}

function build(parent) {
  const root = element("div", "map");
  root.append(element("div", "picture"), element("div", "list"), makeTip());
  parent.append(root);
  return root;
}

function paint(root, data, all) {
  const tip = root.querySelector(".tip");
  const svg = shape("svg", { role: "img", "aria-label": data.label, viewBox: frame(data.areas, all).join(" ") });
  const areas = new Map(data.areas.map((area) => [area.code, area]));
  const land = [];
  const sold = [];
  for (const [code, [path]] of Object.entries(all)) {
    const area = areas.get(code);
    const made = shape("path", { d: path, class: area ? `area ${area.tone}` : "area" });
    if (area?.share) made.style.setProperty("--share", `${Math.round(100 * area.share)}%`);
    if (area) explain(made, area, tip);
    (area ? sold : land).push(made);
  }
  svg.append(...land, ...sold); // The borders of countries with sales stand in front.
  root.querySelector(".picture").replaceChildren(svg);
}

function explain(made, { name, text }, tip) {
  made.onpointermove = made.onpointerdown = (event) => {
    const place = new DOMRect(event.clientX, event.clientY, 0, 12);
    showTip(tip, place, element("span", "", `${name}: `), element("b", "", text));
  };
  made.onpointerleave = () => {
    tip.hidden = true;
  };
}

/* The box of the larger countries, with some room, in the picture's own proportions. */
function frame(areas, all) {
  const boxes = areas.filter(({ code, is_large }) => is_large && all[code]).map(({ code }) => all[code].slice(1));
  const ends = (index, choose) => choose(...boxes.map((box) => box[index]));
  const [left, top, right, bottom] = boxes.length
    ? [ends(0, Math.min), ends(1, Math.min), ends(2, Math.max), ends(3, Math.max)]
    : WORLD;
  const room = 1.15 * Math.max(right - left, (bottom - top) / RATIO);
  const width = Math.min(WORLD[2], Math.max(LEAST, room));
  const height = Math.min(WORLD[3], width * RATIO);
  const x = Math.max(0, Math.min((left + right - width) / 2, WORLD[2] - width));
  const y = Math.max(0, Math.min((top + bottom - height) / 2, WORLD[3] - height));
  return [x, y, width, height].map(Math.round);
}

function shape(name, attributes) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
