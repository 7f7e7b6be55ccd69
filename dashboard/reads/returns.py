"""Cached reads of returns and refunds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.returns import causes as return_causes
from core.metrics.returns import orders
from core.metrics.returns import report as metrics
from core.metrics.returns import return_reasons as requested
from core.metrics.returns.causes import ReturnedProduct, ReturnReason
from core.metrics.returns.later_sales import Basis
from core.metrics.returns.orders import ReturnedOrder, ReturnKey
from core.metrics.returns.report import CohortReturns, Difference, ReturnPoint, Returns
from core.metrics.returns.return_reasons import RequestedReturns
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def returns(store: StoreKey, revision: int, currency: str, period: Period) -> Returns:
    """See `core.metrics.returns.report.returns`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.returns(session, scope, period)


@cached
def cohort_returns(store: StoreKey, revision: int, currency: str, period: Period) -> CohortReturns:
    """See `core.metrics.returns.report.cohort_returns`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.cohort_returns(session, scope, period)


@cached
def return_difference(store: StoreKey, revision: int, currency: str, period: Period) -> Difference:
    """See `core.metrics.returns.report.difference`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.difference(session, scope, period)


@cached
def settled_share(store: StoreKey, revision: int, currency: str, today: date) -> Decimal | None:
    """See `core.metrics.returns.report.settled_share`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.settled_share(session, scope, today)


@cached
def returns_over_time(
    store: StoreKey, revision: int, currency: str, period: Period, basis: Basis, grain: Grain
) -> tuple[ReturnPoint, ...]:
    """See `core.metrics.returns.report.over_time`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.over_time(session, scope, period, basis, period.points(grain))


@cached
def returns_by_product(
    store: StoreKey, revision: int, currency: str, period: Period, basis: Basis, limit: int
) -> tuple[ReturnedProduct, ...]:
    """See `core.metrics.returns.causes.returns_by_product`."""
    with scope_of(store, currency) as (session, scope):
        return return_causes.returns_by_product(session, scope, period, basis, limit)


@cached
def returns_by_reason(
    store: StoreKey, revision: int, currency: str, period: Period, basis: Basis, limit: int
) -> tuple[ReturnReason, ...]:
    """See `core.metrics.returns.causes.returns_by_reason`."""
    with scope_of(store, currency) as (session, scope):
        return return_causes.returns_by_reason(session, scope, period, basis, limit)


@cached
def return_reasons(
    store: StoreKey, revision: int, currency: str, period: Period, limit: int
) -> tuple[RequestedReturns, ...]:
    """See `core.metrics.returns.return_reasons.return_reasons`."""
    with scope_of(store, currency) as (session, scope):
        return requested.return_reasons(session, scope, period, limit)


@cached
def returned_orders(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    basis: Basis,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[ReturnKey] = orders.NEWEST_FIRST,
) -> tuple[ReturnedOrder, ...]:
    """See `core.metrics.returns.orders.returned_orders`."""
    with scope_of(store, currency) as (session, scope):
        return orders.returned_orders(session, scope, period, basis, search, limit, offset, sort)


@cached
def count_returned_orders(
    store: StoreKey, revision: int, currency: str, period: Period, basis: Basis, search: str = ""
) -> int:
    """See `core.metrics.returns.orders.count_returned_orders`."""
    with scope_of(store, currency) as (session, scope):
        return orders.count_returned_orders(session, scope, period, basis, search)
