"""Parts of the Checkouts page: carts that were filled, and those that were left before a checkout."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Grain
from core.metrics.checkouts.carts import Carts
from core.metrics.checkouts.report import Aging
from core.privacy.retention import CARTS
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import charts, checkout_words, formats, frames
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.columns import Column, Kind
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
    with st.container(border=True):
        store_id, chosen = filters.store.store_id, filters.currency_filter | {"grain": str(grain)}
        address = csv_address("carts-over-time", store_id, filters.period, **chosen)
        draw_head("Carts by the day they began", address)
        points = reads.carts_over_time(*filters.cache_key, filters.period, aging, grain)
        rows = frames.carts(points, filters.period, filters.now, grain)
        columns = {"name": Column(grain.capitalize())} | _COLUMNS
        draw_figure(
            charts.carts(rows, grain),
            alt=f"Carts by {grain}: {formats.count(sum(row['filled'] for row in rows))} filled",
            unit=f"number of carts, by {grain}; open ones are not settled yet",
            rows=ChartRows(
                "Carts over time",
                columns,
                frames.columns_of(rows, columns),
                filters.period.zone,
                filters.currency,
            ),
        )
