"""The part of the sidebar that every page has: which business, who is signed in, and the way out."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import state
from dashboard.state import Viewer
from dashboard.words import plain


def account(viewer: Viewer, now: datetime) -> None:
    """Draw it."""
    with st.sidebar:
        if len(viewer.tenants) > 1:
            _tenant_switcher(viewer, now)
        with st.container(border=True):
            st.markdown(f"**{plain(viewer.name)}**  \n{plain(viewer.tenant_name)} · {viewer.role}")
            if st.button("Sign out", icon=":material/logout:", width="stretch"):
                state.sign_out(now)


def _tenant_switcher(viewer: Viewer, now: datetime) -> None:
    names = {tenant.tenant_id: tenant.name for tenant in viewer.tenants}
    chosen = st.selectbox(
        "Business", list(names), index=list(names).index(viewer.tenant_id), format_func=lambda key: names.get(key, "")
    )
    if chosen != viewer.tenant_id:
        state.switch_tenant(chosen, now)
