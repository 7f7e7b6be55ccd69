"""Notices in place of figures: no store yet, no orders in the period, orders in other currencies."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.drawing import formats
from dashboard.filters import Filters

_STORES_PAGE = "app_pages/stores.py"


def draw_no_orders(filters: Filters) -> None:
    """Draw why the period has no orders, and what to do."""
    with st.container(border=True):
        if filters.store.complete_until is None:
            st.subheader(":material/sync: Your first sync has not finished", anchor=False)
            st.markdown("Orders appear here as they come in. The Stores page shows how far the sync is.")
            st.page_link(_STORES_PAGE, label="See the progress", icon=":material/arrow_forward:")
        else:
            st.subheader(":material/event_busy: No orders in this period", anchor=False)
            st.markdown("Choose a longer period above. A new order appears here within seconds.")


def draw_orders_left_out(filters: Filters, cure: str = "To see their figures, choose the currency above.") -> int:
    """Draw how many orders the figures leave out because of their currency; return that number."""
    if len(filters.store.currencies) == 1:
        return 0
    left_out = reads.left_out(*filters.cache_key, filters.period)
    if left_out:
        st.info(f"{formats.orders_left_out(left_out)} {cure}", icon=":material/currency_exchange:")
    return sum(currency.orders for currency in left_out)
