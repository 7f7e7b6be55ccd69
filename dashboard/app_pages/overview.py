"""Overview: how the store is doing."""

from __future__ import annotations

import streamlit as st

from core.metrics.sales.origins import Origin
from dashboard import reads
from dashboard.addresses import csv_address, customer_address, order_address, page_address
from dashboard.drawing import sentences
from dashboard.drawing.records import buyer_records, order_records
from dashboard.drawing.words import plain
from dashboard.parts import first_steps, notices
from dashboard.parts.announcements import mark_new
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import comparable, draw_figures
from dashboard.parts.overview.attention import draw_attention
from dashboard.parts.overview.movers import draw_movers
from dashboard.parts.overview.origins import draw_kinds, draw_origins
from dashboard.parts.overview.week import draw_week
from dashboard.parts.page import begin_report
from dashboard.parts.products import draw_best_sellers
from dashboard.parts.sales_chart import draw_sales
from dashboard.parts.sales_lines import draw_sales_lines
from dashboard.parts.tables import draw_records
from dashboard.parts.targets import draw_target_line

FIGURES = ("net_sales", "total_sales", "orders", "average_order_value", "customers", "returning_customer_rate")
# The page with the list behind each figure.
LISTS = dict.fromkeys(FIGURES[:4], "orders") | dict.fromkeys(FIGURES[4:], "customers")

viewer, filters = begin_report("Overview")
period, compared, currency, store_id = filters.period, filters.compared, filters.currency, filters.store.store_id
report = reads.report(*filters.cache_key, period, period.grain)
comparison = reads.report_beside(*filters.cache_key, compared, period, period.grain) if compared else None
totals = report.whole
left_out = notices.draw_orders_left_out(filters)
shop, query = filters.store.shop_domain, st.query_params.to_dict()
earlier = comparable(comparison.whole if comparison else None, filters)
if earlier:
    st.markdown(f"**{plain(sentences.net_sales_change(totals, earlier, currency))}**")
draw_attention(filters)
draw_target_line(filters)
lists = {metric: page_address(path, query) for metric, path in LISTS.items()}
draw_figures(FIGURES, totals, earlier, filters, report.points, lists)
if not totals.orders and not left_out:
    if filters.store.complete_until is None:
        first_steps.draw_first_steps(viewer, filters.now)
    else:
        notices.draw_no_orders(filters)
if not totals.orders and not totals.total_sales and not left_out:
    st.stop()

grain = draw_sales(filters)
draw_sales_lines(totals, earlier, filters)
left, right = st.columns(2)
with left:
    draw_kinds(filters, grain)
with right:
    draw_week(filters)
best_sellers = [row for row in reads.sales_by_product(*filters.cache_key, period, 8) if row.units_sold]
left, right = st.columns(2)
with left:
    draw_best_sellers("Sales by product", best_sellers, filters, all_=page_address("products", query))
if earlier:
    with right:
        draw_movers(filters)
left, right = st.columns(2)
with left:
    draw_origins(filters, Origin.COUNTRY)
with right:
    draw_origins(filters, Origin.CHANNEL)

left, right = st.columns(2)
with left:
    draw_records(
        "Top customers",
        buyer_records(reads.buyers(*filters.cache_key, period, limit=8), currency),
        {
            "customer": Column("Customer", link=lambda row: customer_address(shop, row["customer_key"], query)),
            "orders": metric_column("orders", Kind.COUNT),
            "net_sales": metric_column("net_sales"),
        },
        filters.store,
        csv=csv_address("customers", store_id, period, **filters.currency_filter),
        empty="No customers in this period.",
    )
with right:
    draw_records(
        "Recent orders",
        mark_new(order_records(reads.order_list(*filters.cache_key, period, limit=8)), filters.now),
        {
            "name": Column("Order", link=lambda row: order_address(shop, row["order_id"], query)),
            "total": metric_column("order_total"),
            "processed_at": Column("Placed", Kind.INSTANT),
        },
        filters.store,
        csv=csv_address("orders", store_id, period),
        empty="No orders in this period yet.",
    )
