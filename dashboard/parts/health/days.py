"""Compared days on the Data health page: the verdict, their calendar, and the days that were not equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import streamlit as st

from core import reconcile
from core.domain.periods import local_day
from core.metrics.health import Arrivals, Audit, Day, DayState
from core.shopify import auth
from core.stores import StoreView
from dashboard.addresses import csv_address, order_address, page_address
from dashboard.components import Component, leave_to_run
from dashboard.drawing import calendar_chart, day_words, formats
from dashboard.drawing.calendar_chart import LABELS, SIGNS
from dashboard.drawing.records import Record
from dashboard.drawing.words import plain
from dashboard.filters import CUSTOM, Filters
from dashboard.parts import links
from dashboard.parts.card_grid import ChartRows
from dashboard.parts.card_head import draw_head
from dashboard.parts.cards import draw_chart_rows
from dashboard.parts.columns import Column, Kind
from dashboard.parts.health.warnings import advice
from dashboard.parts.tables import draw_records

_CALENDAR = Component("calendar")


def draw_verdict(days: Sequence[Day], faulty_outside: int, filters: Filters) -> None:
    """Draw in one sentence whether the days of the period equal Shopify's, and what to do where they do not.

    `faulty_outside` is the number of other days that differ from Shopify or could not be compared.
    """
    today = local_day(filters.now, filters.store.time_zone)
    past_days = (min(filters.period.end, today) - filters.period.start).days + 1
    judged = day_words.verdict(days, past_days)
    if judged.is_good:
        st.success(f"**{plain(judged.sentence)}**", icon=":material/verified:")
    else:
        lines = "\n".join([f"**{plain(judged.sentence)}**", *advice(days)])
        st.warning(lines, icon=":material/warning:")
    if faulty_outside:
        which = (
            "1 day outside this period needs"
            if faulty_outside == 1
            else f"{faulty_outside} days outside this period need"
        )
        st.warning(f"{which} attention: choose a longer period above.", icon=":material/date_range:")


def draw_audit(audit: Audit | None, filters: Filters) -> None:
    """Draw in one line whether the sums that pages read equal the orders; nothing before the first night."""
    if audit is None:
        return
    at = formats.clock(audit.audited_at, filters.store.time_zone, filters.now)
    if audit.differing:
        sums = formats.counted(audit.differing, "sum")
        st.caption(f":material/build: {sums} differed from the orders at {at}, and were recomputed.")
    else:
        st.caption(f":material/functions: The sums of all pages were recomputed from the orders at {at}: all equal.")


def draw_arrivals(arrivals: Arrivals) -> None:
    """Draw the share of the period's order changes that a webhook reported first."""
    if arrivals.webhook_share is not None:
        changes = formats.counted(arrivals.by_webhook + arrivals.by_polling, "order change")
        st.caption(
            f":material/bolt: Of {changes}, {formats.percent(arrivals.webhook_share)} came by webhook first. Syncs "
            "and checks found the others."
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
        st.caption(f"{counted} without **{plain(reconcile.REPORTS)}**. Grant it in the app’s settings in Shopify.")
    else:
        st.caption(
            f"{counted}. Shopify shows its reports only to apps that it approved for customers' names and addresses."
        )


def draw_calendar(days: Sequence[Day], filters: Filters) -> None:
    """Draw the days by week, with their legend and a table; a click on a day opens its orders."""
    period, counts = filters.period, Counter(day.state for day in days)
    labels = {state: label for state, label in LABELS.items() if counts[state]}
    summary = ", ".join(f"{formats.count(counts[state])} {label.lower()}" for state, label in labels.items())
    with st.container(border=True):
        draw_head("Day by day", csv_address("checked-days", filters.store.store_id, period))
        label = f"Days compared with Shopify, {formats.period(period)}: {summary}"
        shown = calendar_chart.payload(days, period, label, _orders_of)
        clicked = _CALENDAR.mount("calendar", shown, on_open_change=leave_to_run)
        signs = [
            f"pale: {label.lower()}" if state == DayState.EQUAL else f"{SIGNS[state]} {label.lower()}"
            for state, label in labels.items()
        ]
        st.caption(f"{' · '.join(signs)} · dashed: not checked. Click a day for its orders.")
        columns = {"name": Column("Day", link=lambda row: _orders_of(row["day"])), **_comparison_columns()}
        draw_chart_rows(
            ChartRows(
                "Days compared with Shopify",
                columns,
                day_words.day_records(days),
                filters.store.time_zone,
                filters.store.currency,
            )
        )
    links.open_clicked_link(clicked.open, (_orders_of(day.day) for day in days))


def draw_unequal_days(days: Sequence[Day], filters: Filters) -> None:
    """Draw the days that were repaired, differ or were not compared, the latest first, with their orders by name."""
    findings = day_words.finding_records(days)
    if not findings:
        return
    shop, query = filters.store.shop_domain, st.query_params.to_dict()

    def order_of(row: Record) -> str | None:
        return order_address(shop, row["order_id"], query) if row["order_id"] else None

    draw_records(
        "Days that were not equal",
        findings,
        {
            "name": Column("Day", link=lambda row: _orders_of(row["day"])),
            "order": Column("Order", link=order_of),
            "finding": Column("Finding"),
            **_comparison_columns(),
        },
        filters.store,
        csv=csv_address("checked-days", filters.store.store_id, filters.period),
    )


def _orders_of(day: date) -> str:
    """The address of the orders of this day."""
    return page_address("orders", st.query_params.to_dict(), range=CUSTOM, start=day.isoformat(), end=day.isoformat())


def _comparison_columns() -> dict[str, Column]:
    return {
        "label": Column("State"),
        "ours": Column("Orders here", Kind.COUNT, "With test orders, as Shopify counts them."),
        "theirs": Column("At Shopify", Kind.COUNT),
        "our_total": Column("Total here", Kind.MONEY, "Total sales of the day."),
        "their_total": Column("Total at Shopify", Kind.MONEY, "If the app may read Shopify's reports."),
        "checked_at": Column("Checked", Kind.INSTANT),
    }
