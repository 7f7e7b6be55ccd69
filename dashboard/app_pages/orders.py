"""Orders: every order of the period, to search and filter."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.metrics.orders.listing import OrderQuestion, Status
from core.metrics.orders.sorts import COLUMNS, NEWEST_FIRST, OrderKey, sortable
from core.metrics.searching import MOST_COUNTED
from dashboard import reads
from dashboard.addresses import csv_address, customer_address, order_address
from dashboard.drawing import formats
from dashboard.drawing.records import order_records
from dashboard.parts import notices
from dashboard.parts.announcements import mark_new
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.figures import draw_figures
from dashboard.parts.over_time import draw_report_over_time
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page, read_rows

FIGURES = ("orders", "average_order_value", "items_per_order", "cancelled_rate")
STATUSES = {formats.status_text(status): status for status in Status}

viewer, filters = begin_report("Orders")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
totals = reads.order_summary(*filters.cache_key, period)
left_out = notices.draw_orders_left_out(filters)
previous = reads.order_summary(*filters.cache_key, compared) if compared else None
draw_figures(FIGURES, totals, previous, filters)
if not totals.orders and not left_out:
    notices.draw_no_orders(filters)
    st.stop()

draw_report_over_time(filters, ("orders",))

left, right = st.columns([2, 1])
with left:
    search = draw_search("find_order", "Order number, name or email")
label = right.selectbox("Status", list(STATUSES), key="status", bind="query-params")
status = STATUSES.get(label, Status.ALL)

question = OrderQuestion(period, status, search)
count = reads.count_orders(*filters.cache_key, question)
chosen = {"status": "" if status == Status.ALL else status, "search": search}
most = MOST_COUNTED if search or status is not Status.ALL else None
page = list_page(
    NEWEST_FIRST, count, store_id, period, status, search, most=most, sorts=sortable(count), columns=COLUMNS
)
shop, query = filters.store.shop_domain, st.query_params.to_dict()
rows, page = read_rows(
    page,
    lambda offset, cursor: reads.order_list(
        *filters.cache_key, replace(question, sort=page.sort, limit=ROWS, offset=offset, cursor=cursor)
    ),
)
draw_list(
    page.title("order"),
    mark_new(order_records(rows), filters.now),
    {
        "name": Column("Order", sort=OrderKey.NAME, link=lambda row: order_address(shop, row["order_id"], query)),
        "total": metric_column("order_total", sort=OrderKey.TOTAL),
        "customer": Column(
            "Customer", sort=OrderKey.CUSTOMER, link=lambda row: customer_address(shop, row["customer_key"], query)
        ),
        "processed_at": Column("Placed", Kind.INSTANT, sort=OrderKey.PLACED),
        "net_sales": metric_column("net_sales", sort=OrderKey.NET_SALES),
        "items": Column("Items", Kind.COUNT, sort=OrderKey.ITEMS),
        "financial_status": Column("Payment", Kind.STATUS, sort=OrderKey.PAYMENT),
        "fulfillment_status": Column("Fulfillment", Kind.STATUS, sort=OrderKey.FULFILLMENT),
        "discounts": metric_column("discounts", is_extra=True),
        "returns": metric_column("returns", is_extra=True),
        "shipping": metric_column("shipping", is_extra=True),
        "taxes": metric_column("taxes", is_extra=True),
        "country": Column("Country", help="Of the shipping address, else of the billing address.", is_extra=True),
        "discount_codes": Column("Discount codes", is_extra=True),
        "tags": Column("Tags", is_extra=True),
    },
    page,
    filters,
    csv=csv_address("orders", store_id, period, **chosen, sort=page.sort_parameter),
    others={"Order lines": csv_address("order-lines", store_id, period, **chosen)},
    empty="No order of this period matches. Clear the search or choose another status.",
)
