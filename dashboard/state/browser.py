"""The browser of this tab: its address, its nonce, and the ways to send it elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.accounts import Theme
from dashboard.web import cookies, visitors


def nonce() -> str:
    """The secret that binds a sign-in to this browser; empty if the browser accepts no cookies."""
    return st.context.cookies.to_dict().get(cookies.nonce_cookie(), "")


def client_address() -> str:
    """The network address of the browser; see `visitors.address_of`."""
    return visitors.stamped_address(st.context.headers)


def current_address() -> str:
    """The address that the browser shows, without the server."""
    parts = urlsplit(st.context.url or "/")
    query = urlencode([(name, value) for name in st.query_params for value in st.query_params.get_all(name)])
    return f"{parts.path}?{query}" if query else parts.path


@contextmanager
def shared_by_pages() -> Iterator[None]:
    """Draw widgets whose parameters in the address belong to all pages.

    Streamlit drops a parameter on the way to another page if the page that is left has drawn its widget, unless the
    browser has changed the widget: a bookmark's period would be lost by a click in the menu.
    """
    context = get_script_run_ctx()
    if context is None:
        yield
        return
    with context.run_with_active_hash(context.pages_manager.main_script_hash):
        yield


def go(address: str) -> NoReturn:
    """Replace the page by an address of ours that is not a page: only a script of the browser can."""
    _go(address, "replace")


def load(address: str) -> NoReturn:
    """Load an address of ours as the browser does for a link; Back leads to this page again."""
    _go(address, "assign")


def _go(address: str, how: str) -> NoReturn:
    script = f'<script src="/auth/go.js" data-to="{escape(address)}" data-how="{how}"></script>'
    st.html(script, unsafe_allow_javascript=True)
    st.stop()


def load_theme() -> NoReturn:
    """Load the current page again in the colours that the user saved."""
    go("/auth/theme?" + urlencode({"next": current_address()}))


def follow_theme(theme: Theme) -> None:
    """Load the current page again if this browser has other colours than the user saved, in another browser."""
    if cookies.theme(st.context.cookies.to_dict()) != theme:
        load_theme()


def go_to_shopify(state: str) -> NoReturn:
    """Leave for Shopify to install the app; `state` is the value that `install.begin` returned."""
    go("/connect/go?" + urlencode({"state": state}))
