"""Members on the Settings page. `core.accounts` decides: an action that is hidden here is refused there too."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import accounts
from core.accounts import Action, Member, Role, may
from core.config import settings
from core.errors import XenoError
from dashboard.drawing.words import ROLES, plain
from dashboard.parts.actions import run_action
from dashboard.state import Viewer, links, messages

_PLACE = "members"


def draw_members(viewer: Viewer, now: datetime) -> None:
    """Draw the members; an owner changes roles, mails links for new passwords, and removes members here."""
    members = accounts.members(viewer.actor)
    with st.container(border=True):
        st.markdown(f"**Members** ({len(members)})")
        messages.show(_PLACE)
        owners = [member.user_id for member in members if member.role is Role.OWNER]
        for member in members:
            _draw_member(viewer, member, now, is_only_owner=owners == [member.user_id])


def _draw_member(viewer: Viewer, member: Member, now: datetime, is_only_owner: bool) -> None:
    who, role, more = st.columns([5, 5, 2], vertical_alignment="center")
    is_viewer = member.user_id == viewer.user_id
    with who.container(gap=None):
        st.markdown(f"{plain(member.name)}{' (you)' if is_viewer else ''}")
        st.caption(plain(member.email))
    if is_only_owner:
        # Neither can change: a business needs an owner.
        with role.container(gap=None):
            st.markdown(ROLES[member.role])
            if is_viewer:
                st.caption("The only owner: make another member an owner before you leave.")
    elif may(viewer.role, Action.MANAGE):
        _draw_role(viewer, member, role)
    else:
        role.markdown(ROLES[member.role])
    if is_only_owner and is_viewer:
        return
    if is_viewer:
        with more.popover("Leave"):
            _draw_removal(viewer, member, is_viewer)
    elif may(viewer.role, Action.MANAGE):
        with more.popover("More"):
            _draw_new_password(viewer, member, now)
            # Inside the popover, which stays open and would cover a link below it.
            if link := links.new_link(_link_place(member)):
                _draw_link(member, link)
            _draw_removal(viewer, member, is_viewer)


def _draw_new_password(viewer: Viewer, member: Member, now: datetime) -> None:
    """Draw the button for a member who forgot the password."""
    label = "Email a password link" if settings().sends_mail else "Make a password link"
    if not st.button(label, key=f"reset-{member.user_id}"):
        return
    try:
        link = accounts.reset_member(viewer.actor, member.user_id, now)
    except XenoError as error:
        messages.leave_error(error, _PLACE)
    else:
        if link is not None:
            links.keep_new_link(_link_place(member), link)
        else:
            messages.leave_success(f"We emailed a password link to {plain(member.email)}.", _PLACE)
    st.rerun()


def _draw_link(member: Member, link: str) -> None:
    place = _link_place(member)
    with st.container(border=True):
        st.markdown(f"Send this link to {plain(member.name)}. It sets a new password, once, within one hour.")
        st.code(link, language=None, wrap_lines=True)
        st.button("Done", key=f"forget-{place}", on_click=links.forget_new_link, args=(place,))


def _link_place(member: Member) -> str:
    return f"new password of {member.user_id}"


def _draw_removal(viewer: Viewer, member: Member, is_viewer: bool) -> None:
    """Draw what a removal means, and its button: one click alone could be a slip."""
    business, name = plain(viewer.tenant_name), plain(member.name)
    if is_viewer:
        st.write(f"You lose access to {business}. Only a new invitation lets you in again.")
    else:
        st.write(f"{name} loses access to {business}. You can invite them again at any time.")
    if st.button("Leave" if is_viewer else "Remove", key=f"remove-{member.user_id}", type="primary"):
        run_action(lambda: accounts.remove_member(viewer.actor, member.user_id), f"{name} is removed.", _PLACE)


def _draw_role(viewer: Viewer, member: Member, place: DeltaGenerator) -> None:
    chosen = place.selectbox(
        f"Role of {plain(member.name)}",
        list(ROLES),
        index=list(ROLES).index(member.role),
        format_func=ROLES.__getitem__,
        label_visibility="collapsed",
        # With the role in its key, the widget starts from the stored role after a change or a refusal.
        key=f"role-{member.user_id}-{member.role}",
    )
    if chosen != member.role:
        run_action(
            lambda: accounts.change_role(viewer.actor, member.user_id, chosen),
            f"Role of {plain(member.name)} changed.",
            _PLACE,
        )
