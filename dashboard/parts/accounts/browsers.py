"""The browsers where the user is signed in, on the Settings page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.accounts import SEEN_EVERY, BrowserView
from core.config import settings
from dashboard.drawing.formats import ago
from dashboard.drawing.words import plain
from dashboard.state import Viewer, messages
from dashboard.state import viewer as viewers
from dashboard.web.user_agents import browser_name

_PLACE = "browsers"


def draw_browsers(viewer: Viewer, now: datetime) -> None:
    """Draw the list, this browser first, with a button for each and one for all."""
    browsers = viewers.browsers(viewer, now)
    with st.container(border=True):
        st.markdown(f"**Signed in** ({len(browsers)})")
        messages.show(_PLACE)
        for browser in browsers:
            _draw_browser(viewer, browser, now)
        with st.popover("Sign out everywhere", icon=":material/logout:"):
            st.write("You sign in again in every browser of this list, this one too.")
            if st.button("Sign out everywhere", key="sign-out-everywhere", type="primary"):
                accounts.revoke_all(viewer.user_id, now)
                st.rerun()
        days = settings().session_idle_days
        st.caption(
            f"A browser is signed out automatically after {days} days without use. "
            "Is one of them not yours? Sign it out and change your password."
        )


def _draw_browser(viewer: Viewer, browser: BrowserView, now: datetime) -> None:
    # The database has the time of the last visit only to `SEEN_EVERY`.
    is_active = now - browser.last_seen_at < 2 * SEEN_EVERY
    last_use = "Active now" if is_active else f"Last seen {ago(browser.last_seen_at, now)}"
    # One row on a phone, too: columns would put each button below its browser.
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"{plain(browser_name(browser.user_agent))}{' (this browser)' if browser.is_this else ''}")
            st.caption(f"{last_use} · signed in {ago(browser.created_at, now)}")
        is_ended = not browser.is_this and st.button("Sign out", key=f"end-session-{browser.session_id}")
    if is_ended:
        accounts.end_session(viewer.user_id, browser.session_id, now)
        messages.leave_success(f"{plain(browser_name(browser.user_agent))} is signed out.", _PLACE)
        st.rerun()
