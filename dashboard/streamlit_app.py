"""The entry script of every run: pages of links, the sign-in gate, the sidebar, the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.accounts import Action, may
from core.config import settings
from dashboard.drawing import locales
from dashboard.navigation import DEMO_PAGES, MARK, PAGES, WORDMARK, by_section
from dashboard.parts import sidebar
from dashboard.parts.accounts import entrance, link_pages
from dashboard.state import links

locales.read_from(lambda: st.context.locale)
now = datetime.now(UTC)
st.set_page_config(page_title="Xeno", page_icon=MARK, layout="wide")
if link := links.opened_link():
    link_pages.draw_link_page(*link, now)
    st.stop()
viewer = entrance.admit(now)
st.logo(WORDMARK, icon_image=MARK, size="large")

in_demo = settings().simulator_url is not None and may(viewer.role, Action.MANAGE)
app_pages = Path(__file__).with_name("app_pages")
page = st.navigation(
    {
        section: [
            st.Page(
                app_pages / f"{spec.file}.py",
                title=spec.title,
                icon=spec.icon,
                url_path=spec.url_path,
                default=spec.url_path == "",
                help=spec.help,
                visibility="hidden" if spec.is_hidden else "visible",
            )
            for spec in specs
        ]
        for section, specs in by_section((*PAGES, *(DEMO_PAGES if in_demo else ()))).items()
    },
    expanded=True,
)
sidebar.draw_account(viewer, now)
page.run()
