/* Makes elements, and the small box that explains what the pointer or the keyboard is on. */

export function element(name, classes = "", text = "") {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  if (text) made.textContent = text;
  return made;
}

export function makeTip() {
  const tip = element("div", "tip");
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // Each text in it stands in the page for screen readers too.
  return tip;
}

/* Show the tip below `rectangle`, or above it where the window ends. */
export function showTip(tip, rectangle, ...content) {
  tip.replaceChildren(...content);
  tip.hidden = false;
  const below = rectangle.bottom + 6;
  const fits = below + tip.offsetHeight < window.innerHeight;
  tip.style.top = `${fits ? below : Math.max(8, rectangle.top - tip.offsetHeight - 6)}px`;
  const middle = rectangle.left + rectangle.width / 2 - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(8, Math.min(middle, window.innerWidth - tip.offsetWidth - 8))}px`;
}

/* A button that shows the definition of `label` on hover, on focus and on a tap; with its text for screen readers. */
export function explainer(name, label, meaning, tip) {
  const text = element("span", "unseen", meaning);
  text.id = `about ${name}`.replaceAll(" ", "-");
  const button = element("button", "explain");
  button.type = "button";
  button.dataset.focus = text.id;
  button.setAttribute("aria-label", `About ${label}`);
  button.setAttribute("aria-describedby", text.id);
  const show = () => showTip(tip, button.getBoundingClientRect(), element("span", "", meaning));
  const hide = () => {
    tip.hidden = true;
  };
  button.onmouseenter = button.onfocus = button.onclick = show;
  button.onmouseleave = button.onblur = hide;
  button.onkeydown = (event) => {
    if (event.key === "Escape") hide();
  };
  return [button, text];
}

/* A real link, so that it opens in a new tab too. A plain click stays in this one without loading the page again. */
export function link(text, href, open, classes = "") {
  const anchor = element("a", classes, text);
  anchor.href = href;
  anchor.onclick = (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(href);
  };
  return anchor;
}

/* Drawn rather than written in the icons' font, which would show its words until it is loaded. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}
