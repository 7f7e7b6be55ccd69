/* Draws an amount, and its change since the compared period. */

import { element } from "./dom.js";

export function news(data) {
  const line = element("p", "news");
  if (data.change) line.append(change(data));
  if (data.before) {
    const earlier = element("span", "before", "from ");
    earlier.append(...amount(data.before, data.exact_before));
    line.append(earlier);
  }
  return line;
}

export function change({ change, tone, arrow }) {
  const word = element("span", `change ${tone}`);
  const sign = element("span", "", arrow && `${arrow} `);
  sign.setAttribute("aria-hidden", "true");
  word.append(sign, change);
  if (tone) word.append(element("span", "unseen", tone === "good" ? " (better)" : " (worse)"));
  return word;
}

/* A rounded amount has its exact one on hover, and for screen readers. */
export function amount(text, exact) {
  const shown = element("span", "shown", text);
  if (!exact) return [shown];
  shown.title = exact;
  shown.setAttribute("aria-hidden", "true");
  return [shown, element("span", "unseen", exact)];
}
