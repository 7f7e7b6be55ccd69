"""The viewer's own account on the Settings page: name and password."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.errors import InvalidInput, XenoError
from dashboard.drawing.words import plain
from dashboard.parts.accounts.authenticator import PASSWORD_RULE
from dashboard.parts.actions import run_action
from dashboard.state import Viewer, forms, messages

_PROFILE = "profile"
_PASSWORD = "password"  # noqa: S105  # a place on the page, not a secret


def draw_profile(viewer: Viewer) -> None:
    """Draw the form with the viewer's name and email address."""
    with st.form("profile"):
        st.markdown("**Profile**")
        name = st.text_input("Your name", viewer.name, autocomplete="name")
        st.caption("Members of your businesses see it beside what you did.")
        st.caption(f"You sign in as {plain(viewer.email)}.")
        if st.form_submit_button("Save", type="primary"):
            run_action(lambda: accounts.rename_user(viewer.user_id, name), "Name saved.", _PROFILE)
        messages.show(_PROFILE)


def draw_password(viewer: Viewer, now: datetime) -> None:
    """Draw the form that changes the password, which signs out every browser, this one too."""
    with st.form("password"):
        st.markdown("**Password**")
        old, new, repetition = (
            st.text_input(
                label,
                type="password",
                key=f"{forms.widget_key('password')}-{label}",
                autocomplete="current-password" if label == "Current password" else "new-password",
            )
            for label in ("Current password", "New password", "New password again")
        )
        st.caption(f"{PASSWORD_RULE} Afterwards you sign in again, on every device.")
        is_sent = st.form_submit_button("Change password", type="primary")
        messages.show(_PASSWORD)
    if not is_sent:
        return
    forms.empty("password")
    try:
        if new.strip() != repetition.strip():
            raise InvalidInput("The two new passwords differ; type both again.")
        accounts.change_password(viewer.user_id, old, new, now)
    except XenoError as error:
        messages.leave_error(error, _PASSWORD)
    st.rerun()
