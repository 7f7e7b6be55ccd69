"""Parts of the Checkouts page: carts that were filled, and those that were left before a checkout."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Grain
from core.metrics.checkouts.carts import Carts
from core.metrics.checkouts.report import Aging
from core.privacy.retention import CARTS
from dashboard import reads
from dashboard.drawing import charts, checkout_words, frames
from dashboard.filters import Filters
from dashboard.parts.columns import Column, Kind
from dashboard.parts.counts_over_time import Counts, draw_counts_over_time
from dashboard.parts.figures import draw_figures

FIGURES = (
    "carts_filled",
    "carts_to_checkout",
    "carts_left",
    "carts_open",
    "cart_checkout_rate",
    "carts_left_value",
)
_COLUMNS = {
    "filled": Column("Filled", Kind.COUNT),
    "to_checkout": Column("Reached a checkout", Kind.COUNT),
    "left": Column("Left", Kind.COUNT),
    "open": Column("Still open", Kind.COUNT),
}


def draw_carts(filters: Filters, aging: Aging, grain: Grain) -> None:
    """Draw the carts of the period; a sentence in their place where Shopify sent none."""
    st.subheader("Carts", anchor=False)
    totals = reads.carts(*filters.cache_key, filters.period, aging)
    if totals.oldest is None:
        st.markdown(checkout_words.NO_CARTS)
        return
    draw_figures(FIGURES, totals, _before(filters, aging), filters, label="Carts")
    st.caption(checkout_words.carts_known(totals.oldest, CARTS))
    if filters.period.days > 1 and totals.carts_filled:
        _draw_over_time(filters, aging, grain)


def _before(filters: Filters, aging: Aging) -> Carts | None:
    """The carts of the compared period; None if days of it are older than all carts: these were never received."""
    if filters.compared is None:
        return None
    before = reads.carts(*filters.cache_key, filters.compared, aging)
    return before if before.oldest and before.oldest < filters.compared.start else None


def _draw_over_time(filters: Filters, aging: Aging, grain: Grain) -> None:
    counts = Counts(
        "carts",
        _COLUMNS,
        "open",
        lambda chosen: frames.carts(
            reads.carts_over_time(*filters.cache_key, filters.period, aging, chosen),
            filters.period,
            filters.now,
            chosen,
        ),
        charts.carts,
    )
    draw_counts_over_time(counts, filters, grain)
