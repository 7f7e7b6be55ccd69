/* Draws sums by weekday and hour as a grid whose cells are the darker the more they have; see
   `dashboard/drawing/week_grid.py` for its data. */

import { element, makeTip, showTip } from "./dom.js";

const EVERY = 6; // hours between two labels

export default function draw({ data, parentElement }) {
  const drawn = JSON.stringify(data);
  const root = parentElement.querySelector(".heat") ?? build(parentElement);
  if (root.drawn === drawn) return;
  root.drawn = drawn;
  const grid = root.querySelector(".grid");
  grid.setAttribute("aria-label", data.label);
  const cells = data.days.map((row) => row.cells.map(cell));
  grid.replaceChildren(
    ...data.days.flatMap((row, index) => [element("span", "day", row.name), ...cells[index]]),
    element("span"),
    ...data.hours.map((hour, index) => element("span", "hour", index % EVERY ? "" : hour)),
  );
  read(grid, data, cells, root.querySelector(".tip"), root.querySelector(".spoken"));
}

function build(parent) {
  const root = element("div", "heat");
  const grid = element("div", "grid");
  grid.tabIndex = 0;
  grid.setAttribute("role", "group");
  const spoken = element("span", "spoken unseen");
  spoken.setAttribute("aria-live", "polite");
  root.append(grid, spoken, makeTip());
  parent.append(root);
  return root;
}

function cell({ share }) {
  const made = element("span", "cell");
  if (share) made.style.setProperty("--share", `${Math.round(12 + 88 * share)}%`);
  return made;
}

/* Shows the cell under the pointer, or the one that the arrow keys have reached, and reads it aloud. */
function read(grid, data, cells, tip, spoken) {
  let day = 0;
  let hour = 0;
  const show = (row, column, aloud) => {
    cells[day][hour].classList.remove("current");
    day = Math.max(0, Math.min(row, cells.length - 1));
    hour = Math.max(0, Math.min(column, data.hours.length - 1));
    const current = cells[day][hour];
    current.classList.add("current");
    const { name, text } = data.days[day].cells[hour];
    showTip(tip, current.getBoundingClientRect(), element("span", "", `${name}: `), element("b", "", text));
    if (aloud) spoken.textContent = `${name}: ${text}`;
  };
  const hide = () => {
    tip.hidden = true;
    cells[day][hour].classList.remove("current");
  };
  grid.onpointermove = grid.onpointerdown = (event) => {
    const row = cells.findIndex((each) => each.includes(event.target));
    if (row < 0) hide();
    else show(row, cells[row].indexOf(event.target), false);
  };
  grid.onpointerleave = grid.onblur = hide;
  grid.onfocus = () => {
    if (grid.matches(":focus-visible")) show(day, hour, true);
  };
  grid.onkeydown = (event) => {
    if (event.key === "Escape") hide();
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    show(day + step[0], hour + step[1], true);
  };
}
