/* Draws days as a grid with a column a week and a row a weekday; each compared day is a link. See
   `dashboard/drawing/calendar_chart.py` for its data. */

import { element, link, makeTip, showTip } from "./dom.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export default function draw({ data, parentElement, setTriggerValue }) {
  const drawn = JSON.stringify(data);
  const root = parentElement.querySelector(".calendar") ?? build(parentElement);
  if (root.drawn === drawn) return;
  root.drawn = drawn;
  const [frame, tip] = root.children;
  const grid = frame.firstChild;
  grid.style.setProperty("--weeks", data.weeks.length);
  grid.setAttribute("aria-label", data.label);
  tip.hidden = true;
  const rows = data.days.map(({ cells }) => cells.map((each) => cell(each, tip, (href) => setTriggerValue("open", href))));
  grid.replaceChildren(
    ...data.days.flatMap(({ name }, index) => [element("span", "day", name), ...rows[index]]),
    element("span"),
    ...data.weeks.map((name) => element("span", "week", name)),
  );
  walk(grid, rows);
  frame.scrollLeft = frame.scrollWidth; // The latest weeks count most.
}

function build(parent) {
  const root = element("div", "calendar");
  const frame = element("div", "frame");
  const grid = element("div", "grid");
  grid.setAttribute("role", "group");
  frame.append(grid);
  root.append(frame, makeTip());
  parent.append(root);
  return root;
}

function cell(day, tip, open) {
  if (!day) return element("span");
  const classes = `cell ${day.state}`;
  const made = day.href ? link(day.sign, day.href, open, classes) : element("span", classes);
  const text = `${day.name}: ${day.text}`;
  made.onpointerenter = made.onfocus = () => showTip(tip, made.getBoundingClientRect(), element("span", "", text));
  made.onpointerleave = made.onblur = () => {
    tip.hidden = true;
  };
  if (day.href) made.setAttribute("aria-label", text);
  return made;
}

/* One day is in the order of Tab, at first the latest. Arrow keys lead to the next compared day in their direction. */
function walk(grid, rows) {
  const isLink = (each) => each?.tagName === "A";
  const links = rows[0].flatMap((_, column) => rows.map((row) => row[column])).filter(isLink);
  let current = links.at(-1);
  for (const each of links) {
    each.tabIndex = each === current ? 0 : -1;
    each.addEventListener("focus", () => {
      current.tabIndex = -1;
      current = each;
      current.tabIndex = 0;
    });
  }
  grid.onkeydown = (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    let row = rows.findIndex((each) => each.includes(current));
    let column = rows[row].indexOf(current);
    do {
      row += step[0];
      column += step[1];
    } while (rows[row] && column in rows[row] && !isLink(rows[row][column]));
    if (isLink(rows[row]?.[column])) rows[row][column].focus();
  };
}
