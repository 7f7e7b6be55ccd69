"""The parts of the sidebar that every page has: which business, above the page's own; who is signed in, below."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import state
from dashboard.state import Viewer
from dashboard.words import plain


def business(viewer: Viewer, now: datetime) -> None:
    """Which business is looked at, for those who belong to several."""
    names = {tenant.tenant_id: tenant.name for tenant in viewer.tenants}
    if len(names) < 2:
        return
    chosen = st.sidebar.selectbox(
        "Business",
        list(names),
        index=list(names).index(viewer.tenant_id),
        format_func=lambda tenant_id: names.get(tenant_id, ""),
    )
    if chosen != viewer.tenant_id:
        state.switch_tenant(chosen, now)


def account(viewer: Viewer, now: datetime) -> None:
    """Who is signed in, and the way out."""
    with st.sidebar, st.container(border=True):
        st.markdown(f"**{plain(viewer.name)}**  \n{plain(viewer.tenant_name)} · {viewer.role}")
        st.button(
            "Sign out",
            icon=":material/logout:",
            width="stretch",
            on_click=state.sign_out,
            args=(now,),
            key="sign-out",
        )
