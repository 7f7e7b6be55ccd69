"""The way into the demo's business, which exists only where Shopify is the simulator."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core import accounts
from core.config import DEMO_PASSWORD, DEMO_USER, settings
from core.errors import XenoError
from dashboard.drawing.words import sentence
from dashboard.parts.accounts.authenticator import client_of
from dashboard.state import browser, session


def is_demo() -> bool:
    """Whether this installation is the demo, whose Shopify is the simulator."""
    return settings().demo and settings().simulator_url is not None


def draw_entry(label: str, now: datetime, is_main: bool = True) -> None:
    """Draw the button that signs in as the demo's user.

    It checks the published password as the form does: where that password opens nothing, neither does the button.
    """
    kind = "primary" if is_main else "secondary"
    if st.button(label, type=kind, icon=":material/science:", width="stretch", key="open-demo"):  # type: ignore[arg-type]
        try:
            client = client_of(DEMO_USER)
            ticket = accounts.begin_sign_in(DEMO_USER, DEMO_PASSWORD, browser.nonce(), now, client)
            session.redeem(ticket, "/")
        except XenoError as error:
            st.error(sentence(error), icon=":material/error:")
