/* Draws series as columns, stacked from the last series at the bottom; a column that is not complete is hatched. */

import { element } from "./dom.js";

const SHARE = 0.75; // of the distance between two places

export function columns({ series, places }, scale) {
  const distance = places.length > 1 ? places[1] - places[0] : 1;
  return places.map((place, index) => {
    const column = element("span", "column");
    column.style.left = `${100 * (place - (SHARE * distance) / 2)}%`;
    column.style.width = `${100 * SHARE * distance}%`;
    let below = 0;
    for (const { values, open, look } of [...series].reverse()) {
      const value = values[index] ?? 0;
      if (!value) continue;
      const part = element("span", `part ${look} ${open[index] ? "open" : ""}`);
      part.style.bottom = `${100 * scale(below)}%`;
      part.style.height = `${100 * (scale(below + value) - scale(below))}%`;
      column.append(part);
      below += value;
    }
    return column;
  });
}
