"""One line on a store's card: the numbers of its records, and how far back its orders go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.metrics.sales.contents import Contents
from core.stores import StoreView
from dashboard import reads
from dashboard.drawing import formats


def draw_contents(store: StoreView, imported_at: datetime | None) -> None:
    """Draw the line; `imported_at` is the end of the last import. Without a record, draw nothing."""
    read_at = " ".join(str(moment) for moment in (store.complete_until, imported_at))
    contents = reads.contents(store.key, read_at)
    if contents.orders or contents.products or contents.customers:
        st.markdown(f":material/database: {contents_text(contents)}")


def contents_text(contents: Contents) -> str:
    """48,210 orders since 3 Jun 2024, 85 products and 410 customers. 40 of the orders come from CSV files."""
    since = f" since {formats.day(contents.first_day)}" if contents.first_day else ""
    parts: Sequence[str] = (
        f"{formats.counted(contents.orders, 'order')}{since}",
        formats.counted(contents.products, "product"),
        formats.counted(contents.customers, "customer"),
    )
    return f"{formats.listed(parts)}{_origin(contents)}."


def _origin(contents: Contents) -> str:
    """Which of the orders came by file."""
    if not contents.imported_orders:
        return ", all from Shopify"
    if contents.imported_orders == contents.orders:
        return ", the orders from CSV files"
    return f", {formats.count(contents.imported_orders)} of the orders from CSV files"
