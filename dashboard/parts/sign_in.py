"""The sign-in page: streamlit-authenticator's forms over our users.

The forms are the library's; what stands behind them is not. Its own model looks names up in a dictionary that it
copies in each run, answers sooner for an unknown name than for a wrong password, and counts failures in that copy,
where another tab does not see them. So its model is replaced by one that asks `core.accounts`, which answers both
alike, in the same time, and makes a guesser wait over all processes. Its cookie is readable by scripts and signs in
again after signing out: the cookie's controller is replaced by one that has none.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel
from streamlit_authenticator.utilities import RegisterError, Validator

from core import accounts
from core.accounts import Client
from core.accounts.entries import MIN_PASSWORD
from core.config import DEMO_PASSWORD, DEMO_USER, settings
from core.errors import InvalidInput, XenoError
from dashboard.drawing.words import sentence
from dashboard.navigation import WORDMARK
from dashboard.state import browser, session
from dashboard.web import cookies

_SIGN_IN_WORDS = {
    "Form name": "Welcome back",
    "Username": "Email address",
    "Password": "Password",
    "Login": "Sign in",
}
# The form has a first and a last name; we need a person's and a business's.
_REGISTER_WORDS = {
    "Form name": "Begin with your business",
    "First name": "Your name",
    "Last name": "Name of your business",
    "Email": "Email address",
    "Password": "Password",
    "Repeat password": "Password again",
    "Register": "Create account",
}
_MAIL = ":material/mail:"


def show(now: datetime) -> None:
    """Draw the page; a right password, or a new account, leaves it."""
    with card():
        if not settings().registration_open:
            sign_in(now)
            return
        signing_in, registering = st.tabs(["Sign in", "Create account"])
        with signing_in:
            sign_in(now)
        with registering:
            _register(now)


def show_no_business(token: str, now: datetime) -> None:
    """Draw what a signed-in user sees who belongs to no business any more."""
    with card():
        st.write("You are signed in, but you belong to no business here any more.")
        st.write("Ask an owner to invite you again, or begin with a business of your own.")
        with st.form("business"):
            name = st.text_input("Name of your business")
            if st.form_submit_button("Create business", type="primary"):
                _begin_business(token, name, now)
        st.button("Sign out", icon=":material/logout:", on_click=session.sign_out, args=(now,))


class Forms(Authenticate):
    """The library's forms, without its cookie and with our model. What it relies on is pinned by a test."""

    def __init__(self, now: datetime) -> None:  # the library's own would mount its cookie component
        self.path = None
        self.attrs = {"login_sleep_time": 0, "password_instructions": f"At least {MIN_PASSWORD} characters."}
        self.cookie_controller = _NoCookie()
        self.accounts = _Accounts(now)
        self.authentication_controller = AuthenticationController({"usernames": {}}, _LeaveItToAccounts(), False)
        self.authentication_controller.authentication_model = self.accounts


class _Accounts(AuthenticationModel):
    """Answers the forms from the database; `ticket` is of who signed in, `user_id` who registered in this run."""

    def __init__(self, now: datetime) -> None:
        super().__init__({"usernames": {}}, auto_hash=False)
        self._now = now
        self.ticket: str | None = None
        self.user_id: int | None = None

    def login(self, username: str, password: str, *_: Any, **__: Any) -> bool:
        """Sign in with the form's entries. Raises the errors of `accounts.begin_sign_in`."""
        if not (username and password):
            raise InvalidInput("Type your email address and your password.")
        self.ticket = accounts.begin_sign_in(username, password, browser.nonce(), self._now, _client(username))
        return True

    def register_user(
        self, new_first_name: str, new_last_name: str, new_email: str, new_username: str, new_password: str, *_: Any
    ) -> tuple[str, str, str]:
        """Register with the form's entries. Raises the errors of `register_at_once`."""
        self.user_id = accounts.register_at_once(
            new_first_name, new_email, new_password, new_last_name, browser.client_address(), self._now
        )
        return new_email, new_username, new_first_name


class _NoCookie:
    """Stands where the library keeps its cookie."""

    def get_cookie(self) -> None:
        """There is none."""

    def set_cookie(self) -> None:
        """None is set."""


