"""The checklist of a business whose figures have not begun: connect, first load, first figure, invite."""

from __future__ import annotations

import base64
from datetime import datetime

import streamlit as st

from core import accounts
from core.accounts import Action, may
from dashboard.drawing.words import plain
from dashboard.navigation import EXAMPLE
from dashboard.parts.accounts import demo
from dashboard.state import Viewer

_STORES_PAGE = "app_pages/stores.py"
_DONE, _NEXT, _LATER = ":material/check_circle:", ":material/arrow_circle_right:", ":material/circle:"


def draw_first_steps(viewer: Viewer, now: datetime) -> None:
    """Draw the four steps with their states, one next step, and a picture of what will be here."""
    steps = (
        ("Connect a store", bool(viewer.stores)),
        ("Xeno reads its orders, customers and products", any(store.complete_until for store in viewer.stores)),
        ("The first figures appear here", False),
        ("Invite your team", len(accounts.members(viewer.actor)) > 1),
    )
    left, right = st.columns(2)
    with left, st.container(border=True):
        _draw_heading(viewer)
        following = next(n for n, (_, is_done) in enumerate(steps) if not is_done)
        for n, (name, is_done) in enumerate(steps):
            sign, word = (_DONE, "done") if is_done else (_NEXT, "next") if n == following else (_LATER, "later")
            st.markdown(f"{sign} {n + 1}. {name} · {word}")
        _draw_next_step(viewer)
        if demo.is_demo():
            demo.draw_entry("Look around in the demo store", now, is_main=False)
            st.caption("It opens as the demo’s own user.")
    with right:
        drawing = base64.b64encode(EXAMPLE.read_bytes()).decode()
        st.html(
            f'<img alt="An Overview with example figures" width="100%" src="data:image/svg+xml;base64,{drawing}">'
        )
        st.caption("Example figures: this is what Overview shows.")


def _draw_heading(viewer: Viewer) -> None:
    if viewer.stores:
        st.subheader(":material/sync: Your first sync has not finished", anchor=False)
        return
    st.subheader(":material/storefront: Connect your first store", anchor=False)
    st.markdown(f"**{plain(viewer.tenant_name)}** has no Shopify store here yet.")


def _draw_next_step(viewer: Viewer) -> None:
    if viewer.stores:
        st.page_link(_STORES_PAGE, label="See the progress", icon=":material/arrow_forward:")
    elif may(viewer.role, Action.CONNECT):
        if st.button("Connect a store", type="primary", icon=":material/arrow_forward:", width="stretch"):
            st.switch_page(_STORES_PAGE)
    else:
        st.markdown("Ask an owner of the business to connect a store.")
