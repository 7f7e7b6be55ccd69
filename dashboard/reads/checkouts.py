"""Cached reads of checkouts."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics.checkouts import carts as cart_metrics
from core.metrics.checkouts import listing as lists
from core.metrics.checkouts import report as metrics
from core.metrics.checkouts.carts import CartPoint, Carts
from core.metrics.checkouts.listing import ALL, NEWEST_FIRST, CheckoutDetails, CheckoutKey, CheckoutRow
from core.metrics.checkouts.report import Aging, CheckoutPoint, Checkouts
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def checkouts(store: StoreKey, revision: int, currency: str, period: Period, aging: Aging) -> Checkouts:
    """See `core.metrics.checkouts.report.checkouts`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.checkouts(session, scope, period, aging)


@cached
def checkouts_over_time(
    store: StoreKey, revision: int, currency: str, period: Period, aging: Aging, grain: Grain
) -> tuple[CheckoutPoint, ...]:
    """See `core.metrics.checkouts.report.checkouts_over_time`."""
    with scope_of(store, currency) as (session, scope):
        return metrics.checkouts_over_time(session, scope, period, aging, period.points(grain))


@cached
def carts(store: StoreKey, revision: int, currency: str, period: Period, aging: Aging) -> Carts:
    """See `core.metrics.checkouts.carts.carts`. The minute of `aging` renews it: carts change no revision."""
    with scope_of(store, currency) as (session, scope):
        return cart_metrics.carts(session, scope, period, aging)


@cached
def carts_over_time(
    store: StoreKey, revision: int, currency: str, period: Period, aging: Aging, grain: Grain
) -> tuple[CartPoint, ...]:
    """See `core.metrics.checkouts.carts.carts_over_time`."""
    with scope_of(store, currency) as (session, scope):
        return cart_metrics.carts_over_time(session, scope, period, aging, period.points(grain))


@cached
def checkout_list(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    aging: Aging,
    status: str = ALL,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[CheckoutKey] = NEWEST_FIRST,
) -> tuple[CheckoutRow, ...]:
    """See `core.metrics.checkouts.listing.checkout_list`."""
    with scope_of(store, currency) as (session, scope):
        return lists.checkout_list(session, scope, period, aging, status, search, limit, offset, sort)


@cached
def count_checkouts(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    aging: Aging,
    status: str = ALL,
    search: str = "",
) -> int:
    """See `core.metrics.checkouts.listing.count_checkouts`."""
    with scope_of(store, currency) as (session, scope):
        return lists.count_checkouts(session, scope, period, aging, status, search)


@cached
def checkout(store: StoreKey, revision: int, currency: str, aging: Aging, checkout_id: int) -> CheckoutDetails | None:
    """See `core.metrics.checkouts.listing.checkout_details`."""
    with scope_of(store, currency) as (session, scope):
        return lists.checkout_details(session, scope, aging, checkout_id)
