/* Draws a table whose cells are darker the more they are; see `dashboard/drawing/cohort_table.py` for its data. */

import { element } from "./dom.js";

export default function draw({ data, parentElement }) {
  const frame = parentElement.querySelector(".frame") ?? build(parentElement);
  const scrolled = frame.scrollLeft;
  frame.setAttribute("aria-label", data.label);
  frame.replaceChildren(table(data));
  frame.scrollLeft = scrolled;
}

/* The frame scrolls sideways on a phone; with the keyboard, too, because it takes the focus. */
function build(parent) {
  const frame = element("div", "frame");
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  parent.append(frame);
  return frame;
}

function table({ label, columns, rows }) {
  const made = element("table");
  made.append(element("caption", "unseen", label));
  const head = element("tr");
  head.append(
    ...columns.map(({ text, about }) => {
      const cell = element("th", "", text);
      cell.scope = "col";
      if (about) cell.title = about;
      return cell;
    }),
  );
  const thead = element("thead");
  thead.append(head);
  const body = element("tbody");
  body.append(...rows.map(row));
  made.append(thead, body);
  return made;
}

function row({ name, note, mark, cells, is_total }) {
  const made = element("tr", is_total ? "total" : "");
  const head = element("th", "", name);
  head.scope = "row";
  head.append(element("span", "note", note));
  if (mark) head.append(element("span", "mark", mark));
  made.append(head, ...cells.map(cell));
  return made;
}

function cell({ text, strength, is_open }) {
  const made = element("td", is_open ? "open" : "", text);
  if (strength !== null) made.style.setProperty("--strength", `${Math.round(8 + 47 * strength)}%`);
  else made.classList.add("blank");
  if (is_open && text) made.append(element("span", "unseen", ", so far"));
  return made;
}
