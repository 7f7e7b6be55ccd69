"""The chart of sales on Overview: over time, and for the running day its running total beside other days."""

from __future__ import annotations

import streamlit as st

from core.domain.periods import Period, local_day
from core.metrics.definitions import DEFINITIONS
from dashboard import reads
from dashboard.addresses import csv_address
from dashboard.drawing import charts, formats, frames, pace_chart, sentences
from dashboard.drawing.pace_chart import COMPARED, TODAY, WEEK_BEFORE
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import ChartRows, draw_figure
from dashboard.parts.chart_choices import draw_grain, draw_metric
from dashboard.parts.columns import Column, Kind

TITLE = "Sales over time"


def draw_sales(filters: Filters) -> None:
    """Draw the chosen metric over the period, or over the running day."""
    with st.container(border=True, height="stretch"):
        head, choices = st.container(), st.container(horizontal=True, horizontal_alignment="distribute")
        with choices:
            metric = draw_metric()
            grain = draw_grain(filters.period)
        csv = csv_address(
            "sales-over-time",
            filters.store.store_id,
            filters.period,
            compare=filters.comparison,
            grain=grain,
            **filters.currency_filter,
        )
        with head:
            draw_head(TITLE, csv, DEFINITIONS[metric].meaning)
        if filters.is_today:
            _draw_today(filters, metric)
        else:
            _draw_over_time(filters, metric)


def _draw_today(filters: Filters, metric: str) -> None:
    days = {TODAY: filters.period}
    if filters.compared:
        days |= {COMPARED: filters.compared, WEEK_BEFORE: filters.period.week_before(filters.minute)}
    paces = dict(zip(days, reads.paces(*filters.cache_key, tuple(days.values())), strict=True))
    names = {name: _name(day, filters) for name, day in days.items()}
    for name in (COMPARED, WEEK_BEFORE):
        if name in paces:
            words = names[name][0].lower() + names[name][1:] if names[name] == "Yesterday" else names[name]
            said = plain(sentences.pace(paces[TODAY], paces[name], metric, words, filters.currency))
            st.markdown(f"**{said}**" if name == COMPARED else said)
    money = _money(metric, filters)
    records = pace_chart.pace_records(paces, metric, filters.minute, filters.store.time_zone)
    kind = Kind.MONEY if money else Kind.COUNT
    draw_figure(
        TITLE,
        pace_chart.pace(records, names, money),
        alt=f"{DEFINITIONS[metric].label} of today up to {filters.minute.astimezone(filters.store.time_zone):%H:%M}: "
        f"{formats.metric(metric, getattr(paces[TODAY].so_far, metric), filters.currency)}",
        unit=f"{DEFINITIONS[metric].label}{f' in {money}' if money else ''}, all of the day up to each time",
        rows=ChartRows(
            {"time": Column("Up to"), **{name: Column(label, kind) for name, label in names.items()}},
            records,
            filters.store.time_zone,
            filters.currency,
        ),
    )


def _draw_over_time(filters: Filters, metric: str) -> None:
    period, drawn = filters.period, filters.compared and filters.compared.whole
    report = reads.report(*filters.cache_key, period)
    beside = reads.report_beside(*filters.cache_key, drawn, period) if drawn else None
    draw_figure(
        TITLE,
        charts.over_time(
            frames.over_time(metric, report, beside, period, drawn, filters.now),
            period.grain,
            _money(metric, filters),
            this=formats.period(period),
            other=formats.period(drawn) if drawn else "",
        ),
        alt=f"{DEFINITIONS[metric].label}, {formats.period(period)}: "
        f"{formats.metric(metric, getattr(report.whole, metric), filters.currency)}",
    )


def _money(metric: str, filters: Filters) -> str | None:
    return None if metric == "orders" else filters.currency


def _name(day: Period, filters: Filters) -> str:
    """The name of a day beside today: the word for the latest two, else its date."""
    distance = (local_day(filters.now, filters.store.time_zone) - day.start).days
    return {0: "Today", 1: "Yesterday"}.get(distance, formats.weekday(day.start))
