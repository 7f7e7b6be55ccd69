"""The chart of sales on Overview: over time, and for the running day its running total beside other days."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Grain, Period, local_day
from dashboard import reads
from dashboard.drawing import formats, pace_chart, sentences
from dashboard.drawing.pace_chart import COMPARED, TODAY, WEEK_BEFORE
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.cards import draw_figure
from dashboard.parts.columns import Column
from dashboard.parts.over_time import OverTime, draw_report_over_time, over_time_card

METRICS = ("net_sales", "total_sales", "orders")


def draw_sales(filters: Filters) -> Grain:
    """Draw the chosen metric over the period, or over the running day; return the chosen width of a point."""
    if not filters.is_today:
        return draw_report_over_time(filters, METRICS)
    with over_time_card(filters, "sales-over-time", METRICS, "{} today") as chart:
        _draw_today(chart)
    return chart.grain


def _draw_today(chart: OverTime) -> None:
    filters, metric, zone = chart.filters, chart.metric, chart.filters.period.zone
    days = _days(filters)
    paces = dict(zip(days, reads.paces(*filters.cache_key, tuple(days.values())), strict=True))
    names = {name: _name(day, filters) for name, day in days.items()}
    said = [
        plain(sentences.pace(paces[TODAY], paces[name], metric, _within(names[name]), filters.currency))
        for name in (COMPARED, WEEK_BEFORE)
        if name in paces
    ]
    if said:
        st.markdown(" ".join([f"**{said[0]}**", *said[1:]]))
    records = pace_chart.pace_records(paces, metric, filters.minute, zone)
    so_far = formats.metric(metric, getattr(paces[TODAY].so_far, metric), filters.currency)
    columns = {"time": Column("Up to"), **{name: Column(label, chart.kind) for name, label in names.items()}}
    draw_figure(
        pace_chart.pace(records, names, chart.money),
        alt=f"{chart.label} of today up to {filters.minute.astimezone(zone):%H:%M}: {so_far}",
        unit=f"{chart.unit}, running total of the day",
        rows=ChartRows(f"{chart.label} today", columns, records, zone, filters.currency),
    )


def _days(filters: Filters) -> dict[str, Period]:
    """Today, and the days beside it: none without a comparison, and none from before the store's first order."""
    if filters.compared is None:
        return {TODAY: filters.period}
    others = {COMPARED: filters.compared, WEEK_BEFORE: filters.period.week_before(filters.minute)}
    first = reads.first_day(*filters.cache_key)
    return {TODAY: filters.period} | {name: day for name, day in others.items() if first and first <= day.start}


def _name(day: Period, filters: Filters) -> str:
    """The name of a day beside today: the word for the latest two, else its date."""
    distance = (local_day(filters.now, filters.store.time_zone) - day.start).days
    return {0: "Today", 1: "Yesterday"}.get(distance, formats.weekday(day.start))


def _within(name: str) -> str:
    """The name of a day within a sentence."""
    return name.lower() if name == "Yesterday" else name
