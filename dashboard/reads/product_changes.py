"""Cached reads of products and variants beside a compared period."""

from __future__ import annotations

from decimal import Decimal

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.products import changes as product_changes
from core.metrics.products.changes import ProductRow, Question, VariantRow
from dashboard.reads.cache import cached, scope_of


@cached
def product_rows(store: StoreKey, revision: int, currency: str, question: Question) -> tuple[ProductRow, ...]:
    """See `core.metrics.products.changes.product_rows`."""
    with scope_of(store, currency) as (session, scope):
        return product_changes.product_rows(session, scope, question)


@cached
def variant_rows(store: StoreKey, revision: int, currency: str, question: Question) -> tuple[VariantRow, ...]:
    """See `core.metrics.products.changes.variant_rows`."""
    with scope_of(store, currency) as (session, scope):
        return product_changes.variant_rows(session, scope, question)


@cached
def product_trends(
    store: StoreKey, revision: int, currency: str, period: Period, grain: Grain, product_ids: tuple[int, ...]
) -> dict[int, tuple[Decimal, ...]]:
    """See `core.metrics.products.changes.trends`."""
    with scope_of(store, currency) as (session, scope):
        return product_changes.trends(session, scope, period, period.points(grain), product_ids)
