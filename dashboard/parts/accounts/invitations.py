"""Invitations on the Settings page: the form, a new link, and the list with its states."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.accounts import InvitationState, InvitationView, Role
from core.config import settings
from core.errors import XenoError
from dashboard.drawing.formats import ago
from dashboard.drawing.words import ROLES, plain
from dashboard.parts.actions import run_action
from dashboard.state import Viewer, forms, links, messages

_PLACE = "invitation"
_LIST = "list of invitations"


def draw_invitations(viewer: Viewer, now: datetime) -> None:
    """Draw the form, the newest link, and the list."""
    _draw_form(viewer, now)
    if link := links.new_link(_PLACE):
        _draw_link(link)
    invitations = accounts.invitations(viewer.actor, now)
    if invitations:
        with st.container(border=True):
            st.markdown("**Invitations**")
            messages.show(_LIST)
            for invitation in invitations:
                _draw_invitation(viewer, invitation, now)


def _draw_form(viewer: Viewer, now: datetime) -> None:
    with st.form("invite"):
        st.markdown("**Invite a member**")
        key = forms.widget_key("invite")
        address, right, send = st.columns([5, 5, 2], vertical_alignment="bottom")
        email = address.text_input(
            "Email address to invite",
            key=f"invite-email-{key}",
            type="email",
            placeholder="name@example.com",
            autocomplete="off",
        )
        role = right.selectbox("Role", list(ROLES), index=2, format_func=ROLES.__getitem__, key=f"invite-role-{key}")
        is_sent = send.form_submit_button("Invite", icon=":material/person_add:", type="primary")
        messages.show(_PLACE)
    if not is_sent:
        return
    try:
        _show_or_mail(accounts.invite(viewer.actor, email, Role(role), now), email)
        forms.empty("invite")
    except XenoError as error:
        messages.leave_error(error, _PLACE)
    st.rerun()


def _show_or_mail(link: str | None, email: str, place: str = _PLACE) -> None:
    if link is not None:
        links.keep_new_link(_PLACE, link)
    else:
        messages.leave_success(f"We emailed an invitation to {plain(email.strip())}.", place)


def _draw_link(link: str) -> None:
    with st.container(border=True):
        st.markdown("Send this link to the person. It works once, for seven days.")
        st.code(link, language=None, wrap_lines=True)
        st.button("Done", key="forget-invitation-link", on_click=links.forget_new_link, args=(_PLACE,))


def _draw_invitation(viewer: Viewer, invitation: InvitationView, now: datetime) -> None:
    who, status, renew, revoke = st.columns([5, 4, 2, 2], vertical_alignment="center")
    who.text(invitation.email)
    status.text(f"{invitation.role.capitalize()} · {_state(invitation, now)}")
    if invitation.mail_note and invitation.state is InvitationState.OPEN:
        status.caption(f":material/warning: {plain(invitation.mail_note)}. Check the address, and invite again.")
    number = invitation.invitation_id
    again = "Send again" if settings().sends_mail else "New link"
    if invitation.state is not InvitationState.ACCEPTED and renew.button(again, key=f"renew-{number}"):
        try:
            _show_or_mail(accounts.renew_invitation(viewer.actor, number, now), invitation.email, _LIST)
        except XenoError as error:
            messages.leave_error(error, _LIST)
        st.rerun()
    if invitation.state is InvitationState.OPEN and revoke.button("Revoke", key=f"revoke-{number}"):
        links.forget_new_link(_PLACE)
        run_action(
            lambda: accounts.revoke_invitation(viewer.actor, number, now),
            f"{plain(invitation.email)} can no longer join.",
            _LIST,
        )


def _state(invitation: InvitationView, now: datetime) -> str:
    if invitation.state is not InvitationState.OPEN:
        return invitation.state.value
    days = -(-(invitation.expires_at - now).total_seconds() // 86_400)
    return f"invited {ago(invitation.created_at, now)}, open for {days:.0f} day{'' if days == 1 else 's'}"
