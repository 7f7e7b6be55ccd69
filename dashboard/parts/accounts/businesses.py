"""Businesses on the Settings page: the name of this one, and a new one."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.errors import XenoError
from dashboard.drawing.words import sentence
from dashboard.parts.actions import run_action
from dashboard.state import Viewer, messages, session

_NAME = "name of the business"


def draw_name(viewer: Viewer) -> None:
    """Draw the form with the name of the business."""
    with st.form("business"):
        st.markdown("**This business**")
        name = st.text_input("Business name", viewer.tenant_name)
        st.caption("Every member sees it in the menu. Orders and stores stay as they are.")
        if st.form_submit_button("Rename", type="primary"):
            run_action(lambda: accounts.rename_tenant(viewer.actor, name), "Business renamed.", _NAME)
        messages.show(_NAME)


def draw_new_business(viewer: Viewer, now: datetime) -> None:
    """Draw the form that creates another business of the viewer's own, and switches to it."""
    with st.container(border=True):
        st.markdown("**Another business**")
        st.caption("It starts empty, with you as its owner. You switch between your businesses in the sidebar.")
        with st.popover("New business", icon=":material/add_business:"), st.form("another-business"):
            name = st.text_input("Name of the new business", autocomplete="organization")
            if not st.form_submit_button("Create business", type="primary"):
                return
            try:
                session.switch_tenant(accounts.create_tenant(viewer.user_id, name, now), now)
            except XenoError as error:
                st.error(sentence(error), icon=":material/error:")
