"""Customers: who bought, how often and for how much."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import filters, reads, state
from dashboard.drawing import charts, formats, frames
from dashboard.parts import components, downloads
from dashboard.parts.components import Column, Kind, metric_column

FIGURES = ("customers", "new_customers", "returning_customer_rate")
ROWS = 50

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now)
if chosen is None:
    st.title("Customers", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Customers", viewer, chosen)
period, compared, store_id = chosen.period, chosen.compared, chosen.store.store_id
report = reads.report(*chosen.key, period)
before = reads.report_beside(*chosen.key, compared, period).whole if compared else None
whole = report.whole
left_out = components.show_left_out(chosen)
components.figures(FIGURES, whole, before, chosen, report.points)
if not whole.orders:
    if not left_out:
        components.no_orders(chosen)
    st.stop()

components.chart(
    "New and repeat customers",
    charts.new_and_repeat(frames.new_and_repeat(report.points, period), period.grain),
    alt=f"Customers, {formats.period(period)}: {formats.count(whole.new_customers)} of "
    f"{formats.count(whole.customers)} were new",
    csv=downloads.address("customers-over-time", store_id, period, **chosen.narrowed),
    help="New: the first order of all. Repeat: had ordered before that point of the chart.",
)

search = st.text_input(
    "Search", placeholder="Name or email", key="find_customer", bind="query-params", type="search", max_chars=100
)
search = search or ""
count = reads.count_buyers(*chosen.key, period, search)
listed = st.container()
skipped = components.pages(count, ROWS, "customers", store_id, period, search)
with listed:
    components.table(
        formats.counted(count, "customer"),
        frames.buyer_rows(reads.buyers(*chosen.key, period, search, ROWS, skipped)),
        {
            "customer": Column("Customer", pinned=True),
            "net_sales": metric_column("net_sales"),
            "orders": metric_column("orders", Kind.COUNT),
            "net_sales_to_date": metric_column("net_sales_to_date"),
            "orders_to_date": Column(
                "Orders to date", Kind.COUNT, "All orders by the end of the period, in the figures’ currency."
            ),
            "is_new": Column("New", Kind.FLAG, "Whether the first order of all is in the period."),
            "first_order_at": Column("First order", Kind.INSTANT),
            "last_order_at": Column("Last order", Kind.INSTANT),
            "email": Column("Email"),
            "country": Column("Country"),
        },
        chosen,
        csv=downloads.address("customers", store_id, period, search=search, **chosen.narrowed),
        empty="No customer of this period matches. Clear the search.",
    )
