"""Entries of forms: emptied after use because they hold secrets, or filled in for the user; and opened expanders."""

from __future__ import annotations

import streamlit as st

_ROUND = "round of "


def widget_key(form: str) -> str:
    """A key for the widgets of this form; `empty` changes it."""
    return f"{form}-{st.session_state.get(_ROUND + form, 0)}"


def empty(form: str) -> None:
    """Empty the widgets whose keys came from `widget_key`, from the next run on."""
    st.session_state[_ROUND + form] = st.session_state.get(_ROUND + form, 0) + 1


def fill(key: str, value: str | list[str]) -> None:
    """Fill in the widget of this key. Call it in a callback: a drawn widget keeps its entry."""
    st.session_state[key] = value


def open_expander(key: str) -> None:
    """Open the expander of this key, which reruns on a change. Call it in a callback."""
    st.session_state[key] = True
