/* Receives news and reruns the page, or the fragment around this component, when its stamps are stale.

All components of a page with one address share a stream: the browser opens at most six connections to a server. For
the same reason only a visible page keeps its streams. A page that becomes visible again opens new ones, whose first
event says whether it missed anything.
*/

const PAUSE = 400; // milliseconds between two reruns: a burst of changes is one
const LONGEST_PAUSE = { page: 3000, fragment: 1000 }; // … while changes come without an end, as in a first load
const CALM = 1500; // milliseconds after which a change is no longer part of a burst
const LONGEST_WAIT = 30000;
const WORDS = { live: "Live", reconnecting: "Reconnecting…" };
const TOAST = 8000;
const instances = new WeakMap();
const streams = new Map();
let toasted; // the name of the last toast: a page that is drawn again does not repeat it

export default function draw({ data, parentElement, setTriggerValue }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = new Instance(parentElement, data.is_page);
    instances.set(parentElement, instance);
  }
  instance.update(data, setTriggerValue);
  return () => {
    instance.leave();
    instances.delete(parentElement);
  };
}

class Stream {
  static of(address) {
    if (!streams.has(address)) streams.set(address, new Stream(address));
    return streams.get(address);
  }

  constructor(address) {
    this.address = address;
    this.readers = new Set();
    this.wait = 1000;
    this.state = "live";
    this.onVisibility = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  join(reader) {
    this.readers.add(reader);
    if (!this.source && !this.retry && !document.hidden) this.open();
  }

  // A rerun may replace the component: only a stream that nobody joins again is closed.
  part(reader) {
    this.readers.delete(reader);
    setTimeout(() => {
      if (this.readers.size || streams.get(this.address) !== this) return;
      streams.delete(this.address);
      document.removeEventListener("visibilitychange", this.onVisibility);
      this.close();
    });
  }

  open() {
    this.close();
    const source = new EventSource(this.address);
    this.source = source;
    source.onmessage = (event) => {
      this.wait = 1000;
      this.show("live");
      this.latest = JSON.parse(event.data);
      this.readers.forEach((reader) => reader.compare());
    };
    source.addEventListener("ended", () => {
      this.close();
      this.end();
    });
    source.onerror = () => {
      this.show("reconnecting");
      // The browser tries again by itself after a lost connection, but not after a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      this.close();
      this.retry = setTimeout(() => this.open(), this.wait * (1 + Math.random()));
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
      this.leaveIfEnded();
    };
  }

  // An EventSource does not show its status. A session that ended before the stream began is refused, not streamed.
  async leaveIfEnded() {
    const request = new AbortController();
    try {
      const { status } = await fetch(this.address, { signal: request.signal });
      if (status === 401 || status === 404) this.end();
    } catch {
      // The server is away; the retry follows.
    }
    request.abort();
  }

  // The page runs again and finds its session ended, so it leaves for the sign-in.
  end() {
    this.readers.forEach((reader) => reader.send("news", "ended"));
  }

  close() {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.source?.close();
    this.source = undefined;
    this.latest = undefined;
  }

  show(state) {
    this.state = state;
    this.readers.forEach((reader) => reader.show(state));
  }
}

class Instance {
  constructor(parent, isPage) {
    this.isPage = isPage;
    this.pause = PAUSE;
    this.rerunAt = -CALM;
    if (!isPage) return;
    this.state = document.createElement("p");
    this.state.setAttribute("role", "status");
    this.words = document.createElement("span");
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.setAttribute("aria-hidden", "true");
    this.state.append(dot, this.words);
    this.toasts = document.createElement("div");
    this.toasts.className = "toasts";
    this.toasts.setAttribute("role", "status"); // here from the start: a region that comes with its text is not read
    parent.append(this.state, this.toasts);
  }

  update(data, setTriggerValue) {
    this.send = setTriggerValue;
    this.seen = data.seen;
    this.isQuiet = Boolean(data.is_quiet);
    if (this.stream?.address !== data.address) {
      this.stream?.part(this);
      this.stream = Stream.of(data.address);
      this.stream.join(this);
    }
    this.show(this.stream.state);
    clearTimeout(this.again);
    if (data.again) this.again = setTimeout(() => this.send("news", "again"), data.again);
    if (data.toast && data.toast.name !== toasted) this.showToast(data.toast);
    this.compare();
  }

  showToast({ name, text }) {
    toasted = name;
    const toast = document.createElement("div");
    toast.className = "toast";
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", "Dismiss");
    close.onclick = () => toast.remove();
    toast.append(words, close);
    this.toasts.replaceChildren(toast);
    let timer = setTimeout(() => toast.remove(), TOAST);
    toast.onmouseenter = () => clearTimeout(timer);
    toast.onmouseleave = () => {
      timer = setTimeout(() => toast.remove(), TOAST / 2);
    };
  }

  isStale() {
    const latest = this.stream.latest;
    return Boolean(latest) && Object.keys(this.seen).some((name) => latest[name] !== this.seen[name]);
  }

  compare() {
    if (this.rerun || !this.isStale()) return;
    const now = performance.now();
    const isBurst = now - this.rerunAt < this.pause + CALM;
    const pause = isBurst ? this.pause : PAUSE;
    this.rerun = setTimeout(() => this.rerunIfStale(isBurst), Math.max(0, this.rerunAt + pause - now));
  }

  rerunIfStale(isBurst) {
    this.rerun = undefined;
    if (document.hidden || !this.isStale()) return;
    // A rerun of the page closes its dialogs, with what was typed into them.
    if (this.isPage && document.querySelector('[data-testid="stDialog"]')) {
      this.rerun = setTimeout(() => this.rerunIfStale(isBurst), 1000);
      return;
    }
    this.pause = isBurst ? Math.min(1.5 * this.pause, LONGEST_PAUSE[this.isPage ? "page" : "fragment"]) : PAUSE;
    this.rerunAt = performance.now();
    this.send("news", JSON.stringify(this.stream.latest));
  }

  show(state) {
    const look = `state ${state} ${this.isQuiet ? "quiet" : ""}`;
    if (!this.isPage || this.state.className === look) return;
    this.state.className = look;
    this.words.textContent = WORDS[state];
  }

  leave() {
    clearTimeout(this.rerun);
    clearTimeout(this.again);
    this.stream.part(this);
    this.state?.remove();
    this.toasts?.remove();
  }
}
