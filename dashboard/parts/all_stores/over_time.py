"""The sum of all stores over time in its card, with the part of each store and the table of both."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Grain, local_day
from core.exchange.over_time import over_time
from core.exchange.side_by_side import Together
from core.exports.all_stores import OVER_TIME
from core.metrics.definitions import DEFINITIONS
from dashboard.drawing import formats, rate_words, together_chart
from dashboard.drawing.words import plain
from dashboard.filters import Days
from dashboard.parts.all_stores.side_by_side import file_address
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_figure
from dashboard.parts.chart_choices import draw_grain, draw_metric
from dashboard.parts.columns import Column, Kind

METRICS = ("net_sales", "total_sales")


def draw_over_time(together: Together, days: Days, into: str) -> None:
    """Draw the sum and its parts over time. One store has no sum, and a single day no line."""
    period = together.rows[0].figures.period
    if len(together.rows) < 2 or period.days == 1:
        return
    with st.container(border=True):
        head, choices = st.container(), st.container(horizontal=True, horizontal_alignment="distribute")
        with choices:
            metric, chosen = draw_metric(METRICS), draw_grain(period)
        grain = Grain.DAY if chosen is Grain.HOUR else chosen
        label = DEFINITIONS[metric].label
        title = f"{label} of all stores over time"
        with head:
            draw_head(title, file_address(OVER_TIME, together, into, grain), DEFINITIONS[metric].meaning)
        points = over_time(together, grain)
        today = min(local_day(days.now, row.figures.store.time_zone) for row in together.rows)
        columns = {"name": Column(grain.capitalize()), "whole": Column(together_chart.WHOLE, Kind.MONEY)} | {
            f"part {number}": Column(row.figures.store.name, Kind.MONEY) for number, row in enumerate(together.rows)
        }
        draw_figure(
            together_chart.plot(together, points, metric, grain, into, today),
            alt=f"{title} by {grain} in {into}, {formats.period(period)}",
            unit=f"in {into}, by {grain}, each day at the rate of its day and on its store’s calendar",
            rows=ChartRows(title, columns, together_chart.records(points, metric, grain), period.zone, into),
        )
        used = rate_words.all_rates(together.rows, into)
        if used:
            st.caption(f"Rates: {plain(used)}.")
        missing = rate_words.missing_rates(together.rows, into)
        if missing:
            gaps = "These days are gaps." if grain is Grain.DAY else f"Each {grain} with such a day is a gap."
            st.caption(f"{plain(missing)} {gaps}")
