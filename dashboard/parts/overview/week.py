"""When customers buy: orders by weekday and hour."""

from __future__ import annotations

import streamlit as st

from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.components import Component
from dashboard.drawing import week_grid
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import ChartRows, draw_chart_rows
from dashboard.parts.columns import Column, Kind, metric_column

TITLE = "When customers buy"
_HEAT = Component("heat")


def draw_week(filters: Filters) -> None:
    """Draw the grid in its card."""
    sums = reads.week_hours(*filters.cache_key, filters.period)
    columns = {
        "name": Column("Weekday and hour"),
        "orders": metric_column("orders", Kind.COUNT),
        "net_sales": metric_column("net_sales"),
    }
    csv = csv_address("sales-by-weekday-and-hour", filters.store.store_id, filters.period, **filters.currency_filter)
    with st.container(border=True, height="stretch"):
        draw_head(TITLE, csv)
        st.caption(plain(f"orders by weekday and hour of the store. {week_grid.busiest(sums)}"))
        _HEAT.mount(f"heat of {TITLE}", week_grid.payload(sums, filters.currency))
        draw_chart_rows(ChartRows(TITLE, columns, week_grid.records(sums), filters.store.time_zone, filters.currency))
