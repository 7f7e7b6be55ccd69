"""Orders: every order of the period, to search and filter."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from core.metrics.orders import Status
from dashboard import filters, reads, state
from dashboard.drawing import charts, formats, frames
from dashboard.parts import components, downloads
from dashboard.parts.components import Column, Kind, metric_column

FIGURES = ("orders", "average_order_value", "items_per_order", "cancelled_rate")
ROWS = 50
STATUSES = {formats.words(status): status for status in Status}

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now)
if chosen is None:
    st.title("Orders", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Orders", viewer, chosen)
period, compared, store_id = chosen.period, chosen.compared, chosen.store.store_id
whole = reads.order_summary(*chosen.key, period)
left_out = components.show_left_out(chosen)
components.figures(FIGURES, whole, reads.order_summary(*chosen.key, compared) if compared else None, chosen)
if not whole.orders and not left_out:
    components.no_orders(chosen)
    st.stop()

report = reads.report(*chosen.key, period)
beside = reads.report_beside(*chosen.key, compared, period) if compared else None
components.chart(
    "Orders over time",
    charts.over_time(
        frames.over_time("orders", report, beside, period, compared, now),
        period.grain,
        None,
        this=formats.period(period),
        other=formats.period(compared) if compared else "",
    ),
    alt=f"Orders placed, {formats.period(period)}: {formats.count(whole.orders)}",
    csv=downloads.address("sales-over-time", store_id, period, compare=chosen.comparison, **chosen.narrowed),
)

left, right = st.columns([2, 1])
search = left.text_input(
    "Search",
    placeholder="Order number, name or email",
    key="find_order",
    bind="query-params",
    type="search",
    max_chars=100,
)
label = right.selectbox("Status", list(STATUSES), key="status", bind="query-params")
status, search = STATUSES.get(label, Status.ALL), search or ""

count = reads.count_orders(*chosen.key, period, status, search)
listed = st.container()
skipped = components.pages(count, ROWS, "orders", store_id, period, status, search)
with listed:
    components.table(
        formats.counted(count, "order"),
        frames.order_rows(reads.order_list(*chosen.key, period, status, search, ROWS, skipped)),
        {
            "name": Column("Order", pinned=True),
            "total": metric_column("order_total"),
            "customer": Column("Customer"),
            "processed_at": Column("Placed", Kind.INSTANT),
            "net_sales": metric_column("net_sales"),
            "items": Column("Items", Kind.COUNT),
            "financial_status": Column("Payment"),
            "fulfillment_status": Column("Fulfillment"),
        },
        chosen,
        csv=downloads.address(
            "orders", store_id, period, status="" if status == Status.ALL else status, search=search
        ),
        empty="No order of this period matches. Clear the search or choose another status.",
    )
