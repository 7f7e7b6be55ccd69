/* Draws series as lines. A missing value leaves a gap; the way to and from an incomplete point is dotted. */

import { element } from "./dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const SIDE = 1000; // of the picture, which is stretched to the place that it has

export function lines({ series, places, bounds, end }, scale) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${SIDE} ${SIDE}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const zero = SIDE * (1 - scale(Math.max(0, bounds[0])));
  for (const each of [...series].reverse()) svg.append(...line(each, places, scale, zero));
  return end ? [svg, ending(end, scale)] : [svg];
}

function line({ values, open, look, has_dots }, places, scale, zero) {
  const points = values.map((value, index) => value !== null && [SIDE * places[index], SIDE * (1 - scale(value))]);
  const group = document.createElementNS(NAMESPACE, "g");
  group.setAttribute("class", look);
  let solid = "", dotted = "", dots = "", area = "";
  let whole = []; // the points since the last gap that are complete
  const close = () => {
    if (whole.length > 1) area += `M${whole[0][0]},${zero}${whole.map(to).join("")}L${whole[whole.length - 1][0]},${zero}Z`;
    whole = [];
  };
  points.forEach((point, index) => {
    if (!point || open[index]) close();
    if (!point) return;
    if (!open[index]) whole.push(point);
    const before = index > 0 && points[index - 1];
    const isAlone = !before && !points[index + 1];
    if (before && (open[index] || open[index - 1])) dotted += `M${before}${to(point)}`;
    else if (before) solid += solid.endsWith(to(before)) ? to(point) : `M${before}${to(point)}`;
    if (has_dots || isAlone) dots += `M${point}${to(point)}`;
  });
  close();
  const paths = [[look === "this" && area, "under"], [solid, "line"], [dotted, "line open"], [dots, "dots"]];
  for (const [d, classes] of paths) if (d) group.append(path(d, classes));
  return [group];
}

function to(point) {
  return `L${point}`;
}

function path(d, classes) {
  const made = document.createElementNS(NAMESPACE, "path");
  made.setAttribute("d", d);
  made.setAttribute("class", classes);
  return made;
}

/* The present end of a line, with its value beside it. */
function ending({ at, value, text }, scale) {
  const made = element("span", at > 0.7 ? "ending left" : "ending", text);
  made.style.left = `${100 * at}%`;
  made.style.bottom = `${100 * scale(value)}%`;
  return made;
}
