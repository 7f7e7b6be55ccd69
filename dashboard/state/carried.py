"""The filters of the list that led to a record. The next page with filters takes them over."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

_KEY = "carried filters"


def save(filters: Mapping[str, str]) -> None:
    """Keep the filters, by the names that they have in an address; nothing in them is checked."""
    st.session_state[_KEY] = dict(filters)


def take() -> dict[str, str]:
    """The filters that were kept last, each once, without those that the tab has a choice of its own for."""
    filters: dict[str, str] = st.session_state.pop(_KEY, {})
    return {
        name: value for name, value in filters.items() if name not in st.query_params and name not in st.session_state
    }


def choose(name: str, value: str) -> None:
    """Set a filter and its parameter in the address, before its widget is drawn; the value must be one of its own."""
    st.session_state[name] = st.query_params[name] = value
