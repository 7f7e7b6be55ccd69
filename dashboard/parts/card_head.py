"""The head of a card: its title, and the download of all its rows."""

from __future__ import annotations

import streamlit as st


def draw_head(title: str, csv: str, help: str | None = None) -> None:
    """Draw the title of a card beside its download; `csv` is the address of all its rows."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(title, anchor=False, help=help)
        st.link_button("Download CSV", csv, icon=":material/download:", type="tertiary")
