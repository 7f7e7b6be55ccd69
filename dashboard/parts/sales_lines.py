"""The way from gross to total sales on Overview: a waterfall, each line with its amount and its change."""

from __future__ import annotations

from core.metrics.sales.overview import Headline
from dashboard.drawing import tiles
from dashboard.filters import Filters
from dashboard.parts.card_grid import Card, draw_cards
from dashboard.parts.over_time import over_time_csv

TITLE = "Gross to total sales"


def draw_sales_lines(current: Headline, earlier: Headline | None, filters: Filters) -> None:
    """Draw the lines in their card. `earlier` is None without a comparison."""
    draw_cards(TITLE, [sales_lines_card(current, earlier, filters)])


def sales_lines_card(current: Headline, earlier: Headline | None, filters: Filters) -> Card:
    """The card of the lines; its download has them day by day."""
    content = tiles.lines_payload(TITLE, tiles.sales_lines(current, earlier, filters.currency))
    csv = over_time_csv("sales-over-time", filters)
    return Card(TITLE, csv, "tile", content, unit=f"in {filters.currency}", is_wide=True)
