"""The forms of the Settings page. `core.accounts` decides: what is hidden here is refused there too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import accounts
from core.accounts import Action, Member, may
from core.accounts.entries import MIN_PASSWORD
from core.config import settings
from core.errors import InvalidInput, XenoError
from dashboard.drawing.words import ROLES, plain, sentence
from dashboard.state import Viewer, forms, links, messages, session


def profile(viewer: Viewer) -> None:
    """Name and address of the viewer."""
    with st.form("profile"):
        name = st.text_input("Your name", viewer.name, autocomplete="name")
        st.text_input("Email address", viewer.email, disabled=True, help="The address you sign in with.")
        if st.form_submit_button("Save"):
            act(lambda: accounts.rename_user(viewer.user_id, name), "Saved.")


def password(viewer: Viewer, now: datetime) -> None:
    """Change the password, which signs out every browser, this one too."""
    with st.form("password"):
        old, new, again = (
            st.text_input(
                label,
                type="password",
                key=f"{forms.widget_key('password')}-{label}",
                autocomplete="current-password" if label == "Current password" else "new-password",
            )
            for label in ("Current password", "New password", "New password again")
        )
        st.caption(f"At least {MIN_PASSWORD} characters. Afterwards you sign in again, on every device.")
        if not st.form_submit_button("Change password"):
            return
    forms.empty("password")
    try:
        if new.strip() != again.strip():
            raise InvalidInput("The new password and its repetition differ; type both again.")
        accounts.change_password(viewer.user_id, old, new, now)
    except XenoError as error:
        messages.leave_error(error)
    st.rerun()


def business(viewer: Viewer) -> None:
    """The name of the tenant."""
    with st.form("business"):
        name = st.text_input("Name of the business", viewer.tenant_name)
        if st.form_submit_button("Rename"):
            act(lambda: accounts.rename_tenant(viewer.actor, name), "Renamed.")


def members(viewer: Viewer, now: datetime) -> None:
    """Draw who belongs to the tenant; owners change roles, help with passwords and remove here."""
    everybody = accounts.members(viewer.actor)
    with st.container(border=True):
        st.markdown(f"**Members** ({len(everybody)})")
        for member in everybody:
            _member(viewer, member, now)


def another_business(viewer: Viewer, now: datetime) -> None:
    """Begin a business of the viewer's own beside this one, and look at it."""
    with st.popover("New business", icon=":material/add_business:"):
        st.write("It begins empty, with you as its owner. You switch between your businesses in the sidebar.")
        with st.form("another-business"):
            name = st.text_input("Name of the new business", autocomplete="organization")
            if not st.form_submit_button("Create business", type="primary"):
                return
        try:
            session.switch_tenant(accounts.create_tenant(viewer.user_id, name, now), now)
        except XenoError as error:
            st.error(sentence(error))


def _member(viewer: Viewer, member: Member, now: datetime) -> None:
    who, role, more = st.columns([5, 5, 2], vertical_alignment="center")
    is_viewer = member.user_id == viewer.user_id
    who.markdown(f"{plain(member.name)}{' (you)' if is_viewer else ''}")
    who.text(member.email)
    if may(viewer.role, Action.MANAGE):
        _role(viewer, member, role)
    else:
        role.markdown(ROLES[member.role])
    if is_viewer:
        with more.popover("Leave"):
            _removal(viewer, member, is_viewer)
    elif may(viewer.role, Action.MANAGE):
        with more.popover("More"):
            _new_password(viewer, member, now)
            # Here, where the click was: the popover stays open, and would cover a link below it.
            if link := links.new_link(_reset_place(member)):
                _reset_link(member, link)
            _removal(viewer, member, is_viewer)


def _new_password(viewer: Viewer, member: Member, now: datetime) -> None:
    """For a member who forgot theirs."""
    mails = settings().sends_mail
    if not st.button(
        "Mail a link for a new password" if mails else "Link for a new password", key=f"reset-{member.user_id}"
    ):
        return
    try:
        link = accounts.reset_member(viewer.actor, member.user_id, now)
    except XenoError as error:
        messages.leave_error(error)
    else:
        if link is not None:
            links.keep_new_link(_reset_place(member), link)
        else:
            messages.leave_success(f"A link for a new password is on its way to {plain(member.email)}.")
    st.rerun()


def _reset_link(member: Member, link: str) -> None:
    with st.container(border=True):
        st.markdown(f"Pass this link on to {plain(member.name)}. It sets a new password, once, within one hour.")
        st.code(link, language=None, wrap_lines=True)
        place = _reset_place(member)
        st.button("Done", key=f"forget-{place}", on_click=links.forget_new_link, args=(place,))


def _reset_place(member: Member) -> str:
    return f"new password of {member.user_id}"


def _removal(viewer: Viewer, member: Member, is_viewer: bool) -> None:
    """What it means, and the button that does it: one click alone could be a slip."""
    business, name = plain(viewer.tenant_name), plain(member.name)
    if is_viewer:
        st.write(f"You will not see {business} any more. Only a new invitation lets you in again.")
    else:
        st.write(f"Removed, {name} will not see {business} any more. You can invite them again at any time.")
    if st.button("Leave" if is_viewer else "Remove", key=f"remove-{member.user_id}", type="primary"):
        act(lambda: accounts.remove_member(viewer.actor, member.user_id), f"{name} is removed.")


def _role(viewer: Viewer, member: Member, place: DeltaGenerator) -> None:
    chosen = place.selectbox(
        f"Role of {plain(member.name)}",
        list(ROLES),
        index=list(ROLES).index(member.role),
        format_func=ROLES.__getitem__,
        label_visibility="collapsed",
        key=f"role-{member.user_id}-{member.role}",
    )
    if chosen != member.role:
        act(lambda: accounts.change_role(viewer.actor, member.user_id, chosen), "Role changed.")


def act(action: Callable[[], None], done: str, place: str = "page") -> None:
    """Run the action, then the page again, with a sentence on how it went at this place of it."""
    try:
        action()
        messages.leave_success(done, place)
    except XenoError as error:
        messages.leave_error(error, place)
    st.rerun()
