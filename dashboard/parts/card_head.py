"""The head of a card: its title, and the download of all its rows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.drawing import download_menu


def draw_head(title: str, csv: str, help: str | None = None, others: Mapping[str, str] | None = None) -> None:
    """Draw the title of a card beside its downloads; `csv` is the address of all its rows.

    `others` are the addresses of further files by their names, such as the lines of orders.
    """
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(title, anchor=False, help=help)
        draw_download(title, csv, others=others)


def draw_download(title: str, csv: str, label: str = "Download", others: Mapping[str, str] | None = None) -> None:
    """Draw the menu with the formats of a file, and of `others`; `title` names the file."""
    st.html(download_menu.html(label, {title: csv, **(others or {})}), width="content")
