/* Says whether the page receives news of its store. */

const WORDS = { live: "Live", reconnecting: "Reconnecting…" };

export default function draw({ data, parentElement }) {
  const state = parentElement.querySelector(".state") ?? append(parentElement);
  const show = () => {
    const name = navigator.onLine ? "live" : "reconnecting";
    state.className = `state ${name}`;
    state.lastChild.textContent = name === "live" ? data.label : WORDS[name];
  };
  show();
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  return () => {
    window.removeEventListener("online", show);
    window.removeEventListener("offline", show);
  };
}

function append(parent) {
  const state = document.createElement("p");
  state.setAttribute("role", "status");
  const dot = document.createElement("span");
  dot.className = "dot";
  dot.setAttribute("aria-hidden", "true");
  state.append(dot, document.createElement("span"));
  parent.append(state);
  return state;
}
