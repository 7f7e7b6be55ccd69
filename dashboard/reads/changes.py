"""Cached reads of the change between two periods."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics.bridges import known_customers, splits
from core.metrics.bridges import known_figures as known
from core.metrics.bridges import late_changes as late
from core.metrics.bridges import period_sums as sums
from core.metrics.bridges import split_orders as orders
from core.metrics.bridges.known_customers import CustomersSince
from core.metrics.bridges.known_figures import FiguresSince
from core.metrics.bridges.late_changes import ChangedDays, KindOfChange, LateChange, LateChangeKey
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


@cached
def kept_since(store: StoreKey, revision: int, currency: str) -> datetime | None:
    """See `core.metrics.bridges.known_figures.kept_since`."""
    with scope_of(store, currency) as (session, scope):
        return known.kept_since(session, scope)


@cached
def figures_since(store: StoreKey, revision: int, currency: str, period: Period, at: datetime) -> FiguresSince | None:
    """See `core.metrics.bridges.known_figures.figures_since`."""
    with scope_of(store, currency) as (session, scope):
        return known.figures_since(session, scope, period, at)


@cached
def customers_since(
    store: StoreKey, revision: int, currency: str, period: Period, at: datetime
) -> CustomersSince | None:
    """See `core.metrics.bridges.known_customers.customers_since`."""
    with scope_of(store, currency) as (session, scope):
        return known_customers.customers_since(session, scope, period, at)


@cached
def kinds_of_change(
    store: StoreKey, revision: int, currency: str, period: Period, at: datetime
) -> tuple[KindOfChange, ...]:
    """See `core.metrics.bridges.late_changes.kinds_of_change`."""
    with scope_of(store, currency) as (session, scope):
        return late.kinds_of_change(session, scope, period, at)


@cached
def late_changes(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    at: datetime,
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[LateChangeKey] = late.LARGEST_FIRST,
) -> tuple[LateChange, ...]:
    """See `core.metrics.bridges.late_changes.late_changes`."""
    with scope_of(store, currency) as (session, scope):
        return late.late_changes(session, scope, period, at, limit, offset, sort)


@cached
def changed_days(store: StoreKey, revision: int, currency: str, zone: ZoneInfo, at: datetime) -> ChangedDays | None:
    """See `core.metrics.bridges.late_changes.changed_days`; None as well if changes were not kept yet."""
    with scope_of(store, currency) as (session, scope):
        since = known.kept_since(session, scope)
        return None if since is None or at < since else late.changed_days(session, scope, zone, at)
