"""Streamlit's page with two scripts before its own: one for its start, one for the history (`page_history`).

Streamlit keeps the choice of light or dark in the browser's storage, under the path of the page, and reads it once.
The first script copies the user's choice there from a cookie, before Streamlit's scripts run. It also gives Streamlit
the address of its server. Without it, Streamlit looks below the address of the page first, where nothing is, and
connects only after two more answers.
"""

from __future__ import annotations

import json
from pathlib import Path

import streamlit
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.config import settings
from dashboard.drawing import download_menu, theme
from dashboard.navigation import page_paths
from dashboard.web import cookies, page_history, preloads

SCRIPT_ADDRESS = "/auth/start.js"
STORAGE_KEY = "stActiveTheme-${location.pathname}-v2"
"""Streamlit's key for the choice of one page."""
_IN_PRIMARY_COLOR = (
    '[role="tab"][aria-selected="true"]',
    'button[data-variant="segmented_control"][data-selected="true"]',
    'button[data-variant="pills"][data-selected="true"]',
    '[data-testid="stSliderThumbValue"]',
)

_ITEMS = '[data-testid="stSidebarNavItems"]'
_MENU = f"{_ITEMS}:not([role]), {_ITEMS} li:not([role])"

_DRAWN = (
    '[data-testid="stTabs"], [data-testid="stForm"], [data-testid="stPlotlyChart"], [data-testid="stButton"], table'
)
_BEGINNING = (
    '[data-testid="stApp"][data-test-script-state="running"] [data-testid="stMainBlockContainer"]'
    f':not(:has({_DRAWN}, > [data-testid="stVerticalBlock"] > :nth-child(9)))::after'
)
"""Below a page whose run has drawn nothing but its beginning: title, period bar, how fresh the figures are."""
_UPLOADS = """
.xeno-upload { display: grid; justify-items: start; gap: 0.75rem; }
.xeno-upload .xeno-files { display: grid; gap: 0.3rem; width: 100%; font-size: 0.875rem; }
.xeno-upload input[type="file"] {
  box-sizing: border-box; width: 100%; padding: 0.75rem; border: 1px dashed var(--xeno-border);
  border-radius: 0.5rem; background: var(--xeno-field); color: inherit; font: inherit;
}
.xeno-upload ::file-selector-button {
  margin-right: 0.75rem; padding: 0.4rem 0.75rem; border: 1px solid var(--xeno-border); border-radius: 0.5rem;
  background: transparent; color: inherit; font: inherit; cursor: pointer;
}
.xeno-upload .xeno-check { display: flex; gap: 0.5rem; align-items: center; }
.xeno-upload input[type="checkbox"] { width: 1rem; height: 1rem; accent-color: var(--xeno-primary); }
.xeno-upload button {
  padding: 0.45rem 0.9rem; border: 0; border-radius: 0.5rem; background: var(--xeno-primary); color: #fff;
  font: inherit; cursor: pointer;
}
.xeno-upload button:hover { filter: brightness(0.92); }
.xeno-upload :focus-visible { outline: 2px solid var(--xeno-primary); outline-offset: 2px; }
"""
"""Of the forms of HTML that upload files (`dashboard.parts.upload_form`), so that they look like Streamlit's."""
_SIDEBAR = '[data-testid="stSidebar"]'
_COMPACT_MENU = f"""
@media (min-width: 641px) and (max-height: 1100px) {{
  {_SIDEBAR} {_ITEMS} li, {_SIDEBAR} [data-testid="stSidebarNavLink"] {{ margin-block: 0; }}
  {_SIDEBAR} {_ITEMS} > * + * {{ margin-top: 0.4rem; }}
  {_SIDEBAR} [data-testid="stSidebarUserContent"] {{ padding-block: 0.25rem 0.5rem; }}
}}
"""
"""On a window of 900 pixels the menu shows all pages and the account without scrolling."""
_PLACEHOLDERS = f"""
{_BEGINNING} {{
  --shade: linear-gradient(color-mix(in srgb, currentColor 7%, transparent) 0 0);
  content: ""; display: block; flex: none; height: 26rem; margin-top: 1rem; opacity: 0;
  background: var(--shade) 0 0 / 23.5% 6rem, var(--shade) 33.33% 0 / 23.5% 6rem, var(--shade) 66.67% 0 / 23.5% 6rem,
    var(--shade) 100% 0 / 23.5% 6rem, var(--shade) 0 7rem / 100% 19rem;
  background-repeat: no-repeat; animation: xeno-appear 0.2s 0.25s forwards;
}}
@keyframes xeno-appear {{ to {{ opacity: 1; }} }}
"""
"""Grey places of tiles and a chart. They appear after a quarter of a second, so that a short rerun shows none."""


