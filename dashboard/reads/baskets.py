"""Cached reads of what is bought together and what first products lead to."""

from __future__ import annotations

from core.database import StoreKey
from core.metrics.products import baskets
from core.metrics.products.baskets import BasketBuild, FirstProduct, Pair, PairKey
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def basket_build(store: StoreKey, revision: int, currency: str) -> BasketBuild | None:
    """See `core.metrics.products.baskets.basket_build`."""
    with scope_of(store, currency) as (session, scope):
        return baskets.basket_build(session, scope)


@cached
def product_pairs(
    store: StoreKey,
    revision: int,
    currency: str,
    search: str,
    fewest: int,
    limit: int,
    offset: int,
    sort: Sort[PairKey],
) -> tuple[Pair, ...]:
    """See `core.metrics.products.baskets.product_pairs`."""
    with scope_of(store, currency) as (session, scope):
        return baskets.product_pairs(session, scope, search, fewest, limit, offset, sort)


@cached
def count_pairs(store: StoreKey, revision: int, currency: str, search: str, fewest: int) -> int:
    """See `core.metrics.products.baskets.count_pairs`."""
    with scope_of(store, currency) as (session, scope):
        return baskets.count_pairs(session, scope, search, fewest)


@cached
def first_products(store: StoreKey, revision: int, currency: str, limit: int) -> tuple[FirstProduct, ...]:
    """See `core.metrics.products.baskets.first_products`."""
    with scope_of(store, currency) as (session, scope):
        return baskets.first_products(session, scope, limit)
