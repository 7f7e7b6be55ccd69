"""The choice of light or dark, on the Settings page and in the account's menu."""

from __future__ import annotations

import streamlit as st

from core import accounts
from core.accounts import Theme
from dashboard.state import Viewer, browser

_NAMES = {Theme.SYSTEM: "System", Theme.LIGHT: "Light", Theme.DARK: "Dark"}


def draw_theme(viewer: Viewer, place: str, is_titled: bool = False) -> None:
    """Draw the choice, without its label if a title stands above it. A change loads the page in its new colours.

    `place` is unique in a run.
    """
    chosen = st.segmented_control(
        "Appearance",
        list(_NAMES),
        default=viewer.theme,
        format_func=_NAMES.__getitem__,
        required=True,
        label_visibility="collapsed" if is_titled else "visible",
        # With the saved theme in its key, the widget starts from it after a change in another browser.
        key=f"theme-{place}-{viewer.theme}",
    )
    if chosen in _NAMES and chosen != viewer.theme:
        accounts.save_theme(viewer.user_id, Theme(chosen))
        browser.load_theme()
