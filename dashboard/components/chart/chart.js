/* Draws lines or stacked columns over time; see `dashboard/drawing/plot.py` for its data.

Everything is placed in percent, so nothing is measured while the page is drawn. Only the labels of the time axis need
the width: as many are shown as have room.
*/

import { columns } from "./columns.js";
import { element, makeTip } from "./dom.js";
import { lines } from "./lines.js";
import { follow } from "./reading.js";

const LABEL = 68; // Pixels that a label of the time axis takes.

export default function draw({ data, parentElement }) {
  const drawn = JSON.stringify(data);
  const root = parentElement.querySelector(".plot") ?? build(parentElement);
  if (root.drawn === drawn) return;
  root.drawn = drawn;
  root.querySelector(".legend").replaceChildren(...legend(data));
  const frame = root.querySelector(".frame");
  frame.style.height = `${data.height}px`;
  const scale = scaleOf(data.bounds);
  root.querySelector(".levels").replaceChildren(...levels(data.levels, scale));
  const area = root.querySelector(".area");
  area.setAttribute("aria-label", `${data.alt}. ${data.places.length} points. Arrow keys read them.`);
  area.replaceChildren(...grid(data.levels, scale), ...(data.kind === "columns" ? columns : lines)(data, scale));
  follow(area, data, scale, root.querySelector(".tip"), root.querySelector(".spoken"));
  label(root, data);
}

function build(parent) {
  const root = element("div", "plot");
  const legend = element("ul", "legend");
  legend.setAttribute("aria-hidden", "true"); // The points are read with the names of their lines.
  const frame = element("div", "frame");
  const area = element("div", "area");
  area.tabIndex = 0;
  area.setAttribute("role", "group");
  const ticks = element("div", "ticks");
  const levels = element("div", "levels");
  for (const axis of [ticks, levels]) axis.setAttribute("aria-hidden", "true");
  frame.append(levels, area, ticks);
  const spoken = element("span", "spoken unseen");
  spoken.setAttribute("aria-live", "polite");
  root.append(legend, frame, spoken, makeTip());
  parent.append(root);
  return root;
}

/* The share of the height at which a value stands. */
function scaleOf([low, high]) {
  return (value) => (value - low) / (high - low);
}

function legend({ series, kind }) {
  const entries = series.flatMap(({ name, look, open, open_name }) => [
    [name, `${kind} ${look}${open.length && open.every(Boolean) ? " open" : ""}`],
    ...(open_name ? [[open_name, `${kind} ${look} open`]] : []),
  ]);
  if (entries.length < 2) return [];
  return entries.map(([name, classes]) => {
    const item = element("li");
    item.append(element("span", `sample ${classes}`), name);
    return item;
  });
}

function levels(all, scale) {
  const widest = all.reduce((longest, { text }) => (text.length > longest.length ? text : longest), "");
  const texts = all.map(({ value, text }) => {
    const made = element("span", "level", text);
    made.style.bottom = `${100 * scale(value)}%`;
    return made;
  });
  return [element("span", "widest", widest), ...texts];
}

function grid(all, scale) {
  return all.map(({ value }) => {
    const made = element("span", value ? "rule" : "rule zero");
    made.style.bottom = `${100 * scale(value)}%`;
    return made;
  });
}

function label(root, data) {
  root.observer?.disconnect();
  const ticks = root.querySelector(".ticks");
  let shown = 0;
  root.observer = new ResizeObserver(([{ contentRect }]) => {
    const most = Math.max(2, Math.floor(contentRect.width / LABEL));
    const step = data.steps.find((each) => Math.ceil(data.ticks.length / each) <= most) ?? data.ticks.length;
    if (step === shown) return;
    shown = step;
    let latest = "";
    const texts = data.ticks.filter((_, index) => index % step === 0).map(({ at, text, below }) => {
      const made = element("span", "tick", text);
      made.style.left = `${100 * at}%`;
      if (below && below !== latest) made.append(element("span", "", below));
      latest = below || latest;
      return made;
    });
    ticks.replaceChildren(...texts);
  });
  root.observer.observe(ticks);
}
