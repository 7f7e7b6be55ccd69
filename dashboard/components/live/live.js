/* Receives the news of the page's store and reruns the page when its figures are stale.

The browser opens at most six connections to a server, so only a visible page keeps its stream. A page that becomes
visible again opens a new one, whose first event says whether it missed anything.
*/

const PAUSE = 400; // milliseconds between two reruns: a burst of changes is one
const LONGEST_WAIT = 30000;
const WORDS = { live: "Live", reconnecting: "Reconnecting…" };
const pages = new WeakMap();

export default function draw({ data, parentElement, setTriggerValue }) {
  let page = pages.get(parentElement);
  if (!page) {
    page = new Page(parentElement);
    pages.set(parentElement, page);
  }
  page.update(data, setTriggerValue);
  return () => {
    page.leave();
    pages.delete(parentElement);
  };
}

class Page {
  constructor(parent) {
    this.wait = 1000;
    this.rerunAt = 0;
    this.state = document.createElement("p");
    this.state.setAttribute("role", "status");
    this.words = document.createElement("span");
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.setAttribute("aria-hidden", "true");
    this.state.append(dot, this.words);
    parent.append(this.state);
    this.onVisibility = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  update(data, setTriggerValue) {
    this.send = setTriggerValue;
    this.seen = data.seen;
    if (this.address !== data.address) {
      this.address = data.address;
      this.close();
      this.show("live");
    }
    if (!this.source && !this.retry && !document.hidden) this.open();
    if (this.latest && this.latest !== this.seen) this.rerunSoon();
  }

  open() {
    this.close();
    const source = new EventSource(this.address);
    this.source = source;
    source.onmessage = (event) => {
      this.wait = 1000;
      this.show("live");
      this.latest = event.data;
      if (this.latest !== this.seen) this.rerunSoon();
    };
    // The page runs again and finds its session ended, so it leaves for the sign-in.
    source.addEventListener("ended", () => {
      this.close();
      this.send("news", "ended");
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
      if (status === 401 || status === 404) this.send("news", "ended");
    } catch {
      // The server is away; the retry follows.
    }
    request.abort();
  }

  close() {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.source?.close();
    this.source = undefined;
    this.latest = undefined;
  }

  rerunSoon() {
    if (this.rerun) return;
    this.rerun = setTimeout(() => {
      this.rerun = undefined;
      if (document.hidden || !this.latest || this.latest === this.seen) return;
      this.rerunAt = Date.now();
      this.send("news", this.latest);
    }, Math.max(0, this.rerunAt + PAUSE - Date.now()));
  }

  show(name) {
    if (this.state.className === `state ${name}`) return;
    this.state.className = `state ${name}`;
    this.words.textContent = WORDS[name];
  }

  leave() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    clearTimeout(this.rerun);
    this.close();
    this.state.remove();
  }
}
