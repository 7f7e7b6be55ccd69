/* The menu of a download: a button that opens the formats of one or more files. The browser's own popover closes it by
Escape or a click elsewhere. `dashboard/drawing/download_menu.py` makes the same for cards without a component. */

import { element, icon } from "./dom.js";

let made = 0;

export function downloadMenu({ label, files, formats }) {
  const names = Object.keys(files);
  const menu = element("div", "formats");
  menu.id = `formats-${(made += 1)}`;
  menu.popover = "auto";
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", `Formats of ${names[0]}`);
  for (const name of names) {
    if (names.length > 1) menu.append(element("p", "", name));
    menu.append(...formats.map((format) => fileLink(files[name], format)));
  }
  const button = element("button", "download");
  button.append(icon("M12 4v10m-4-4 4 4 4-4M5 16v3h14v-3"), label);
  button.type = "button";
  button.setAttribute("aria-label", `${label}: ${names[0]}`);
  button.popoverTargetElement = menu;
  const box = element("div");
  box.append(button, menu);
  return box;
}

function fileLink(csv, { ending, name, note }) {
  const link = element("a", "", name);
  link.append(element("small", "", note));
  link.href = csv.replace(".csv?", `.${ending}?`);
  link.target = "_blank";
  link.rel = "noreferrer";
  return link;
}
