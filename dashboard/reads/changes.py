"""Cached reads of the change between two periods."""

from __future__ import annotations

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics.bridges import period_sums as sums
from core.metrics.bridges import split_orders as orders
from core.metrics.bridges import splits
from core.metrics.bridges.period_sums import PeriodSums
from core.metrics.bridges.split_orders import SplitOrder, SplitOrderKey
from core.metrics.bridges.split_rows import Split
from core.metrics.bridges.splits import Terms
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def period_sums(store: StoreKey, revision: int, currency: str, period: Period) -> PeriodSums:
    """See `core.metrics.period_sums.period_sums`."""
    with scope_of(store, currency) as (session, scope):
        return sums.period_sums(session, scope, period)


@cached
def split_change(
    store: StoreKey, revision: int, currency: str, period: Period, compared: Period, split: Split, limit: int
) -> Terms:
    """See `core.metrics.bridges.splits.split_change`."""
    with scope_of(store, currency) as (session, scope):
        return splits.split_change(session, scope, period, compared, split, limit)


@cached
def split_orders(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    compared: Period,
    split: Split,
    key: str | None,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[SplitOrderKey] = orders.LARGEST_FIRST,
) -> tuple[SplitOrder, ...]:
    """See `core.metrics.split_orders.split_orders`."""
    with scope_of(store, currency) as (session, scope):
        return orders.split_orders(session, scope, period, compared, split, key, limit, offset, sort)


@cached
def count_split_orders(
    store: StoreKey, revision: int, currency: str, period: Period, compared: Period, split: Split, key: str | None
) -> int:
    """See `core.metrics.bridges.split_orders.count_split_orders`."""
    with scope_of(store, currency) as (session, scope):
        return orders.count_split_orders(session, scope, period, compared, split, key)
