"""Compared days on the Data health page: how many are equal, their calendar, and those that were not equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pandas as pd
import streamlit as st

from core import reconcile
from core.domain.periods import Period, local_day
from core.metrics.health import Arrivals, Day, DayState, NamedOrder
from core.shopify import auth
from core.stores import StoreView
from dashboard.addresses import csv_address
from dashboard.drawing import calendar_chart, formats, frames
from dashboard.drawing.calendar_chart import LABELS, SIGNS
from dashboard.drawing.words import plain
from dashboard.filters import Filters
from dashboard.parts.cards import draw_chart, draw_table
from dashboard.parts.columns import Column, Kind
from dashboard.parts.health.warnings import fault

_AT_LEAST = timedelta(days=83)
_MEANINGS = {
    DayState.EQUAL: "As many orders here as in Shopify, and the same total where Shopify reports it.",
    DayState.REPAIRED: "Something was missing or wrong here. It was fetched, and the day is equal now.",
    DayState.DIFFERS: "Different even after all its orders were fetched again. The differences stand below.",
    DayState.UNCOMPARED: "Shopify’s answer for the day could not be used. The reason stands below.",
}
_PROBLEMS = {
    "missing": "was missing here and was fetched",
    "changed": "was out of date here and was fetched again",
    "moved": "is on another day now",
    "gone": "was deleted in Shopify and was removed here",
    "rewritten": "had wrong amounts here and was fetched again",
    "unreadable": "is in Shopify, but cannot be read",
    "deleted": "is in Shopify’s list, but Shopify reported its deletion",
    "taken for deleted": "is in Shopify’s list, but counts as deleted, as Shopify returned nothing for it",
    "not fetched": "is in Shopify’s list, but could not be fetched",
    "not listed": "is here, but not in Shopify’s list",
    "refused": "is in Shopify, but not here",
}


def calendar_period(filters: Filters) -> Period:
    """The days of the calendar: as far back as the chosen period, but twelve weeks at least."""
    today = local_day(filters.now, filters.store.time_zone)
    return Period(min(filters.period.start, today - _AT_LEAST), today, filters.store.time_zone)


def draw_counts(days: Sequence[Day], arrivals: Arrivals) -> None:
    """Draw the number of days by state, and the share of changes that came by webhook."""
    counts = Counter(day.state for day in days)
    labels = _labels(counts)
    with st.grid(len(labels) + 1, min_column_width=130, gap="small"):
        for state, label in labels.items():
            st.metric(f"{SIGNS[state]} {label}", formats.count(counts[state]), help=_MEANINGS[state], border=True)
        st.metric(
            "By webhook",
            formats.percent(arrivals.webhook_share),
            help=f"The share of the period's order changes that a webhook reported first "
            f"({formats.count(arrivals.by_webhook)}). Syncs and checks found the others "
            f"({formats.count(arrivals.by_polling)}).",
            border=True,
        )


def draw_missing_totals(days: Sequence[Day], store: StoreView) -> None:
    """Draw why days were compared by their number of orders alone, if Shopify did not report their totals."""
    foreign = sum(day.state != DayState.UNCOMPARED and day.reason is not None for day in days)
    if foreign:
        st.caption(
            f":material/currency_exchange: {formats.counted(foreign, 'day')} with orders in another currency than "
            "the store’s: orders are counted, totals are not compared."
        )
    # A check does not ask Shopify for the total of a day that is not over.
    closed_days = [day for day in days if day.day < local_day(day.checked_at, store.time_zone) and day.reason is None]
    if not any(day.their_total is None for day in closed_days):
        return
    counted = ":material/key_off: Orders are counted; totals are not compared"
    if auth.missing_scopes(store.scopes, [reconcile.REPORTS]):
        st.caption(f"{counted} without **{plain(reconcile.REPORTS)}**.")
    else:
        st.caption(
            f"{counted}. Shopify shows its reports only to apps that it approved for customers' names and addresses."
        )


def draw_calendar(days: Sequence[Day], period: Period, store: StoreView) -> None:
    """Draw the days by week, with their legend."""
    counts = Counter(day.state for day in days)
    labels = _labels(counts)
    summary = ", ".join(f"{formats.count(counts[state])} {label.lower()}" for state, label in labels.items())
    draw_chart(
        "Day by day",
        calendar_chart.calendar(days, period),
        alt=f"Days compared with Shopify, {formats.period(period)}: {summary}",
        csv=csv_address("checked-days", store.store_id, period),
    )
    legend = " · ".join(f"{SIGNS[state]} {label.lower()}" for state, label in labels.items())
    st.caption(f"{formats.period(period)}: {legend} · blank: not checked")


def draw_unequal_days(days: Sequence[Day], period: Period, filters: Filters) -> None:
    """Draw the days that were repaired, differ or were not compared, the latest first, with their orders by name."""
    unequal = [day for day in reversed(days) if day.state != DayState.EQUAL]
    if not unequal:
        st.caption(":material/check_circle: Every checked day equals Shopify’s count.")
        return
    draw_table(
        "Days that were not equal",
        _table(unequal),
        {
            "day": Column("Day", pinned=True),
            "state": Column("State"),
            "ours": Column("Orders here", Kind.COUNT, "With test orders, as Shopify counts them."),
            "theirs": Column("At Shopify", Kind.COUNT),
            "our_total": Column("Total here", Kind.MONEY, "Total sales of the day."),
            "their_total": Column("At Shopify ", Kind.MONEY, "If the app may read Shopify's reports."),
            "orders": Column("Findings"),
            "checked_at": Column("Checked", Kind.INSTANT),
        },
        filters,
        csv=csv_address("checked-days", filters.store.store_id, period),
        empty="",
    )


def _labels(counts: Mapping[DayState, int]) -> dict[DayState, str]:
    """The label of each state. "Uncompared" is rare, so it is shown only if a day has it."""
    return {state: label for state, label in LABELS.items() if state != DayState.UNCOMPARED or counts[state]}


def _table(days: Sequence[Day]) -> pd.DataFrame:
    frame = frames.table(days, ["ours", "theirs", "our_total", "their_total", "currency", "checked_at"])
    frame["day"] = [formats.day(day.day) for day in days]
    frame["state"] = [f"{SIGNS[day.state]} {LABELS[day.state]}" for day in days]
    frame["orders"] = [_findings(day) for day in days]
    return frame


def _findings(day: Day) -> str:
    return "; ".join([*map(_finding, day.orders), *([day.reason] if day.reason else [])])


def _finding(order: NamedOrder) -> str:
    reason = f" ({fault(order.reason)})" if order.reason else ""
    return f"{order.name} {_PROBLEMS[order.what]}{reason}"
