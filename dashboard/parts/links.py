"""Links between pages: they stay in the tab and keep the filters of the page that they leave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from dashboard import addresses
from dashboard.navigation import PAGES
from dashboard.state import browser


def open_address(address: str) -> NoReturn:
    """Go to one of our pages, by an address of `dashboard.addresses`. The browser's Back leads to this page again."""
    parts = urlsplit(address)
    parameters = parse_qsl(parts.query)
    present = addresses.list_query(st.query_params.to_dict())
    # The widgets of the filters keep their own values within a tab, so Streamlit refuses others for them; on the page
    # that they stand on, all widgets do.
    is_same_page = parts.path == urlsplit(browser.current_address()).path
    if is_same_page or any(name in addresses.FILTERS and present.get(name) != value for name, value in parameters):
        browser.load(address)
    query = [(name, value) for name, value in parameters if name not in addresses.FILTERS]
    st.switch_page(_file(parts.path.strip("/")), query_params=query)


def open_clicked_link(clicked: str | None, drawn: Iterable[str | None]) -> None:
    """Go to the address of a clicked link, if it is among those `drawn`: a browser may send any address."""
    if clicked and clicked in drawn:
        open_address(clicked)


def draw_page_link(address: str, label: str, icon: str | None = None) -> None:
    """Draw a link to one of our pages, by an address of `dashboard.addresses`; `label` is Markdown."""
    parts = urlsplit(address)
    st.page_link(_file(parts.path.strip("/")), label=label, icon=icon, query_params=parse_qsl(parts.query))


def draw_back(path: str, label: str) -> None:
    """Draw the link to the list that a record belongs to, as it was when it led to the record."""
    draw_page_link(addresses.back_address(path, st.query_params.to_dict()), label, ":material/arrow_back:")


def _file(path: str) -> str:
    return next(f"app_pages/{page.file}.py" for page in PAGES if page.url_path == path)
