"""Overview: how the store is doing."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import filters, reads, state
from dashboard.drawing import charts, formats, frames
from dashboard.parts import components, downloads
from dashboard.parts.components import Column, Kind, metric_column

FIGURES = ("total_sales", "net_sales", "orders", "average_order_value", "customers", "returning_customer_rate")

now = datetime.now(UTC)
viewer = state.require_viewer(now)
chosen = filters.sidebar(viewer, now)
if chosen is None:
    st.title("Overview", anchor=False)
    components.no_store(viewer)
    st.stop()

components.head("Overview", viewer, chosen)
period, compared, currency, store_id = chosen.period, chosen.compared, chosen.currency, chosen.store.store_id
report = reads.report(*chosen.key, period)
beside = reads.report_beside(*chosen.key, compared, period) if compared else None
whole = report.whole

left_out = components.show_left_out(chosen)
components.figures(FIGURES, whole, beside and beside.whole, chosen, report.points)
if not whole.orders and not left_out:
    components.no_orders(chosen)
if not whole.orders and not whole.total_sales and not left_out:
    st.stop()

components.chart(
    "Sales over time",
    charts.over_time(
        frames.over_time("total_sales", report, beside, period, compared, now),
        period.grain,
        currency,
        this=formats.period(period),
        other=formats.period(compared) if compared else "",
    ),
    alt=f"Total sales, {formats.period(period)}: {formats.money(whole.total_sales, currency)}",
    csv=downloads.address("sales-over-time", store_id, period, compare=chosen.comparison, **chosen.narrowed),
    help="Total sales",
)

sold = [row for row in reads.sales_by_product(*chosen.key, period, 8) if row.units_sold]
left, right = st.columns(2)
with left:
    components.chart(
        "Sales by product",
        charts.bars(frames.table(sold, ["title", "net_sales"]), "title", "net_sales", currency),
        alt="Net sales of the best-selling products",
        csv=downloads.address("products", store_id, period, **chosen.narrowed),
    )
with right:
    components.table(
        "Top customers",
        frames.buyer_rows(reads.buyers(*chosen.key, period, limit=8)),
        {
            "customer": Column("Customer"),
            "orders": metric_column("orders", Kind.COUNT),
            "net_sales": metric_column("net_sales"),
        },
        chosen,
        csv=downloads.address("customers", store_id, period, **chosen.narrowed),
        empty="Nobody ordered in this period.",
    )

components.table(
    "Recent orders",
    frames.order_rows(reads.order_list(*chosen.key, period, limit=10)),
    {
        "name": Column("Order"),
        "total": metric_column("order_total"),
        "customer": Column("Customer"),
        "processed_at": Column("Placed", Kind.INSTANT),
    },
    chosen,
    csv=downloads.address("orders", store_id, period),
    empty="No orders in this period yet.",
)
