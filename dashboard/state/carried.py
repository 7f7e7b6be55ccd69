"""The filters of the list that led to a record. The next page with filters takes them over."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

_KEY = "carried filters"


def save(filters: Mapping[str, str]) -> None:
    """Keep the filters, by the names that they have in an address; nothing in them is checked."""
    st.session_state[_KEY] = dict(filters)


def take() -> dict[str, str]:
    """The filters that were kept last; each is returned once."""
    filters: dict[str, str] = st.session_state.pop(_KEY, {})
    return filters
