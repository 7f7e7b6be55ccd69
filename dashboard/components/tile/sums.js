/* Draws figures that add up as lines of a table, each with its change and its bar: a waterfall from top to bottom. */

import { element, explainer } from "./dom.js";
import { amount, change } from "./news.js";

export function lines({ label, lines }, tip) {
  const hasChanges = lines.some((line) => line.change || line.before);
  const table = element("table");
  // Roles as elements have them, for browsers that drop them when styles turn rows into grids.
  table.setAttribute("role", "table");
  table.setAttribute("aria-label", label);
  table.append(head(["Line", "", "Amount", ...(hasChanges ? ["Before", "Change"] : [])]));
  const body = element("tbody");
  body.setAttribute("role", "rowgroup");
  for (const line of lines) body.append(row(line, hasChanges, tip));
  table.append(body);
  return table;
}

function head(names) {
  const made = element("thead");
  made.setAttribute("role", "rowgroup");
  const tr = made.insertRow();
  tr.setAttribute("role", "row");
  names.forEach((name, index) => {
    const cell = element("th", index ? "amount" : "");
    cell.scope = "col";
    cell.setAttribute("role", "columnheader");
    cell.append(element("span", index ? "" : "unseen", name));
    tr.append(cell);
  });
  return made;
}

function row(line, hasChanges, tip) {
  const tr = element("tr", line.sum ? "sum" : "");
  tr.setAttribute("role", "row");
  tr.dataset.name = line.name;
  const name = element("th");
  name.scope = "row";
  name.setAttribute("role", "rowheader");
  const box = element("span", "head");
  box.append(element("span", "name", line.label), ...explainer(line.name, line.label, line.help, tip));
  name.append(box);
  tr.append(name, bar(line), cell("amount", ...amount(line.text, line.exact)));
  if (hasChanges) {
    tr.append(cell("amount before", ...(line.before ? amount(line.before, line.exact_before) : [])));
    tr.append(cell("amount now", ...(line.change ? [change(line)] : [])));
  }
  return tr;
}

/* Sums begin at zero, each other bar where the one before it ended. The amount beside it says the same. */
function bar({ sum, amount, start, size }) {
  const made = cell("bar");
  made.setAttribute("aria-hidden", "true");
  const track = element("span", "track");
  const filled = element("span", `filled ${sum ? "of-sum" : amount < 0 ? "down" : "up"}`);
  filled.style.left = `${100 * start}%`;
  filled.style.width = `${100 * size}%`;
  track.append(filled);
  made.append(track);
  return made;
}

function cell(classes, ...content) {
  const made = element("td", classes);
  made.setAttribute("role", "cell");
  made.append(...content);
  return made;
}
