"""Forms whose entries are emptied after use, because they hold secrets."""

from __future__ import annotations

import streamlit as st

_ROUND = "round of "


def widget_key(form: str) -> str:
    """A key for the widgets of this form; `empty` changes it."""
    return f"{form}-{st.session_state.get(_ROUND + form, 0)}"


def empty(form: str) -> None:
    """Empty the widgets whose keys came from `widget_key`, from the next run on."""
    st.session_state[_ROUND + form] = st.session_state.get(_ROUND + form, 0) + 1
