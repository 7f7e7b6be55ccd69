"""The session of this tab: its token, signing in and out, and switching the business."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import accounts
from core.accounts import SessionView, UserView
from core.errors import NotSignedIn
from dashboard.state import browser
from dashboard.web import cookies, visitors

_TENANT = "tenant_id"
_TOKEN = "session_token"  # noqa: S105  # a key, not a secret


def token() -> str | None:
    """The token that this tab was opened with; None without one.

    The tab keeps it: if somebody else signs in with the same browser, a reconnecting socket must not hand them the
    text that was typed here.
    """
    if _TOKEN not in st.session_state:
        _reload_page_of_another_user()
        cookie = cookies.session_token(st.context.cookies.to_dict())
        if cookie is None:
            return None
        st.session_state[_TOKEN] = cookie
    stored: str = st.session_state[_TOKEN]
    return stored


def has_token() -> bool:
    """Whether this tab was opened with a session, even one that has ended."""
    return _TOKEN in st.session_state


def current(now: datetime) -> SessionView | None:
    """The valid session of this tab; None without one. It is read again in every run.

    So a user who signed out elsewhere, was removed or changed the password is out at the next click.
    """
    session_token = token()
    return accounts.session_of(session_token, now) if session_token else None


def keep_tenant(tenant_id: int) -> None:
    """Remember the business of this tab; leave the page if another tab has switched it.

    Entries typed here were meant for the first business.
    """
    if st.session_state.setdefault(_TENANT, tenant_id) != tenant_id:
        browser.go("/")


def signed_in_user(now: datetime) -> UserView | None:
    """The user who is signed in with this browser, even one without a business."""
    session_token = token()
    return accounts.user_of_session(session_token, now) if session_token else None


def leave_if_ended(now: datetime) -> None:
    """Leave the page if its session has ended: nothing of it may stay in the tab for the next user."""
    session_token = token()
    if session_token is not None and accounts.user_of(session_token, now) is None:
        browser.go("/auth/sign-out?" + urlencode({"next": browser.current_address()}))


def sign_in(user_id: int, now: datetime, target: str | None = None) -> NoReturn:
    """Send the browser to the route that sets its cookie, then to `target`, or back to its current address.

    Raises:
        NotSignedIn: the browser accepts no cookies.
    """
    nonce = browser.nonce()
    if not nonce:
        raise NotSignedIn("Your browser did not accept a cookie, which signing in needs; allow cookies and reload.")
    redeem(accounts.issue_ticket(user_id, nonce, now), target)


def redeem(ticket: str, target: str | None = None) -> NoReturn:
    """Send the browser with a ticket to the route that sets its cookie, then to `target` or its current address."""
    browser.go("/auth/finish?" + urlencode({"ticket": ticket, "next": target or browser.current_address()}))


def sign_out(now: datetime) -> None:
    """End the session at once; the next run finds it ended and leaves the page. A callback."""
    session_token = token()
    if session_token:
        accounts.revoke(session_token, now)


def switch_tenant(tenant_id: int, now: datetime) -> NoReturn:
    """Switch to another business on a fresh page: nothing of the first one stays in the tab.

    Raises:
        NotAllowed: the viewer is no member there.
    """
    session_token = token()
    if session_token:
        accounts.switch_tenant(session_token, tenant_id, now)
    browser.go("/")


def _reload_page_of_another_user() -> None:
    """Load the page afresh if another user of this browser opened it: its widgets hold their entries."""
    context = get_script_run_ctx()
    if visitors.owners.is_refused_resume(st.context.headers):
        browser.go(browser.current_address())
    if context is not None:
        visitors.owners.record(context.session_id, st.context.headers)
