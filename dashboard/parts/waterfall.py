"""The way from gross to total sales on Overview, as a waterfall."""

from __future__ import annotations

from core.metrics.overview import Headline
from dashboard.drawing import formats, waterfall_chart
from dashboard.filters import Filters
from dashboard.parts.cards import ChartRows, draw_chart
from dashboard.parts.columns import Column, Kind
from dashboard.parts.over_time import over_time_csv

TITLE = "Gross to total sales"


def draw_waterfall(figures: Headline, filters: Filters) -> None:
    """Draw the steps in their card; its download has them day by day."""
    steps = waterfall_chart.steps(figures)
    currency = filters.currency
    tips = f", without tips ({formats.money(figures.tips, currency)})" if figures.tips else ""
    draw_chart(
        TITLE,
        waterfall_chart.waterfall(steps, currency),
        alt=f"Total sales of {formats.money(figures.total_sales, currency)} step by step from gross sales of "
        f"{formats.money(figures.gross_sales, currency)}",
        csv=over_time_csv("sales-over-time", filters),
        unit=f"in {currency}{tips}",
        rows=ChartRows(
            TITLE,
            {"step": Column("Step"), "amount": Column("Amount", Kind.MONEY)},
            [{"step": step.label, "amount": step.amount} for step in steps],
            filters.store.time_zone,
            currency,
        ),
    )
