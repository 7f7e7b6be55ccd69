"""The sign-in page: signing in, a forgotten password, and creating an account."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import streamlit as st
from streamlit_authenticator.utilities import RegisterError

from core import accounts
from core.config import DEMO_PASSWORD, DEMO_USER, settings
from core.errors import XenoError
from dashboard.drawing.words import plain, sentence
from dashboard.navigation import WORDMARK
from dashboard.parts.accounts import demo
from dashboard.parts.accounts.authenticator import Forms
from dashboard.state import browser, session

_MAIL = ":material/mail:"
_ERROR = ":material/error:"


def draw_sign_in_page(now: datetime) -> None:
    """Draw the page; signing in, or a new account, leaves it."""
    with draw_card():
        if not settings().registration_open:
            draw_sign_in(now)
            return
        sign_in_tab, register_tab = st.tabs(["Sign in", "Create account"])
        with sign_in_tab:
            draw_sign_in(now)
        with register_tab:
            _draw_register(now)


def draw_no_business_page(token: str, now: datetime) -> None:
    """Draw the page of a signed-in user without a business."""
    with draw_card():
        st.write("You are not a member of any business yet.")
        st.write("Ask an owner to invite you, or create your own business.")
        with st.form("business"):
            name = st.text_input("Business name", autocomplete="organization")
            if st.form_submit_button("Create business", type="primary"):
                _create_business(token, name, now)
        st.button("Sign out", icon=":material/logout:", on_click=session.sign_out, args=(now,))


def draw_card(title: str = "Sign in") -> Any:
    """Draw the product's name; return the column in the middle of the page."""
    st.set_page_config(page_title=f"{title} · Xeno")
    with st.container(horizontal_alignment="center"):
        column = st.container(width=440)
    with column:
        st.space("medium")
        # st.image would add a full-screen button, and st.html would remove an inline SVG.
        drawing = base64.b64encode(WORDMARK.read_bytes()).decode()
        st.html(f'<img alt="Xeno" width="132" src="data:image/svg+xml;base64,{drawing}">')
        st.markdown("Your Shopify sales, as they happen.")
    return column


def draw_sign_in(now: datetime) -> None:
    """Draw the form; after signing in, the browser comes back to its current address."""
    if demo.is_demo():
        demo.draw_entry("Open the demo", now)
        st.caption(f"Or sign in as {plain(DEMO_USER)} with the password {plain(DEMO_PASSWORD)}.")
    forms = Forms(now)
    with st.form("sign-in"):
        try:
            forms.sign_in()
            if forms.accounts.ticket is not None:
                session.redeem(forms.accounts.ticket)
        except XenoError as error:
            st.error(sentence(error), icon=_ERROR)
    with st.expander("Forgot your password?"):
        _draw_forgotten(now)


def _draw_forgotten(now: datetime) -> None:
    """Draw the form that mails a link, or without mail, whom to ask.

    The answer is the same for every address, so it does not reveal which ones have an account.
    """
    if not settings().sends_mail:
        st.write("This server cannot send email. Ask an owner of your business for a link, on their Settings page.")
        st.write("The operator of this server can make one with this command:")
        st.code("python -m core.admin reset-password --email you@example.com", language=None, wrap_lines=True)
        return
    with st.form("forgotten"):
        email = st.text_input("Email address", type="email", autocomplete="username", key="forgotten-email")
        if not st.form_submit_button("Email me a link"):
            return
        try:
            accounts.request_reset(email, browser.client_address(), now)
            st.info("If this address has an account, we emailed it a link. The link works for one hour.", icon=_MAIL)
        except XenoError as error:
            st.error(sentence(error), icon=_ERROR)


def _draw_register(now: datetime) -> None:
    if accounts.can_register_at_once():
        _draw_registration(now)
    elif settings().sends_mail:
        _draw_registration_by_mail(now)
    else:
        st.write("You need an invitation. Ask an owner of your business for one.")
        st.write("To start your own business, ask the operator of this server for a link. This command makes one:")
        st.code("python -m core.admin registration-link --email you@example.com", language=None, wrap_lines=True)


def _draw_registration(now: datetime) -> None:
    forms = Forms(now)
    with st.form("register"):
        try:
            forms.register()
            if forms.accounts.user_id is not None:
                session.sign_in(forms.accounts.user_id, now)
        except (XenoError, RegisterError) as error:
            st.error(sentence(error), icon=_ERROR)


def _draw_registration_by_mail(now: datetime) -> None:
    """Draw the form that mails a link. The answer is the same for every address, with an account or without."""
    with st.form("register-by-mail"):
        st.subheader("Create your account", anchor=False)
        st.write("We email you a link. It opens the page where you choose your password.")
        email = st.text_input("Email address", type="email", autocomplete="username", key="register-email")
        if not st.form_submit_button("Email me a link", type="primary", width="stretch"):
            return
        try:
            accounts.request_registration(email, browser.client_address(), now)
            st.info("Check your inbox: we emailed you a link. It works for one day.", icon=_MAIL)
        except XenoError as error:
            st.error(sentence(error), icon=_ERROR)


def _create_business(token: str, name: str, now: datetime) -> None:
    user_id = accounts.user_of(token, now)
    try:
        if user_id is not None:
            accounts.create_tenant(user_id, name, now)
    except XenoError as error:
        st.error(sentence(error), icon=_ERROR)
        return
    st.rerun()
