/* Draws the points of a figure as a small line. A point without a value leaves a gap; the running one is dotted. */

import { element, showTip } from "./dom.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 100;
const HEIGHT = 30;

export function spark({ label, tone, points }, tip) {
  const box = element("div", `spark ${tone}`);
  const places = place(points);
  box.append(picture(points, places));
  const marker = element("span", "marker");
  marker.hidden = true;
  const spoken = element("span", "unseen");
  spoken.setAttribute("aria-live", "polite");
  box.append(marker, spoken);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${label} over time, ${points.length} points. Arrow keys read them.`);

  let current = points.length - 1;
  const show = (index, aloud) => {
    current = Math.max(0, Math.min(index, points.length - 1));
    const { name, text } = points[current];
    const { x, y } = places[current];
    const rectangle = box.firstChild.getBoundingClientRect();
    marker.hidden = y === null;
    marker.style.left = `${box.firstChild.offsetLeft ?? 0}px`;
    if (y !== null) {
      const frame = box.getBoundingClientRect();
      marker.style.left = `${rectangle.left - frame.left + (x / WIDTH) * rectangle.width}px`;
      marker.style.top = `${rectangle.top - frame.top + (y / HEIGHT) * rectangle.height}px`;
    }
    const across = rectangle.left + (x / WIDTH) * rectangle.width;
    showTip(tip, new DOMRect(across, rectangle.top, 0, rectangle.height), element("span", "", `${name}: `), element("b", "", text));
    if (aloud) spoken.textContent = `${name}: ${text}`;
  };
  const hide = () => {
    tip.hidden = marker.hidden = true;
  };
  box.onpointermove = box.onpointerdown = (event) => {
    const { left, width } = box.firstChild.getBoundingClientRect();
    show(Math.round(((event.clientX - left) / width) * (points.length - 1)), false);
  };
  box.onpointerleave = box.onblur = hide;
  box.onfocus = () => {
    if (box.matches(":focus-visible")) show(current, true);
  };
  box.onkeydown = (event) => {
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: points.length - 1 }[event.key];
    if (event.key === "Escape") hide();
    if (next === undefined) return;
    event.preventDefault();
    show(next, true);
  };
  return box;
}

/* Where each point stands; zero is always in the picture, so that a small change looks small. */
function place(points) {
  const values = points.map((point) => point.value).filter((value) => value !== null);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const scale = high > low ? HEIGHT / (high - low) : 0;
  const step = points.length > 1 ? WIDTH / (points.length - 1) : 0;
  return points.map(({ value }, index) => ({ x: index * step, y: value === null ? null : HEIGHT - (value - low) * scale }));
}

function picture(points, places) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const running = points.findIndex((point) => point.running);
  for (const run of runs(places)) {
    const whole = run.filter(({ index }) => index !== running);
    if (whole.length) {
      const first = whole[0].x;
      const last = whole[whole.length - 1].x;
      svg.append(path(`${line(whole)}L${last},${HEIGHT}L${first},${HEIGHT}Z`, "area"), path(line(whole), whole.length > 1 ? "line" : "alone"));
    }
    if (run.length > whole.length) svg.append(path(line(run.slice(-2)), run.length > 1 ? "running" : "alone"));
  }
  return svg;
}

/* The stretches without a gap. */
function runs(places) {
  const found = [[]];
  places.forEach((point, index) => {
    if (point.y === null) found.push([]);
    else found[found.length - 1].push({ ...point, index });
  });
  return found.filter((run) => run.length);
}

/* A point alone becomes a line of no length, whose round ends are a dot. */
function line(run) {
  const [first, ...others] = run;
  return `M${first.x},${first.y}${(others.length ? others : [first]).map(({ x, y }) => `L${x},${y}`).join("")}`;
}

function path(d, classes) {
  const made = document.createElementNS(NAMESPACE, "path");
  made.setAttribute("d", d);
  made.setAttribute("class", classes);
  return made;
}