class _LeaveItToAccounts(Validator):
    """`core.accounts` says what may be typed, for this form and for every other door alike."""

    def validate_name(self, name: str) -> bool:
        return True

    def validate_email(self, email: str) -> bool:
        return True

    def validate_username(self, username: str) -> bool:
        return True

    def validate_password(self, password: str) -> bool:
        return True


def card(title: str = "Sign in") -> Any:
    """The middle of the page, under the product's name."""
    st.set_page_config(page_title=f"{title} · Xeno")
    with st.container(horizontal_alignment="center"):
        column = st.container(width=440)
    with column:
        st.space("medium")
        # Not st.image, which puts a full-screen button beside it; nor the SVG itself, which st.html takes out.
        drawing = base64.b64encode(WORDMARK.read_bytes()).decode()
        st.html(f'<img alt="Xeno" width="132" src="data:image/svg+xml;base64,{drawing}">')
        st.markdown("Your Shopify sales, as they happen.")
    return column


def sign_in(now: datetime) -> None:
    """Draw the form; a right password sends the browser on, and back to the address that it is at."""
    forms = Forms(now)
    try:
        forms.login(key="sign-in", fields=_SIGN_IN_WORDS)
        if forms.accounts.ticket is not None:
            session.redeem(forms.accounts.ticket)
    except XenoError as error:
        st.error(sentence(error))
    if settings().demo:
        _demo_hint()
    with st.expander("Forgot your password?"):
        _forgotten(now)


def _client(email: str) -> Client:
    """Where a sign-in with this address comes from."""
    return Client(browser.client_address(), cookies.device_token(st.context.cookies.to_dict(), email))


def _forgotten(now: datetime) -> None:
    """The way back: by mail, or where there is none, whom to ask. The answer is the same for every address."""
    if not settings().sends_mail:
        st.write("This server sends no mail. Ask an owner of your business for a link, on their Settings page.")
        st.write("The operator of the server makes one with this command:")
        st.code("python -m core.admin reset-password --email you@example.com", language=None, wrap_lines=True)
        return
    with st.form("forgotten"):
        email = st.text_input("Email address", type="email", autocomplete="username", key="forgotten-email")
        if not st.form_submit_button("Mail me a link"):
            return
    try:
        accounts.request_reset(email, browser.client_address(), now)
        st.info("If this address has an account, a link is on its way to it. It is good for one hour.", icon=_MAIL)
    except XenoError as error:
        st.error(sentence(error))


def _demo_hint() -> None:
    # Each on its own line: a phone would break the password at its hyphen.
    text = f"This is the demo. Sign in as  \n`{DEMO_USER}`  \nwith the password  \n`{DEMO_PASSWORD}`"
    st.info(text, icon=":material/science:")


def _register(now: datetime) -> None:
    if accounts.registers_at_once():
        _register_at_once(now)
    elif settings().sends_mail:
        _register_by_mail(now)
    else:
        st.write("Accounts are made by invitation here. Ask an owner of the business to invite you.")
        st.write("For a business of your own, the operator of this server makes a link with this command:")
        st.code("python -m core.admin registration-link --email you@example.com", language=None, wrap_lines=True)


def _register_at_once(now: datetime) -> None:
    forms = Forms(now)
    try:
        forms.register_user(
            key="register", fields=_REGISTER_WORDS, merge_username_email=True, captcha=False, password_hint=False
        )
        if forms.accounts.user_id is not None:
            session.sign_in(forms.accounts.user_id, now)
    except (XenoError, RegisterError) as error:
        st.error(sentence(error))


def _register_by_mail(now: datetime) -> None:
    """The answer is the same for every address: the mailbox alone learns whether it has an account."""
    with st.form("register-by-mail"):
        st.subheader("Begin with your business", anchor=False)
        st.write("We mail you a link. There you choose your password and name your business.")
        email = st.text_input("Email address", type="email", autocomplete="username", key="register-email")
        if not st.form_submit_button("Mail me a link"):
            return
    try:
        accounts.request_registration(email, browser.client_address(), now)
        st.info("A mail is on its way to this address. Open the link in it within a day.", icon=_MAIL)
    except XenoError as error:
        st.error(sentence(error))


def _begin_business(token: str, name: str, now: datetime) -> None:
    user_id = accounts.user_of(token, now)
    try:
        if user_id is not None:
            accounts.create_tenant(user_id, name, now)
    except XenoError as error:
        st.error(sentence(error))
        return
    st.rerun()
