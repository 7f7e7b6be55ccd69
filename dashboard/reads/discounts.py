"""Cached reads of discounts."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics.orders import discounts as metrics
from core.metrics.orders.discounts import DiscountRow, DiscountSummary
from dashboard.reads.cache import cached, scope_of


@cached
def discounts(store: StoreKey, revision: int, currency: str, period: Period, today: date) -> tuple[DiscountRow, ...]:
    """See `core.metrics.discounts.discounts`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.discounts(session, scope, period, today)


@cached
def discount_summary(store: StoreKey, revision: int, currency: str, period: Period) -> DiscountSummary:
    """See `core.metrics.orders.discounts.discount_summary`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.discount_summary(session, scope, period)
