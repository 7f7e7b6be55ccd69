"""streamlit-authenticator's checks over our users, behind forms of our own.

The library draws its entries with `autocomplete="off"`, which hides them from password managers; ours name their
content. Its own model looks names up in a dictionary that it copies in each run, answers sooner for an unknown name
than for a wrong password, and counts failures in that copy, which another tab does not see. Ours asks
`core.accounts`: that answers both alike, in the same time, and limits guesses over all processes. The library's
cookie is readable by scripts and signs in again after signing out, so there is none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel
from streamlit_authenticator.utilities import Validator

from core import accounts
from core.accounts import Client
from core.accounts.input_cleaning import MIN_PASSWORD
from core.errors import InvalidInput
from dashboard.state import browser
from dashboard.web import cookies

PASSWORD_RULE = f"At least {MIN_PASSWORD} characters."


class Forms:
    """The forms for signing in and registering. A test pins the library's internals used here."""

    def __init__(self, now: datetime) -> None:
        self.accounts = _Accounts(now)
        self._controller = AuthenticationController({"usernames": {}}, _AcceptAll(), False)
        self._controller.authentication_model = self.accounts

    def sign_in(self) -> None:
        """Draw the entries and the button. Raises the errors of `accounts.begin_sign_in`."""
        email = st.text_input("Email address", type="email", autocomplete="username", key="sign-in-email")
        password = st.text_input("Password", type="password", autocomplete="current-password", key="sign-in-password")
        if st.form_submit_button("Sign in", type="primary", width="stretch"):
            self._controller.login(email, password)

    def register(self) -> None:
        """Draw the entries and the button. Raises the errors of `accounts.register_at_once`, or RegisterError."""
        name = st.text_input("Your name", autocomplete="name", key="register-name")
        business = st.text_input("Business name", autocomplete="organization", key="register-business")
        email = st.text_input("Email address", type="email", autocomplete="username", key="register-email")
        passwords = draw_password_entries()
        if st.form_submit_button("Create account", type="primary", width="stretch"):
            self._controller.register_user(name, business, email, email, *passwords, password_hint="")


def draw_password_entries() -> tuple[str, str]:
    """Draw the two entries of a new password, and its rule; return both texts."""
    password = st.text_input("Password", type="password", autocomplete="new-password")
    st.caption(PASSWORD_RULE)
    repetition = st.text_input("Password again", type="password", autocomplete="new-password")
    return password, repetition


class _Accounts(AuthenticationModel):
    """Answers the forms from the database; `ticket` is of a sign-in, `user_id` of a registration in this run."""

    def __init__(self, now: datetime) -> None:
        super().__init__({"usernames": {}}, auto_hash=False)
        self._now = now
        self.ticket: str | None = None
        self.user_id: int | None = None

    def login(self, username: str, password: str, *_: Any, **__: Any) -> bool:
        """Sign in with the form's entries. Raises the errors of `accounts.begin_sign_in`."""
        if not (username and password):
            raise InvalidInput("Type your email address and your password.")
        self.ticket = accounts.begin_sign_in(username, password, browser.nonce(), self._now, client_of(username))
        return True

    def register_user(
        self, new_first_name: str, new_last_name: str, new_email: str, new_username: str, new_password: str, *_: Any
    ) -> tuple[str, str, str]:
        """Register with the form's entries. Raises the errors of `register_at_once`."""
        self.user_id = accounts.register_at_once(
            new_first_name, new_email, new_password, new_last_name, browser.client_address(), self._now
        )
        return new_email, new_username, new_first_name


class _AcceptAll(Validator):
    """Accepts every entry: `core.accounts` checks them, for this form and for all others."""

    def validate_name(self, name: str) -> bool:
        return True

    def validate_email(self, email: str) -> bool:
        return True

    def validate_username(self, username: str) -> bool:
        return True

    def validate_password(self, password: str) -> bool:
        return True


def client_of(email: str) -> Client:
    """The network address and device of a sign-in with this email address."""
    return Client(browser.client_address(), cookies.device_token(st.context.cookies.to_dict(), email))
