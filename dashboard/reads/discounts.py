"""Cached reads of discounts."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.orders import discount as one
from core.metrics.orders import discounts as metrics
from core.metrics.orders.discount import DiscountedOrder, DiscountKey, DiscountSeries, UseKey
from core.metrics.orders.discounts import DiscountRow, DiscountSummary
from core.metrics.sorting import Sort
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


@cached
def discount(
    store: StoreKey, revision: int, currency: str, period: Period, today: date, key: DiscountKey
) -> DiscountRow | None:
    """See `core.metrics.orders.discount.discount`."""
    with scope_of(store, currency) as (session, scope):
        return one.discount(session, scope, period, today, key)


@cached
def discount_series(
    store: StoreKey, revision: int, currency: str, period: Period, key: DiscountKey, grain: Grain
) -> DiscountSeries:
    """See `core.metrics.orders.discount.discount_series`."""
    with scope_of(store, currency) as (session, scope):
        return one.discount_series(session, scope, period, key, period.points(grain))


@cached
def discount_series_beside(
    store: StoreKey, revision: int, currency: str, compared: Period, period: Period, key: DiscountKey, grain: Grain
) -> DiscountSeries:
    """The series of the compared period, cut as that of `period`."""
    with scope_of(store, currency) as (session, scope):
        return one.discount_series(session, scope, compared, key, compared.points_beside(period, grain))


@cached
def discounted_orders(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    key: DiscountKey,
    limit: int,
    offset: int,
    sort: Sort[UseKey],
) -> tuple[DiscountedOrder, ...]:
    """See `core.metrics.orders.discount.discounted_orders`."""
    with scope_of(store, currency) as (session, scope):
        return one.discounted_orders(session, scope, period, key, limit, offset, sort)
