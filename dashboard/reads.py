"""Cached reads: the only file with `st.cache_data`.

All users of the process share the cache, and row-level security does not protect it. So the store with its tenant is
the first argument of every function. No argument begins with an underscore: Streamlit leaves those out of the key.
The store's `revision` grows with every write, so an older answer is never shown after it. All amounts of an answer
are in `currency`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import ParamSpec, TypeVar

import streamlit as st
from sqlalchemy.orm import Session

from core.database import StoreKey, tenant_session
from core.domain.periods import Grain, Period
from core.metrics import (
    Scope,
    currencies,
    customer_details,
    customers,
    order_details,
    orders,
    overview,
    pace,
    product_details,
    products,
)
from core.metrics import contents as metrics_contents
from core.metrics.contents import Contents
from core.metrics.currencies import LeftOut
from core.metrics.customer_details import CustomerDetails
from core.metrics.customers import Buyer, BuyerKey
from core.metrics.order_details import OrderDetails
from core.metrics.orders import OrderKey, OrderRow, Status, Summary
from core.metrics.overview import Report
from core.metrics.pace import Pace
from core.metrics.product_details import ProductDetails
from core.metrics.products import Goods, GoodsCount, ProductKey, ProductSales, VariantSales
from core.metrics.sorting import Sort

P = ParamSpec("P")
R = TypeVar("R")


def _cached(function: Callable[P, R]) -> Callable[P, R]:
    """Cache the last thousand answers of a function, each until the next revision and for ten minutes at most."""
    return st.cache_data(ttl=timedelta(minutes=10), max_entries=1000, show_spinner=False)(function)


@_cached
def report(store: StoreKey, revision: int, currency: str, period: Period, grain: Grain) -> Report:
    """See `core.metrics.overview.report`."""
    with _scope(store, currency) as (session, scope):
        return overview.report(session, scope, period, grain)


@_cached
def report_beside(
    store: StoreKey, revision: int, currency: str, compared: Period, period: Period, grain: Grain
) -> Report:
    """See `core.metrics.overview.report_beside`."""
    with _scope(store, currency) as (session, scope):
        return overview.report_beside(session, scope, compared, period, grain)


@_cached
def first_day(store: StoreKey, revision: int, currency: str) -> date | None:
    """See `core.metrics.orders.first_day`."""
    with _scope(store, currency) as (session, scope):
        return orders.first_day(session, scope)


@_cached
def paces(store: StoreKey, revision: int, currency: str, days: tuple[Period, ...]) -> tuple[Pace, ...]:
    """See `core.metrics.pace.paces`."""
    with _scope(store, currency) as (session, scope):
        return pace.paces(session, scope, days)


@_cached
def sales_by_product(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    goods: Goods = Goods.ALL,
    sort: Sort[ProductKey] = products.BEST_FIRST,
) -> tuple[ProductSales, ...]:
    """See `core.metrics.products.sales_by_product`."""
    with _scope(store, currency) as (session, scope):
        return products.sales_by_product(session, scope, period, limit, offset, search, goods, sort)


@_cached
def count_products(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> GoodsCount:
    """See `core.metrics.products.count_products`."""
    with _scope(store, currency) as (session, scope):
        return products.count_products(session, scope, period, search)


@_cached
def sales_by_variant(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    limit: int | None = None,
    offset: int = 0,
    search: str = "",
    goods: Goods = Goods.ALL,
    sort: Sort[ProductKey] = products.BEST_FIRST,
) -> tuple[VariantSales, ...]:
    """See `core.metrics.products.sales_by_variant`."""
    with _scope(store, currency) as (session, scope):
        return products.sales_by_variant(session, scope, period, limit, offset, search, goods, sort)


@_cached
def count_variants(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> GoodsCount:
    """See `core.metrics.products.count_variants`."""
    with _scope(store, currency) as (session, scope):
        return products.count_variants(session, scope, period, search)


@_cached
def buyers(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[BuyerKey] = customers.BEST_FIRST,
) -> tuple[Buyer, ...]:
    """See `core.metrics.customers.buyers`."""
    with _scope(store, currency) as (session, scope):
        return customers.buyers(session, scope, period, search, limit, offset, sort)


@_cached
def count_buyers(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> int:
    """See `core.metrics.customers.count_buyers`."""
    with _scope(store, currency) as (session, scope):
        return customers.count_buyers(session, scope, period, search)


@_cached
def order_list(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    status: Status = Status.ALL,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[OrderKey] = orders.NEWEST_FIRST,
) -> tuple[OrderRow, ...]:
    """See `core.metrics.orders.orders`."""
    with _scope(store, currency) as (session, scope):
        return orders.orders(session, scope, period, status, search, limit, offset, sort)


@_cached
def count_orders(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    status: Status = Status.ALL,
    search: str = "",
) -> int:
    """See `core.metrics.orders.count_orders`."""
    with _scope(store, currency) as (session, scope):
        return orders.count_orders(session, scope, period, status, search)


@_cached
def order_summary(store: StoreKey, revision: int, currency: str, period: Period) -> Summary:
    """See `core.metrics.orders.summary`."""
    with _scope(store, currency) as (session, scope):
        return orders.summary(session, scope, period)


@_cached
def left_out(store: StoreKey, revision: int, currency: str, period: Period) -> tuple[LeftOut, ...]:
    """See `core.metrics.currencies.left_out`."""
    with _scope(store, currency) as (session, scope):
        return currencies.left_out(session, scope, period)


@_cached
def order(store: StoreKey, revision: int, currency: str, order_id: int) -> OrderDetails | None:
    """See `core.metrics.order_details.order_details`; amounts are in the order's own currency."""
    with _scope(store, currency) as (session, scope):
        return order_details.order_details(session, scope, order_id)


@_cached
def customer(store: StoreKey, revision: int, currency: str, customer_key: str, limit: int) -> CustomerDetails | None:
    """See `core.metrics.customer_details.customer_details`."""
    with _scope(store, currency) as (session, scope):
        return customer_details.customer_details(session, scope, customer_key, limit)


@_cached
def product(store: StoreKey, revision: int, currency: str, product_id: int, period: Period) -> ProductDetails | None:
    """See `core.metrics.product_details.product_details`."""
    with _scope(store, currency) as (session, scope):
        return product_details.product_details(session, scope, product_id, period)


@_cached
def product_report(
    store: StoreKey, revision: int, currency: str, product_id: int, period: Period, grain: Grain
) -> Report:
    """See `core.metrics.product_details.product_report`."""
    with _scope(store, currency) as (session, scope):
        return product_details.product_report(session, scope, product_id, period, period.points(grain))


@_cached
def product_report_beside(
    store: StoreKey,
    revision: int,
    currency: str,
    product_id: int,
    compared: Period,
    period: Period,
    grain: Grain,
) -> Report:
    """As `product_report`; the n-th point of `compared` is drawn beside the n-th point of `period`."""
    points = compared.points_beside(period, grain)
    with _scope(store, currency) as (session, scope):
        return product_details.product_report(session, scope, product_id, compared, points)


@_cached
def contents(store: StoreKey, read_at: str) -> Contents:
    """See `core.metrics.contents.contents`. `read_at` changes with each sync and import that ended. It stands in for
    the revision: a busy store would count a million orders again with each new one."""
    with tenant_session(store.tenant_id) as session:
        return metrics_contents.contents(session, Scope(store))


@contextmanager
def _scope(store: StoreKey, currency: str) -> Iterator[tuple[Session, Scope]]:
    with tenant_session(store.tenant_id) as session:
        yield session, Scope(store, currency)
