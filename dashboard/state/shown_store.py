"""The store that the tab showed last. Another store begins with its own currency."""

from __future__ import annotations

import streamlit as st

_KEY = "shown store"


def is_another(store_id: int, currency: str) -> bool:
    """Whether the tab showed another store in its last run, under the same `currency` in the address.

    Back and Forward change both, so they keep the currency of their address.
    """
    last = st.session_state.get(_KEY, (store_id, currency))
    return bool(last[0] != store_id and last[1] == currency)


def save(store_id: int, currency: str) -> None:
    """Keep the store, and the currency in the address, for the next run."""
    st.session_state[_KEY] = (store_id, currency)


def set_choice(widget: str, value: str) -> None:
    """Set a choice of a store or a currency, by the key of its widget, before it is drawn."""
    st.session_state[widget] = value


def copy_choice(widget: str, source: str) -> None:
    """Set a choice to that of another widget, by their keys. A callback."""
    st.session_state[widget] = st.session_state[source]