def script() -> str:
    """Return the script that sets the theme and the server's address; config.toml has the background colours."""
    grounds = {mode: theme.configured(mode)["backgroundColor"] for mode in ("light", "dark")}
    return f"""(() => {{
  const chosen = (document.cookie.match(/(?:^|; )(?:__Host-)?xeno-theme=(light|dark)(?:;|$)/) || [])[1];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {{
    const mode = chosen || (dark.matches ? "dark" : "light"), root = document.documentElement;
    root.dataset.theme = root.style.colorScheme = mode;
    root.style.backgroundColor = {json.dumps(grounds)}[mode];
  }};
  apply();
  dark.addEventListener("change", apply);
  const name = {{ light: "Light", dark: "Dark" }}[chosen] || "System";
  window.__streamlit = {{
    BACKEND_BASE_URL: location.origin,
    HOST_CONFIG: {{ allowedOrigins: [location.origin], useExternalAuthToken: false }},
  }};
  // Streamlit puts the sections of its menu between a list and its items, which is no list then: only links are left.
  const menu = {json.dumps(_MENU)};
  const unlist = () => document.querySelectorAll(menu).forEach((part) => part.setAttribute("role", "none"));
  new MutationObserver(unlist).observe(document.documentElement, {{ childList: true, subtree: true }});
  try {{ localStorage.setItem(`{STORAGE_KEY}`, JSON.stringify(name)); }} catch {{ /* storage is blocked */ }}
}})();
"""


class Shell:
    """ASGI middleware: answers the addresses of pages, and passes every other request on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        page, paths = _page(), page_paths(with_demo=settings().simulator_url is not None)
        self._pages = {
            (path, is_signed_in): preloads.with_preloads(page, path.strip("/"), is_signed_in)
            for path in paths
            for is_signed_in in (False, True)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request for a page, or pass it on."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        # Whether the cookie is of a session in force, the run decides: this is only a guess of the scripts to come.
        is_signed_in = cookies.session_token(HTTPConnection(scope).cookies) is not None
        page = self._pages.get((scope["path"].rstrip("/") or "/", is_signed_in))
        response = HTMLResponse(page, headers={"Cache-Control": "no-cache", "Vary": "Cookie"}) if page else self._app
        await response(scope, receive, send)


def _page() -> str:
    page = Path(streamlit.__file__).with_name("static").joinpath("index.html").read_text(encoding="utf-8")
    page = page.replace("<title>Streamlit</title>", "<title>Xeno</title>")
    scripts = (f'<script src="{address}"></script>' for address in (SCRIPT_ADDRESS, page_history.SCRIPT_ADDRESS))
    head = "\n    ".join([*scripts, f"<style>{_styles()}</style>"])
    return page.replace("<head>", f"<head>\n    {head}", 1)


def _styles() -> str:
    """Give active tabs, active buttons and values of sliders the colour of links in the dark; narrow the margins.

    Streamlit writes them in the primary colour, under white text elsewhere: no colour has 4.5 : 1 to both. Its own
    margins of 80 pixels take the room of two columns of a table.
    """
    places = ", ".join(f'[data-theme="dark"] {place}' for place in _IN_PRIMARY_COLOR)
    block = '[data-testid="stMain"] [data-testid="stMainBlockContainer"]'
    margins = f"{block} {{ padding-inline: clamp(1rem, 3vw, 5rem); }}"
    # On a phone, the figures begin on the first screen.
    rows = f'{block} [data-testid="stVerticalBlock"]'
    phone = f"@media (max-width: 640px) {{ {block} {{ padding-top: 3.75rem; }} {rows} {{ gap: 0.7rem; }} }}"
    # The only text before Streamlit has our theme: it would load Streamlit's own font for this one line.
    skip = 'a[data-testid="stSkipToContent"] { font-family: system-ui, sans-serif; }'
    colors = " ".join(_chart_colors(mode) for mode in ("light", "dark"))
    # The choice that names the store in the address; the reader chooses in the one with the names.
    hidden = ".st-key-store { display: none; }"
    links = f"{places} {{ color: {theme.configured('dark')['linkColor']}; }}"
    parts = (colors, links, margins, phone, skip, hidden, _COMPACT_MENU, _UPLOADS, _PLACEHOLDERS)
    return " ".join((*parts, download_menu.STYLES))


def _chart_colors(mode: str) -> str:
    """The colours of our own charts (`dashboard/components`) by meaning."""
    this_period, compared, second = theme.configured(mode)["chartCategoricalColors"][:3]
    colors = theme.configured(mode)
    controls = (
        f"--xeno-primary: {colors['primaryColor']}; --xeno-border: {colors['borderColor']}; "
        f"--xeno-field: {colors['secondaryBackgroundColor']};"
    )
    properties = f"--xeno-this-period: {this_period}; --xeno-compared: {compared}; --xeno-second: {second};"
    return f':root[data-theme="{mode}"] {{ {properties} {controls} {download_menu.colors(mode)} }}'
