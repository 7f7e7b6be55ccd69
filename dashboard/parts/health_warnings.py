"""The warnings of the Data health page beside the days: sales of unknown kinds."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.metrics.health import UnknownSale
from dashboard.drawing import formats
from dashboard.drawing.words import plain


def unknown_sales(orders: Sequence[UnknownSale]) -> None:
    """The orders with sales of a kind that is not known here, some of them by name; nothing where there are none."""
    if not orders:
        return
    every = orders[0].every
    label = "1 order has sales" if every == 1 else f"{formats.count(every)} orders have sales"
    named = "; ".join(f"{plain(each.name)}: {plain(formats.money(each.amount, each.currency))}" for each in orders)
    others = f"; and {formats.count(every - len(orders))} more" if every > len(orders) else ""
    st.warning(
        f"**{label} of a kind that Xeno does not know yet**: {named}{others}. These sales are in no figure; the rest "
        "of each order is. A newer version of Xeno may know them: tell your operator.",
        icon=":material/help:",
    )
