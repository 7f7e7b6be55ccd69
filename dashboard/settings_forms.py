"""The forms of the Settings page. `core.accounts` decides: what is hidden here is refused there too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import accounts
from core.accounts import Action, Member, Role, may
from core.accounts.entries import MIN_PASSWORD
from core.errors import InvalidInput, XenoError
from dashboard import state
from dashboard.state import Viewer
from dashboard.words import plain, sentence

_ROLES = {
    Role.OWNER: "Owner: everything",
    Role.ANALYST: "Analyst: looks, downloads, syncs",
    Role.VIEWER: "Viewer: looks, downloads",
}


def profile(viewer: Viewer) -> None:
    """Name and address of the viewer."""
    with st.form("profile"):
        name = st.text_input("Your name", viewer.name)
        st.text_input("Email address", viewer.email, disabled=True, help="The address you sign in with.")
        if st.form_submit_button("Save"):
            _do(lambda: accounts.rename_user(viewer.user_id, name), "Saved.")


def password(viewer: Viewer, now: datetime) -> None:
    """Change the password, which signs out every browser, this one too."""
    with st.form("password"):
        old, new, again = (
            st.text_input(label, type="password", key=f"{state.fresh('password')}-{label}")
            for label in ("Current password", "New password", "New password again")
        )
        st.caption(f"At least {MIN_PASSWORD} characters. Afterwards you sign in again, on every device.")
        if not st.form_submit_button("Change password"):
            return
    state.renew("password")
    try:
        if new.strip() != again.strip():
            raise InvalidInput("The new password and its repetition differ; type both again.")
        accounts.change_password(viewer.user_id, old, new, now)
    except XenoError as error:
        state.tell("error", sentence(error))
    st.rerun()


def business(viewer: Viewer) -> None:
    """The name of the tenant."""
    with st.form("business"):
        name = st.text_input("Name of the business", viewer.tenant_name)
        if st.form_submit_button("Rename"):
            _do(lambda: accounts.rename_tenant(viewer.actor, name), "Renamed.")


def members(viewer: Viewer) -> None:
    """Who belongs to the tenant; owners change roles and remove here."""
    everybody = accounts.members(viewer.actor)
    with st.container(border=True):
        st.markdown(f"**Members** ({len(everybody)})")
        for member in everybody:
            _member(viewer, member)


def add_member(viewer: Viewer, now: datetime) -> None:
    """Let somebody in who has an account."""
    with st.form("add-member", clear_on_submit=True):
        st.markdown("**Add a member**")
        email = st.text_input("Email address of their account", help="They register here first.")
        role = st.selectbox("Role", list(_ROLES), index=2, format_func=_ROLES.__getitem__, key="add-member-role")
        if st.form_submit_button("Add", icon=":material/person_add:"):
            _do(lambda: accounts.add_member(viewer.actor, email, role, now), "Added.")


def _member(viewer: Viewer, member: Member) -> None:
    who, role, away = st.columns([5, 5, 2], vertical_alignment="center")
    is_viewer = member.user_id == viewer.user_id
    who.markdown(f"{plain(member.name)}{' (you)' if is_viewer else ''}")
    who.text(member.email)
    if may(viewer.role, Action.MANAGE):
        _role(viewer, member, role)
    else:
        role.markdown(_ROLES[member.role])
    if is_viewer or may(viewer.role, Action.MANAGE):
        with away.popover("Leave" if is_viewer else "Remove"):
            _removal(viewer, member, is_viewer)


def _removal(viewer: Viewer, member: Member, is_viewer: bool) -> None:
    """What it means, and the button that does it: one click alone could be a slip."""
    business, name = plain(viewer.tenant_name), plain(member.name)
    if is_viewer:
        st.write(f"You will not see {business} any more. Only an owner of it can let you in again.")
    else:
        st.write(f"{name} will not see {business} any more. You can add them again at any time.")
    if st.button("Leave" if is_viewer else "Remove", key=f"remove-{member.user_id}", type="primary"):
        _do(lambda: accounts.remove_member(viewer.actor, member.user_id), f"{name} is removed.")


def _role(viewer: Viewer, member: Member, place: DeltaGenerator) -> None:
    chosen = place.selectbox(
        f"Role of {plain(member.name)}",
        list(_ROLES),
        index=list(_ROLES).index(member.role),
        format_func=_ROLES.__getitem__,
        label_visibility="collapsed",
        key=f"role-{member.user_id}-{member.role}",
    )
    if chosen != member.role:
        _do(lambda: accounts.change_role(viewer.actor, member.user_id, chosen), "Role changed.")


def _do(action: Callable[[], None], done: str) -> None:
    """Do it, and begin the page anew with a word on how it went."""
    try:
        action()
        state.tell("success", done)
    except XenoError as error:
        state.tell("error", sentence(error))
    st.rerun()
