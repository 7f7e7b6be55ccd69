/* Shows the values of the place that the pointer is near, or that the arrow keys have reached, and reads them aloud. */

import { element, showTip } from "./dom.js";

export function follow(area, data, scale, tip, spoken) {
  const rule = element("span", "cross");
  rule.hidden = true;
  area.append(rule);
  const last = data.places.length - 1;
  let current = last;
  while (current > 0 && data.series[0].values[current] === null) current -= 1;

  const show = (index, aloud) => {
    current = Math.max(0, Math.min(index, last));
    const found = data.series.filter(({ values }) => values[current] !== null);
    rule.hidden = false;
    rule.style.left = `${100 * data.places[current]}%`;
    rule.replaceChildren(...(data.kind === "columns" ? [] : found.map((series) => marker(series, current, scale))));
    const { left, top, width, height } = area.getBoundingClientRect();
    const at = new DOMRect(left + data.places[current] * width, top, 0, height / 3);
    tip.hidden = !found.length;
    if (found.length) showTip(tip, at, ...found.map((series) => row(series, current)));
    if (aloud) spoken.textContent = found.map((series) => `${series.names[current]}: ${series.texts[current]}`).join("; ");
  };
  const hide = () => {
    tip.hidden = rule.hidden = true;
  };

  area.onpointermove = area.onpointerdown = (event) => {
    const { left, width } = area.getBoundingClientRect();
    show(nearest(data.places, (event.clientX - left) / width), false);
  };
  area.onpointerleave = area.onblur = hide;
  area.onfocus = () => {
    if (area.matches(":focus-visible")) show(current, true);
  };
  area.onkeydown = (event) => {
    if (event.key === "Escape") hide();
    const next = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next, true);
  };
}

function nearest(places, x) {
  let best = 0;
  places.forEach((place, index) => {
    if (Math.abs(place - x) < Math.abs(places[best] - x)) best = index;
  });
  return best;
}

function marker({ values, look }, index, scale) {
  const made = element("span", `marker ${look}`);
  made.style.bottom = `${100 * scale(values[index])}%`;
  return made;
}

function row({ names, texts, look }, index) {
  const made = element("p", "reading");
  made.append(element("span", `sample ${look}`), element("span", "", `${names[index]}: `), element("b", "", texts[index]));
  return made;
}
