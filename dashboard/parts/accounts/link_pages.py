"""The pages behind links. Each works signed in and signed out, and says what to do where the link is not valid."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.accounts import LinkKind, OpenInvitation, UserView
from core.accounts.input_cleaning import normal_email
from core.errors import InvalidInput, NotFound, XenoError
from dashboard.drawing.words import ROLES, plain, sentence
from dashboard.parts.accounts.authenticator import draw_password_entries
from dashboard.parts.accounts.sign_in import draw_card, draw_sign_in
from dashboard.state import links, session

_TITLES = {
    LinkKind.INVITATION: "Invitation",
    LinkKind.RESET: "New password",
    LinkKind.REGISTRATION: "Create account",
}


def draw_link_page(kind: LinkKind, token: str, now: datetime) -> None:
    """Draw the page of a link; for an invalid link, the error and the next step."""
    with draw_card(_TITLES[kind]):
        try:
            links.repeat_finish(now)
            match kind:
                case LinkKind.INVITATION:
                    _draw_invitation(token, now)
                case LinkKind.RESET:
                    _draw_reset(token, now)
                case LinkKind.REGISTRATION:
                    _draw_registration(token, now)
        except NotFound as error:
            st.error(sentence(error), icon=":material/link_off:")
            if st.button("Go to Xeno", icon=":material/arrow_forward:"):
                links.leave_link()


def matching(passwords: tuple[str, str]) -> str:
    """Return the password, typed the same twice.

    Raises:
        InvalidInput: the two differ.
    """
    password, repetition = passwords
    if password.strip() != repetition.strip():
        raise InvalidInput("The two passwords differ; type both again.")
    return password


def _draw_invitation(token: str, now: datetime) -> None:
    offer = accounts.open_invitation(token, now)
    st.subheader(f"Join {plain(offer.tenant_name)}", anchor=False)
    st.write(f"{plain(offer.inviter)} invites you to {plain(offer.tenant_name)} on Xeno.")
    st.write(f"Your role there: {ROLES[offer.role]}.")
    user = session.signed_in_user(now)
    if user is not None:
        _draw_acceptance(token, offer, user, now)
        return
    register_tab, sign_in_tab = st.tabs(["Create account", "I have an account"])
    with register_tab:
        _draw_invited_registration(token, offer, now)
    with sign_in_tab:
        draw_sign_in(now)


def _draw_acceptance(token: str, offer: OpenInvitation, user: UserView, now: datetime) -> None:
    st.write(f"You are signed in as {plain(user.name)} ({plain(user.email)}).")
    if normal_email(user.email) != normal_email(offer.email):
        st.info(
            f"The invitation is for {plain(offer.email)}. "
            f"If you accept, your account {plain(user.email)} joins instead.",
            icon=":material/alternate_email:",
        )
    if st.button("Accept", type="primary", icon=":material/check:"):
        try:
            links.finish_link(now, tenant_id=accounts.accept_invitation(token, user.user_id, now))
        except XenoError as error:
            st.error(sentence(error), icon=":material/error:")
    st.button("Use another account", icon=":material/logout:", on_click=session.sign_out, args=(now,))
    if st.button("Not now"):
        links.leave_link()


def _draw_invited_registration(token: str, offer: OpenInvitation, now: datetime) -> None:
    with st.form("invited"):
        st.text_input("Email address", offer.email, disabled=True, autocomplete="username")
        name = st.text_input("Your name", autocomplete="name")
        passwords = draw_password_entries()
        if not st.form_submit_button("Create account and join", type="primary"):
            return
        try:
            user_id = accounts.register_invited(token, name, matching(passwords), now)
            links.finish_link(now, user_id=user_id)
        except XenoError as error:
            st.error(sentence(error), icon=":material/error:")


def _draw_reset(token: str, now: datetime) -> None:
    user = accounts.open_reset(token, now)
    st.subheader("Choose a new password", anchor=False)
    with st.form("reset"):
        st.text_input("Email address", user.email, disabled=True, autocomplete="username")
        passwords = draw_password_entries()
        st.caption("You are then signed in here, and signed out everywhere else.")
        if not st.form_submit_button("Set password", type="primary"):
            return
        try:
            links.finish_link(now, user_id=accounts.reset_password(token, matching(passwords), now))
        except XenoError as error:
            st.error(sentence(error), icon=":material/error:")


def _draw_registration(token: str, now: datetime) -> None:
    email = accounts.open_registration(token, now)
    st.subheader("Create your account", anchor=False)
    with st.form("registration"):
        st.text_input("Email address", email, disabled=True, autocomplete="username")
        name = st.text_input("Your name", autocomplete="name")
        business = st.text_input("Business name", autocomplete="organization")
        passwords = draw_password_entries()
        if not st.form_submit_button("Create account", type="primary"):
            return
        try:
            user_id = accounts.finish_registration(token, name, matching(passwords), business, now)
            links.finish_link(now, user_id=user_id)
        except XenoError as error:
            st.error(sentence(error), icon=":material/error:")
