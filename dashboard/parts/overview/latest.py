"""The last cards of Overview: the best customers of the period, and its latest orders."""

from __future__ import annotations

from collections.abc import Mapping

from core.metrics.orders.listing import OrderQuestion
from dashboard import reads
from dashboard.addresses import csv_address, customer_address, order_address
from dashboard.drawing.records import buyer_records, order_records
from dashboard.filters import Filters
from dashboard.parts.announcements import mark_new
from dashboard.parts.card_grid import Card
from dashboard.parts.columns import Column, Kind, metric_column
from dashboard.parts.tables import records_card

_ROWS = 8


def top_customers_card(filters: Filters, query: Mapping[str, str]) -> Card:
    """The card of the customers with the highest net sales; `query` is the address's, for the links."""
    store, period = filters.store, filters.period
    return records_card(
        "Top customers",
        buyer_records(reads.buyers(*filters.cache_key, period, limit=_ROWS), filters.currency),
        {
            "customer": Column(
                "Customer", link=lambda row: customer_address(store.shop_domain, row["customer_key"], query)
            ),
            "orders": metric_column("orders", Kind.COUNT),
            "net_sales": metric_column("net_sales"),
        },
        store,
        csv=csv_address("customers", store.store_id, period, **filters.currency_filter),
        empty="No customers in this period.",
    )


def recent_orders_card(filters: Filters, query: Mapping[str, str]) -> Card:
    """The card of the latest orders, with those highlighted that have just come in."""
    store, period = filters.store, filters.period
    return records_card(
        "Recent orders",
        mark_new(
            order_records(reads.order_list(*filters.cache_key, OrderQuestion(period, limit=_ROWS)).rows), filters.now
        ),
        {
            "name": Column("Order", link=lambda row: order_address(store.shop_domain, row["order_id"], query)),
            "total": metric_column("order_total"),
            "processed_at": Column("Placed", Kind.INSTANT),
        },
        store,
        csv=csv_address("orders", store.store_id, period),
        empty="No orders in this period yet.",
    )
