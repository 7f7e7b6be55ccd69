"""The top of the sidebar: the business, the signed-in user, and signing out."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.drawing.words import plain
from dashboard.parts.accounts.appearance import draw_theme
from dashboard.state import Viewer, session


def draw_account(viewer: Viewer, now: datetime) -> None:
    """Draw it before the page, so that signing out works even if the page fails."""
    with st.sidebar:
        if len(viewer.tenants) > 1:
            _draw_business(viewer, now)
        with st.popover(plain(viewer.name), icon=":material/account_circle:", width="stretch"):
            st.markdown(f"**{plain(viewer.tenant_name)}** · {viewer.role}")
            st.text(viewer.email)
            draw_theme(viewer, "menu")
            st.button("Sign out", icon=":material/logout:", width="stretch", on_click=session.sign_out, args=(now,))


def _draw_business(viewer: Viewer, now: datetime) -> None:
    names = {tenant.tenant_id: tenant.name for tenant in viewer.tenants}
    chosen = st.selectbox(
        "Business",
        list(names),
        index=list(names).index(viewer.tenant_id),
        format_func=lambda tenant_id: names.get(tenant_id, ""),
    )
    if chosen != viewer.tenant_id:
        session.switch_tenant(chosen, now)
