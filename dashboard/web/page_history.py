"""The script that keeps the filters in the browser's history. It runs before Streamlit's.

Streamlit leaves a page in steps: it takes the query off the address, goes to the next page, puts the query back. Each
step is an entry, so Back led to a page without its period. A changed filter made no entry at all. On the way back to
another page, Streamlit forgets the query that the entry has; so that page is loaded again, as from a bookmark.
"""

from __future__ import annotations

from dashboard.addresses import FILTERS, HIDDEN, SHOP

SCRIPT_ADDRESS = "/auth/history.js"

SCRIPT = f"""(() => {{
  const filters = {list(FILTERS)!r};
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  const at = (address) => new URL(address ?? location.href, location.href);
  const chosen = (url) => filters.map((name) => url.searchParams.get(name) ?? "").join("\\n");
  // Only filters go along to another page: a search, or the key of a link, means nothing there.
  const carried = () => {{
    const query = new URLSearchParams([...at().searchParams].filter(([name]) => filters.includes(name)));
    return query.size ? `?${{query}}` : "";
  }};
  const others = (url) => [...url.searchParams].filter(([name]) => !filters.includes(name)).sort().join("\\n");
  const shown = (url) => [...url.searchParams].filter(([name]) => name !== "{HIDDEN}").sort().join("\\n");
  let clearing = null, ahead = "", isBare = false, isCorrected = false, page = location.pathname;

  // An address without its query is only a step if nothing follows it at once.
  history.pushState = (state, title, address) => {{
    clearTimeout(clearing);
    const to = at(address), isSamePage = to.pathname === location.pathname;
    // The query of a record comes before its page: as an entry, it would lead Back to a list without its own query.
    if (isSamePage && !isBare && to.searchParams.has("{SHOP}")) {{
      ahead = to.search;
      clearing = setTimeout(() => replace(state, title, to.href), 5000);
      return;
    }}
    if (isSamePage && to.href !== location.href && shown(to) === shown(at())) return replace(state, title, to.href);
    // A person changes a filter by replaceState. By pushState, Streamlit takes off filters that a page does not draw,
    // also just before another page follows: the entry of the page that is left keeps them.
    const isFilters = !isBare && others(to) === others(at());
    if (isSamePage && to.href !== location.href && (isFilters || (!to.search && carried()))) {{
      isCorrected = true;
      clearing = setTimeout(() => replace(state, title, to.href), 500);
      return;
    }}
    // The query of a record means nothing to another page, whose own query follows and belongs to the same entry.
    const isRecord = at().searchParams.has("{SHOP}"), isRest = isSamePage && isBare;
    if (!isSamePage && !to.search) to.search = ahead || (isRecord ? "" : carried());
    else if (!isSamePage && isCorrected && !others(to)) {{
      const kept = [...new URLSearchParams(carried())].filter(([name]) => !to.searchParams.has(name));
      for (const [name, value] of kept) to.searchParams.set(name, value);
    }}
    ahead = "";
    isCorrected = false;
    isBare = isRecord && !isSamePage && !to.search;
    (to.href === location.href || isRest ? replace : push)(state, title, to.href);
    page = location.pathname;
  }};

  // A filter that a person changed is a step; what Streamlit corrects by itself while loading is none.
  history.replaceState = (state, title, address) => {{
    const to = at(address), isOther = chosen(to) !== chosen(at()) && to.pathname === location.pathname;
    (isOther && navigator.userActivation.isActive ? push : replace)(state, title, to.href);
    page = location.pathname;
  }};

  addEventListener("popstate", (event) => {{
    clearTimeout(clearing);
    if (location.pathname === page) return;
    event.stopImmediatePropagation();
    location.reload();
  }}, {{ capture: true }});
}})();
"""
