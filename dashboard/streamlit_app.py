"""The entry script of every run: the sign-in gate, the sidebar, the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard import sidebar, state
from dashboard.navigation import MARK, PAGES, WORDMARK

now = datetime.now(UTC)
st.set_page_config(page_title="Xeno", page_icon=MARK, layout="wide")
viewer = state.require_viewer(now)
st.logo(WORDMARK, icon_image=MARK, size="large")

app_pages = Path(__file__).with_name("app_pages")
page = st.navigation(
    [
        st.Page(
            app_pages / f"{spec.file}.py",
            title=spec.title,
            icon=spec.icon,
            url_path=spec.url_path,
            default=spec.url_path == "",
            help=spec.help,
        )
        for spec in PAGES
    ]
)
sidebar.draw(viewer, now)
page.run()
