/* Draws the values of a cell as a small line, from zero up. It has no text: the figures stand in the other cells. */

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 72;
const HEIGHT = 20;

export function trend(values, label) {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const scale = high > low ? (HEIGHT - 2) / (high - low) : 0;
  const step = values.length > 1 ? (WIDTH - 2) / (values.length - 1) : 0;
  const points = values.map((value, index) => `${1 + index * step},${HEIGHT - 1 - (value - low) * scale}`);
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("class", "trend");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  const line = document.createElementNS(NAMESPACE, "polyline");
  line.setAttribute("points", points.join(" "));
  svg.append(line);
  return svg;
}
