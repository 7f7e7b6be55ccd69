"""The way from gross to total sales on Overview: a waterfall, each line with its amount and its change."""

from __future__ import annotations

import streamlit as st

from core.metrics.sales.overview import Headline
from dashboard.drawing import tiles
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.figures import draw_lines
from dashboard.parts.over_time import over_time_csv

TITLE = "Gross to total sales"


def draw_sales_lines(current: Headline, earlier: Headline | None, filters: Filters) -> None:
    """Draw the lines in their card; its download has them day by day. `earlier` is None without a comparison."""
    with st.container(border=True, height="stretch"):
        draw_head(TITLE, over_time_csv("sales-over-time", filters))
        st.caption(plain(f"in {filters.currency}"))
        draw_lines(TITLE, tiles.sales_lines(current, earlier, filters.currency))
