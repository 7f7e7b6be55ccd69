"""Cached reads of stock."""

from __future__ import annotations

from core.database import StoreKey
from core.metrics.products import stock as metrics
from core.metrics.products.stock import Location, StockQuestion, StockRow, StockSummary
from dashboard.reads.cache import cached, scope_of


@cached
def stock(store: StoreKey, revision: int, currency: str, question: StockQuestion) -> tuple[StockRow, ...]:
    """See `core.metrics.stock.stock`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.stock(session, scope, question)


@cached
def count_stock(store: StoreKey, revision: int, currency: str, question: StockQuestion) -> int:
    """See `core.metrics.products.stock.count_stock`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.count_stock(session, scope, question)


@cached
def stock_summary(store: StoreKey, revision: int, currency: str, question: StockQuestion) -> StockSummary:
    """See `core.metrics.stock.stock_summary`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.stock_summary(session, scope, question)


@cached
def stock_locations(store: StoreKey, revision: int, currency: str) -> tuple[Location, ...]:
    """See `core.metrics.stock.stock_locations`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.stock_locations(session, scope)
