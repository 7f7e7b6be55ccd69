/* Draws a table whose rows the server sorts and pages; see `dashboard/parts/tables.py` for its data. */

import { element, link, makeTip, showTip } from "./dom.js";
import { trend } from "./trend.js";

const WAIT = 10_000; // Milliseconds until the table counts as idle again if no answer comes.
const LONG = 32; // Characters from which a text takes a whole line on a phone.

export default function draw({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".list") ?? build(parentElement);
  const focused = root.getRootNode().activeElement?.dataset?.focus;
  const turn = (sort, page) => {
    root.setAttribute("aria-busy", "true");
    setTimeout(() => root.removeAttribute("aria-busy"), WAIT);
    setTriggerValue("turn", { sort, page });
  };
  const open = (address) => {
    root.setAttribute("aria-busy", "true");
    setTimeout(() => root.removeAttribute("aria-busy"), WAIT);
    setTriggerValue("open", address);
  };
  root.removeAttribute("aria-busy");
  root.querySelector(".order").replaceChildren(...order(data, turn));
  root.querySelector(".rows").replaceChildren(table(data, turn, open, root.querySelector(".tip")));
  pager(root, data.pager, (page) => turn(data.sort, page));
  const again = focused && root.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
  if (again) (again.disabled ? root.querySelector(".pager button:enabled") : again)?.focus();
}

function build(parent) {
  const root = element("div", "list");
  const status = element("p", "status");
  status.setAttribute("role", "status");
  const nav = element("nav", "pager");
  nav.append(status);
  root.append(element("div", "order"), element("div", "rows"), nav, makeTip());
  parent.append(root);
  return root;
}

function order(data, turn) {
  if (!data.orders.length) return [];
  const select = element("select");
  select.dataset.focus = "order";
  for (const { name, label } of data.orders) select.add(new Option(label, name, false, name === data.sort));
  select.onchange = () => turn(select.value, 1);
  const label = element("label", "", "Sort by");
  label.append(select);
  return [label];
}

function table(data, turn, open, tip) {
  const table = element("table");
  table.setAttribute("role", "table");
  table.append(element("caption", "unseen", data.caption));
  const head = table.createTHead().insertRow();
  head.setAttribute("role", "row");
  for (const column of data.columns) head.append(header(column, turn, tip));
  const body = table.createTBody();
  data.rows.forEach((row, number) => {
    const drawn = line(row, data.columns, open);
    if (data.new.includes(number)) drawn.classList.add("new");
    body.append(drawn);
  });
  return table;
}

function header(column, turn, tip) {
  const cell = element("th", column.kind);
  cell.scope = "col";
  cell.setAttribute("role", "columnheader");
  if (column.direction) cell.setAttribute("aria-sort", column.direction);
  const label = element(column.next ? "button" : "span", "label", column.label);
  if (column.next) {
    label.type = "button";
    label.dataset.focus = `column ${column.name}`;
    label.onclick = () => turn(column.next, 1);
  }
  cell.append(label);
  if (column.help) explain(cell, label, column, tip);
  return cell;
}

function explain(cell, label, column, tip) {
  const text = element("span", "unseen", column.help);
  text.id = `help-${column.name}`;
  cell.append(text);
  label.setAttribute("aria-describedby", text.id);
  label.classList.add("explained");
  if (!column.next) label.tabIndex = 0;
  const show = () => showTip(tip, label.getBoundingClientRect(), element("span", "", column.help));
  const hide = () => {
    tip.hidden = true;
  };
  label.onmouseenter = label.onfocus = show;
  label.onmouseleave = label.onblur = hide;
  label.onkeydown = (event) => {
    if (event.key === "Escape") hide();
  };
}

function line(row, columns, open) {
  const tr = element("tr");
  tr.setAttribute("role", "row");
  row.forEach(({ text, tone, href, note, values }, index) => {
    const column = columns[index];
    const length = text ? (text.length > LONG ? " long" : "") : " empty";
    const cell = element(index ? "td" : "th", column.kind + length);
    cell.setAttribute("role", index ? "cell" : "rowheader");
    if (!index) cell.scope = "row";
    cell.dataset.label = column.label;
    if (values) cell.append(trend(values, text));
    else cell.append(breakable(href ? link(text, href, open) : element("span", tone ? `tone ${tone}` : "", text)));
    if (note) cell.append(element("span", "note", note));
    tr.append(cell);
  });
  return tr;
}

/* An email address that is too long for its column is broken before the @, not anywhere. */
function breakable(made) {
  const [name, ...domain] = made.textContent.split(/(?=@)/);
  if (domain.length) made.replaceChildren(name, element("wbr"), domain.join(""));
  return made;
}

function pager(root, page, turn) {
  const nav = root.querySelector(".pager");
  nav.setAttribute("aria-label", "Pages of the table");
  nav.querySelectorAll("button").forEach((button) => button.remove());
  const status = nav.querySelector(".status");
  status.textContent = page.text;
  nav.hidden = page.last < 2;
  const add = (sign, name, number, before, address = number) => {
    const button = element("button", "", sign);
    button.type = "button";
    button.dataset.focus = name;
    button.setAttribute("aria-label", name);
    button.disabled = number < 1 || number > page.last || number === page.number;
    button.onclick = () => turn(address);
    before ? status.before(button) : nav.append(button);
  };
  add("«", "First page", 1, true);
  add("‹", "Previous page", page.number - 1, true, page.previous);
  add("›", "Next page", page.number + 1, false, page.next);
  add("»", "Last page", page.last, false);
}
