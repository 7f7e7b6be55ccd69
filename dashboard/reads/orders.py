"""Cached reads of orders."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics.orders import details as order_details
from core.metrics.orders import listing as orders
from core.metrics.orders.details import OrderDetails
from core.metrics.orders.listing import OrderQuestion, Summary
from core.metrics.orders.rows import OrderRow
from core.metrics.paging import Page
from dashboard.reads.cache import cached, scope_of


@cached
def order_list(store: StoreKey, revision: int, currency: str, question: OrderQuestion) -> Page[OrderRow]:
    """See `core.metrics.orders.listing.orders_page`."""
    with scope_of(store, currency) as (session, scope):
        return orders.orders_page(session, scope, question)


@cached
def count_orders(store: StoreKey, revision: int, currency: str, question: OrderQuestion) -> int:
    """See `core.metrics.orders.listing.count_orders`."""
    with scope_of(store, currency) as (session, scope):
        return orders.count_orders(session, scope, question)


@cached
def order_summary(store: StoreKey, revision: int, currency: str, period: Period) -> Summary:
    """See `core.metrics.orders.listing.summary`."""
    with scope_of(store, currency) as (session, scope):
        return orders.summary(session, scope, period)


@cached
def order(store: StoreKey, revision: int, currency: str, order_id: int) -> OrderDetails | None:
    """See `core.metrics.orders.details.order_details`; amounts are in the order's own currency."""
    with scope_of(store, currency) as (session, scope):
        return order_details.order_details(session, scope, order_id)
