"""Customers: who bought, how often and for how much."""

from __future__ import annotations

import streamlit as st

from core.metrics.customers.listing import BEST_FIRST, BuyerKey
from core.metrics.searching import MOST_COUNTED
from dashboard import reads
from dashboard.addresses import csv_address, customer_address
from dashboard.drawing.records import buyer_records
from dashboard.parts import notices
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.customers import draw_new_and_repeat, draw_repeats
from dashboard.parts.figures import draw_figures
from dashboard.parts.over_time import over_time_card
from dashboard.parts.page import begin_report
from dashboard.parts.tables import ROWS, draw_list, draw_search, list_page

FIGURES = ("customers", "new_customers", "returning_customer_rate")

viewer, filters = begin_report("Customers")
period, compared, store_id = filters.period, filters.compared, filters.store.store_id
report = reads.report(*filters.cache_key, period, period.grain)
beside = reads.report_beside(*filters.cache_key, compared, period, period.grain) if compared else None
totals = report.whole
left_out = notices.draw_orders_left_out(filters)
draw_figures(FIGURES, totals, beside and beside.whole, filters, report.points)
if not totals.orders:
    if not left_out:
        notices.draw_no_orders(filters)
    st.stop()

with over_time_card(filters, "customers-over-time", ("customers",), "New and repeat customers") as chart:
    draw_new_and_repeat(chart, reads.report(*filters.cache_key, period, chart.grain))
draw_repeats(filters)

search = draw_search("find_customer", "Name or email")
count = reads.count_buyers(*filters.cache_key, period, search)
page = list_page(BEST_FIRST, count, store_id, period, search, filters.currency, most=MOST_COUNTED if search else None)
shop, query = filters.store.shop_domain, st.query_params.to_dict()
draw_list(
    page.title("customer"),
    buyer_records(reads.buyers(*filters.cache_key, period, search, ROWS, page.offset, page.sort), filters.currency),
    {
        "customer": Column(
            "Customer",
            sort=BuyerKey.NAME,
            link=lambda row: customer_address(shop, row["customer_key"], query),
            note="contact",
        ),
        "net_sales": metric_column("net_sales", sort=BuyerKey.NET_SALES),
        "orders": metric_column("orders", Kind.COUNT, BuyerKey.ORDERS),
        "net_sales_to_date": metric_column("net_sales_to_date", sort=BuyerKey.NET_SALES_TO_DATE),
        "orders_to_date": Column(
            "Orders to date",
            Kind.COUNT,
            "All orders by the end of the period, in the figures’ currency.",
            sort=BuyerKey.ORDERS_TO_DATE,
        ),
        "is_new": Column("New", Kind.FLAG, "Whether the first order of all is in the period."),
        "first_order_at": Column("First order", Kind.DAY, sort=BuyerKey.FIRST_ORDER),
        "last_order_at": Column("Last order", Kind.DAY, sort=BuyerKey.LAST_ORDER),
        "country": Column("Country"),
    },
    page,
    filters,
    csv=csv_address(
        "customers",
        store_id,
        period,
        search=search,
        sort=page.sort_parameter,
        **filters.currency_filter,
    ),
    empty="No customer of this period matches. Clear the search.",
)
