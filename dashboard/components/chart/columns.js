/* Draws series as columns, stacked from the last series at the bottom; a column that is not complete is hatched. */

import { element } from "./dom.js";

const SHARE = 0.75; // of the distance between two places

export function columns({ series, places }, scale) {
  const distance = places.length > 1 ? places[1] - places[0] : 1;
  return places.map((place, index) => {
    const column = element("span", "column");
    column.style.left = `${100 * (place - (SHARE * distance) / 2)}%`;
    column.style.width = `${100 * SHARE * distance}%`;
    let above = 0; // the end of the parts above zero
    let below = 0;
    for (const { values, open, look } of [...series].reverse()) {
      const value = values[index] ?? 0;
      if (!value) continue;
      const part = element("span", `part ${look} ${open[index] ? "open" : ""}`);
      const start = value > 0 ? above : below + value;
      part.style.bottom = `${100 * scale(start)}%`;
      part.style.height = `${100 * (scale(start + Math.abs(value)) - scale(start))}%`;
      column.append(part);
      if (value > 0) above += value;
      else below += value;
    }
    return column;
  });
}
