"""Cached reads of products and variants."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.products import details as product_details
from core.metrics.products import listing as products
from core.metrics.products.details import ProductDetails
from core.metrics.products.listing import Goods, GoodsCount, ProductKey, ProductSales
from core.metrics.sales.overview import Report
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
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
    """See `core.metrics.products.listing.sales_by_product`."""
    with scope_of(store, currency) as (session, scope):
        return products.sales_by_product(session, scope, period, limit, offset, search, goods, sort)


@cached
def count_products(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> GoodsCount:
    """See `core.metrics.products.listing.count_products`."""
    with scope_of(store, currency) as (session, scope):
        return products.count_products(session, scope, period, search)


@cached
def count_variants(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> GoodsCount:
    """See `core.metrics.products.listing.count_variants`."""
    with scope_of(store, currency) as (session, scope):
        return products.count_variants(session, scope, period, search)


@cached
def product(store: StoreKey, revision: int, currency: str, product_id: int, period: Period) -> ProductDetails | None:
    """See `core.metrics.products.details.product_details`."""
    with scope_of(store, currency) as (session, scope):
        return product_details.product_details(session, scope, product_id, period)


@cached
def product_report(
    store: StoreKey, revision: int, currency: str, product_id: int, period: Period, grain: Grain
) -> Report:
    """See `core.metrics.products.details.product_report`."""
    with scope_of(store, currency) as (session, scope):
        return product_details.product_report(session, scope, product_id, period, period.points(grain))


@cached
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
    with scope_of(store, currency) as (session, scope):
        return product_details.product_report(session, scope, product_id, compared, points)
