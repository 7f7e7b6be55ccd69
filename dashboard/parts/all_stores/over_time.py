"""The sum of all stores over time in its card, with the part of each store and the table of both.

A single day has a bar for each store instead.
"""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Grain, local_day
from core.exchange.over_time import over_time
from core.exchange.side_by_side import Together
from core.exports.all_stores import NAME, OVER_TIME
from core.metrics.definitions import DEFINITIONS
from dashboard.drawing import formats, together_chart
from dashboard.filters import Days
from dashboard.parts.all_stores.side_by_side import file_address
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_bar_list, draw_chart_rows, draw_figure
from dashboard.parts.chart_choices import draw_grain, draw_metric
from dashboard.parts.columns import Column, Kind

METRICS = ("net_sales", "total_sales")


def draw_over_time(together: Together, days: Days, into: str) -> None:
    """Draw the sum and its parts over time; of a single day, the stores as bars. One store has no sum."""
    period = together.rows[0].figures.period
    if len(together.rows) < 2:
        return
    if period.days == 1:
        _draw_day(together, into)
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
        plot = together_chart.plot(together, points, metric, grain, into, today)
        # Without the rates of the others, one store is left, and a single line has no legend.
        alone = f"{plot.series[0].name} alone, " if len(plot.series) == 1 else ""
        draw_figure(
            plot,
            alt=f"{title} by {grain} in {into}, {formats.period(period)}",
            unit=f"{alone}in {into}, by {grain}, each day at the rate of its day and on its store’s calendar",
            rows=ChartRows(title, columns, together_chart.records(points, metric, grain), period.zone, into),
        )
        if together.current is None:
            # Above the chart stands which rate is missing.
            gaps = (
                "Days without a rate"
                if grain is Grain.DAY
                else f"{grain.capitalize()}s that have a day without a rate"
            )
            st.caption(f"{gaps} are gaps.")


def _draw_day(together: Together, into: str) -> None:
    period = together.rows[0].figures.period
    with st.container(border=True):
        # The head stands first, but names the metric that is chosen below it.
        head = st.container()
        metric = draw_metric(METRICS)
        label = DEFINITIONS[metric].label
        title = f"{label} by store"
        with head:
            draw_head(title, file_address(NAME, together, into), DEFINITIONS[metric].meaning)
        st.caption(f"in {into}, of one day on each store’s calendar")
        draw_bar_list(title, together_chart.bars(together, metric, into))
        columns = {"store": Column("Store"), "day": Column("Day"), "value": Column(label, Kind.MONEY)}
        draw_chart_rows(ChartRows(title, columns, together_chart.day_records(together, metric), period.zone, into))
