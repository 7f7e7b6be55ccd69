"""The addresses that the web process answers: the pages, our routes, and the files of Streamlit and our components.

Streamlit serves more: uploads into memory, metrics of the process, an interface for agents, and its one
page at every address. So an address is refused unless it is listed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from core.accounts import Theme
from core.config import settings
from dashboard import components
from dashboard.navigation import page_paths
from dashboard.web import cookies, visitors
from dashboard.web.sockets import SocketGate

STREAMLIT_ROUTES = ("/_stcore/health", "/_stcore/host-config")
"""Requested by Streamlit's script in the browser before it opens its websocket."""
MEDIA = "/media/"
"""Logos and files to download, each under the hash of its content."""

_READING = ("GET", "HEAD")
_NOT_FOUND = """<!doctype html>
<html lang="en" data-theme="system">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Page not found · Xeno</title>
<style>
:root { --text: #0f1823; --ground: #fff; --link: #1f5f8b; }
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) { --text: #e4e9ef; --ground: #10161d; --link: #7fb8e6; } }
:root[data-theme="dark"] { --text: #e4e9ef; --ground: #10161d; --link: #7fb8e6; }
body { margin: 0; padding: 15vh 1.5rem 0; color: var(--text); background: var(--ground); text-align: center;
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
h1 { font-size: 1.5rem; font-weight: 650; }
a { color: var(--link); }
</style>
</head>
<body>
<main>
<h1>There is no page at this address</h1>
<p>Check the address, or go to the <a href="/">Overview</a>.</p>
</main>
</body>
</html>
"""


class Gate:
    """ASGI middleware: 404 for every address that is not listed, and 405 for a method that its route does not have.

    `routes` are our own; the pages are those of `dashboard.navigation`.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = tuple(routes)
        self._sockets = SocketGate(app)
        pages = page_paths(with_demo=settings().simulator_url is not None)
        self._files = frozenset({*pages, *STREAMLIT_ROUTES, *_static_files(), *components.FILES})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope = visitors.stamped(scope)
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        refusal = self._refusal(scope)
        # The client has disconnected: the server would log the exception with a trace.
        with suppress(ClientDisconnect):
            await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        path, method = scope["path"], scope["method"]
        matches = {route.matches(scope)[0] for route in self._routes}
        if Match.FULL in matches:
            return None
        served = path in self._files or path.rstrip("/") in self._files or path.startswith(MEDIA)
        if served and method in _READING:
            return None
        if served or Match.PARTIAL in matches:
            return PlainTextResponse(
                "This address does not accept this method.\n", status_code=405, headers=_NO_STORE
            )
        return not_found(Headers(scope=scope), cookies.theme(HTTPConnection(scope).cookies))


_NO_STORE = {"Cache-Control": "no-store"}


def not_found(headers: Headers, theme: Theme = Theme.SYSTEM) -> Response:
    """404: a page for a browser, in the colours that it keeps, else a line of text."""
    if "text/html" in headers.get("accept", ""):
        page = _NOT_FOUND.replace('data-theme="system"', f'data-theme="{theme}"')
        return HTMLResponse(page, status_code=404, headers=_NO_STORE)
    return PlainTextResponse("There is nothing at this address.\n", status_code=404, headers=_NO_STORE)


def _static_files() -> Iterable[str]:
    """The addresses of the files of Streamlit's page. Streamlit answers other addresses below them with the page."""
    folder = Path(streamlit.__file__).with_name("static")
    every = (f"/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*") if path.is_file())
    return (address for address in every if address != "/index.html")
