"""The days that the tab showed last. The choice of a custom period begins with them."""

from __future__ import annotations

from datetime import date

import streamlit as st

_KEY = "shown days"


def save(start: date, end: date) -> None:
    """Keep the first and last day of the page, in the store's time."""
    st.session_state[_KEY] = (start, end)


def load() -> tuple[date, date] | None:
    """The days that were kept last; None in a tab that opened with a custom period."""
    days: tuple[date, date] | None = st.session_state.get(_KEY)
    return days
