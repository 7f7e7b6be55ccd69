"""Links: the one that opened this tab, and those that were made on a page to be passed on."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

import streamlit as st

from core.accounts import LinkKind
from dashboard.state import browser, session
from dashboard.web import cookies

_OPENED = "token of the link of kind "
_MADE = "new link for "
_FINISHED = "what the link of this tab led to"


def opened_link() -> tuple[LinkKind, str] | None:
    """The kind and token of the link that opened this tab; the token is empty if the browser kept none."""
    name = st.query_params.get("link", "")
    if name not in set(LinkKind):
        return None
    kind = LinkKind(name)
    session.token()  # leaves a page that another user of this browser opened
    if _OPENED + kind not in st.session_state:
        st.session_state[_OPENED + kind] = cookies.link_token(st.context.cookies.to_dict(), kind)
    return kind, st.session_state[_OPENED + kind]


def finish_link(now: datetime, user_id: int | None = None, tenant_id: int | None = None) -> NoReturn:
    """Leave the page of a used link: sign the user in, or switch to the business.

    The tab remembers the target, because the link is used up now: a second click goes the same way.

    Raises:
        NotSignedIn: the browser accepts no cookies.
    """
    st.session_state[_FINISHED] = (user_id, tenant_id)
    if tenant_id is not None:
        session.switch_tenant(tenant_id, now)
    if user_id is not None:
        session.sign_in(user_id, now, "/")
    browser.go("/")


def repeat_finish(now: datetime) -> None:
    """Leave the page again if the link of this tab is used already."""
    if _FINISHED in st.session_state:
        finish_link(now, *st.session_state[_FINISHED])


def leave_link() -> NoReturn:
    """Leave the page of a link for the Overview, or for the sign-in page."""
    browser.go("/")


def keep_new_link(place: str, address: str) -> None:
    """Keep a link for `new_link`, so that its maker can pass it on. It is stored nowhere else."""
    st.session_state[_MADE + place] = address


def new_link(place: str) -> str | None:
    """The link that was made last at this place of the page."""
    link: str | None = st.session_state.get(_MADE + place)
    return link


def forget_new_link(place: str) -> None:
    """Stop showing the link. A callback."""
    st.session_state.pop(_MADE + place, None)
