"""Parts of the Checkouts page: what became of the period's checkouts, by day, and the delay that decides."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from core.accounts import Action, may
from core.connections.delays import save_delay
from core.domain.checkouts import DELAYS, CheckoutState
from core.domain.periods import Grain
from core.metrics.checkouts.listing import ALL, CheckoutKey, CheckoutRow
from core.metrics.checkouts.report import Aging, Checkouts
from dashboard import reads
from dashboard.addresses import checkout_address, csv_address, customer_address, order_address
from dashboard.drawing import charts, checkout_words, formats, frames
from dashboard.drawing.records import Record
from dashboard.filters import Filters
from dashboard.parts.actions import run_action
from dashboard.parts.columns import Column, Kind
from dashboard.parts.counts_over_time import Counts, draw_counts_over_time
from dashboard.state import Viewer

FIGURES = (
    "checkouts_started",
    "checkouts_completed",
    "checkouts_pending",
    "checkouts_abandoned",
    "checkouts_recovered",
    "abandonment_rate",
    "abandoned_value",
    "recovery_rate",
    "recovered_value",
)
_STATES = {"All": ALL, **{formats.status_text(state): state for state in CheckoutState}}


def aging_of(filters: Filters) -> Aging:
    """The store's delay, as of this minute."""
    return Aging(filters.store.abandoned_delay, filters.minute)


def draw_delay(viewer: Viewer, filters: Filters) -> None:
    """Draw after how long an open checkout counts as abandoned; an owner may change it."""
    store = filters.store
    words = checkout_words.delay_text(store.abandoned_delay)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/timer: An open checkout counts as abandoned after **{words}**.")
        if may(viewer.role, Action.MANAGE):
            with st.popover("Change", type="tertiary", icon=":material/tune:"), st.form("delay", border=False):
                chosen = st.selectbox(
                    "Abandoned after",
                    DELAYS,
                    index=DELAYS.index(store.abandoned_delay),
                    format_func=checkout_words.delay_text,
                    help="Holds for this store and all its checkouts, past ones too.",
                )
                if st.form_submit_button("Save", type="primary"):
                    _save(viewer, filters, chosen)


def draw_unknown(totals: Checkouts) -> None:
    """Draw how many recovered checkouts have no known order, so that their value is missing."""
    if totals.recovered_without_order:
        st.caption(checkout_words.unknown_orders(totals.recovered_without_order))


def draw_over_time(filters: Filters, aging: Aging) -> Grain:
    """Draw the checkouts by the day on which they began; return the width of a point that the reader chose.

    One day alone has no chart: hours are not counted.
    """
    if filters.period.days < 2:
        return filters.period.grain
    counts = Counts(
        "checkouts",
        {"started": Column("Started", Kind.COUNT)}
        | {str(state): Column(state.capitalize(), Kind.COUNT) for state in CheckoutState},
        "pending",
        lambda grain: frames.checkouts(
            reads.checkouts_over_time(*filters.cache_key, filters.period, aging, grain),
            filters.period,
            filters.now,
            grain,
        ),
        charts.checkouts,
    )
    return draw_counts_over_time(counts, filters)


def draw_state() -> str:
    """Draw the choice of a state; return it, or `ALL`."""
    label = st.selectbox("Status", list(_STATES), key="checkout_state", bind="query-params")
    return _STATES.get(label or "", ALL)


def records(rows: tuple[CheckoutRow, ...], zone: ZoneInfo) -> list[Record]:
    """The rows of the list."""
    return [
        asdict(row)
        | {
            "state": str(row.state),
            "ended": formats.instant(row.ended_at, zone) if row.ended_at else None,
        }
        for row in rows
    ]


def list_columns(rows: tuple[CheckoutRow, ...], shop: str, query: dict[str, str]) -> dict[str, Column]:
    """The columns of the list. Columns of orders appear only if a row has an order. Links keep the `query`."""
    columns = {
        "started_at": Column(
            "Started",
            Kind.INSTANT,
            sort=CheckoutKey.STARTED,
            link=lambda row: checkout_address(shop, row["checkout_id"], query),
        ),
        "state": Column("Status", Kind.STATUS, note="ended"),
        "customer": Column(
            "Customer",
            help="As far as Shopify lets the app see customers.",
            link=lambda row: customer_address(shop, f"c:{row['customer_id']}", query) if row["customer_id"] else None,
            note="email",
        ),
        "items": Column("Items"),
        "total": Column("Total", Kind.MONEY, "With taxes and shipping.", sort=CheckoutKey.TOTAL),
    }
    of_orders = {
        "order_name": Column(
            "Order",
            Kind.CODE,
            link=lambda row: order_address(shop, row["order_id"], query) if row["order_id"] else None,
        ),
        "order_net": Column("Net sales", Kind.MONEY, "Net sales to date of the order that came of it."),
    }
    return columns | (of_orders if any(row.order_name for row in rows) else {})


def csv_of_list(filters: Filters, state: str, search: str, sort: str) -> str:
    """The address of the file with all rows of the list."""
    return _csv("checkouts", filters, state=state, search=search, sort=sort)


def _csv(name: str, filters: Filters, **parameters: str) -> str:
    return csv_address(name, filters.store.store_id, filters.period, **filters.currency_filter, **parameters)


def _save(viewer: Viewer, filters: Filters, delay: timedelta) -> None:
    run_action(
        lambda: save_delay(viewer.actor, filters.store.key, delay),
        f"Open checkouts count as abandoned after {checkout_words.delay_text(delay)}.",
    )
