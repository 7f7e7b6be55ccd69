"""The part of Settings that invites people, shows a new link, and lists the invitations with their states."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.accounts import InvitationState, InvitationView, Role
from core.config import settings
from core.errors import XenoError
from dashboard.drawing.formats import ago
from dashboard.drawing.words import ROLES, plain
from dashboard.parts.settings_forms import act
from dashboard.state import Viewer, forms, links, messages

_PLACE = "invitation"


def draw(viewer: Viewer, now: datetime) -> None:
    """Draw the form, the link that was made last, and the list."""
    messages.show(_PLACE)
    _form(viewer, now)
    if link := links.new_link(_PLACE):
        _link(link)
    invitations = accounts.invitations(viewer.actor, now)
    if invitations:
        with st.container(border=True):
            st.markdown("**Invitations**")
            for invitation in invitations:
                _invitation(viewer, invitation, now)


def _form(viewer: Viewer, now: datetime) -> None:
    with st.form("invite"):
        st.markdown("**Invite somebody**")
        key = forms.widget_key("invite")
        email = st.text_input(
            "Email address to invite",
            key=f"invite-email-{key}",
            type="email",
            placeholder="name@example.com",
            autocomplete="off",
        )
        role = st.selectbox("Role", list(ROLES), index=2, format_func=ROLES.__getitem__, key=f"invite-role-{key}")
        if not st.form_submit_button("Invite", icon=":material/person_add:"):
            return
    try:
        _pass_on(accounts.invite(viewer.actor, email, Role(role), now), email)
        forms.empty("invite")
    except XenoError as error:
        messages.leave_error(error, _PLACE)
    st.rerun()


def _pass_on(link: str | None, email: str) -> None:
    if link is not None:
        links.keep_new_link(_PLACE, link)
    else:
        messages.leave_success(f"An invitation is on its way to {plain(email.strip())}.", _PLACE)


def _link(link: str) -> None:
    with st.container(border=True):
        st.markdown("Pass this link on. It lets one person join, within seven days.")
        st.code(link, language=None, wrap_lines=True)
        st.button("Done", key="forget-invitation-link", on_click=links.forget_new_link, args=(_PLACE,))


def _invitation(viewer: Viewer, invitation: InvitationView, now: datetime) -> None:
    who, what, renew, revoke = st.columns([5, 4, 2, 2], vertical_alignment="center")
    who.text(invitation.email)
    what.text(f"{invitation.role.capitalize()} · {_state(invitation, now)}")
    if invitation.mail_note and invitation.state is InvitationState.OPEN:
        what.caption(f":material/warning: {plain(invitation.mail_note)}. Check the address, and invite again.")
    number = invitation.invitation_id
    again = "Send again" if settings().sends_mail else "New link"
    if invitation.state is not InvitationState.ACCEPTED and renew.button(again, key=f"renew-{number}"):
        try:
            _pass_on(accounts.renew_invitation(viewer.actor, number, now), invitation.email)
        except XenoError as error:
            messages.leave_error(error, _PLACE)
        st.rerun()
    if invitation.state is InvitationState.OPEN and revoke.button("Revoke", key=f"revoke-{number}"):
        links.forget_new_link(_PLACE)
        act(
            lambda: accounts.revoke_invitation(viewer.actor, number, now),
            f"{plain(invitation.email)} can no longer join.",
            _PLACE,
        )


def _state(invitation: InvitationView, now: datetime) -> str:
    if invitation.state is not InvitationState.OPEN:
        return invitation.state.value
    days = -(-(invitation.expires_at - now).total_seconds() // 86_400)
    return f"invited {ago(invitation.created_at, now)}, open for {days:.0f} day{'' if days == 1 else 's'}"
