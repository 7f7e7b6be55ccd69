/* The menu in which a reader chooses the columns of a list. `dashboard/parts/tables.py` checks the choice. */

import { element, icon } from "./dom.js";

const YEAR = 31_536_000; // Seconds that this browser keeps the choice.

let made = 0;

/* `choose` sends the hidden columns after the name of their list: "order.total.items"; empty for the usual columns. */
export function columnsMenu({ list, cookie, columns }, choose) {
  const menu = element("fieldset", "formats choice");
  menu.id = `columns-${(made += 1)}`;
  menu.popover = "auto";
  const boxes = columns.map(({ label }) => checkbox(label));
  const usual = element("button", "", "Show the usual columns");
  usual.type = "button";
  const show = (name) => boxes.forEach((box, index) => (box.checked = columns[index][name]));
  const apply = () => {
    const isUsual = boxes.every((box, index) => box.checked === columns[index].is_usual);
    const hidden = columns.filter((_, index) => !boxes[index].checked).map(({ name }) => name);
    const chosen = isUsual ? "" : [list, ...hidden].join(".");
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${cookie}=${chosen}; path=/; samesite=lax; max-age=${chosen ? YEAR : 0}${secure}`;
    choose(chosen);
  };
  show("is_shown");
  menu.onchange = apply;
  usual.onclick = () => {
    show("is_usual");
    apply();
  };
  menu.append(element("legend", "", "Columns"), ...boxes.map((box) => box.parentElement));
  menu.append(usual, element("small", "", "Files have all columns."));
  const button = element("button", "download");
  button.append(icon("M4 5h16v14H4zM9.3 5v14M14.7 5v14"), "Columns");
  button.type = "button";
  button.popoverTargetElement = menu;
  const box = element("div");
  box.append(button, menu);
  return box;
}

function checkbox(label) {
  const row = element("label");
  const box = element("input");
  box.type = "checkbox";
  row.append(box, label);
  return box;
}
