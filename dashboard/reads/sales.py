"""Cached reads of sums: the report of a period, the pace of a day, and what they cover."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics import currencies
from core.metrics.currencies import LeftOut
from core.metrics.orders import listing as orders
from core.metrics.sales import contents as metrics_contents
from core.metrics.sales import overview, pace
from core.metrics.sales.contents import Contents
from core.metrics.sales.overview import Report
from core.metrics.sales.pace import Pace
from dashboard.reads.cache import cached, scope_of


@cached
def report(store: StoreKey, revision: int, currency: str, period: Period, grain: Grain) -> Report:
    """See `core.metrics.overview.report`."""
    with scope_of(store, currency) as (session, scope):
        return overview.report(session, scope, period, grain)


@cached
def report_beside(
    store: StoreKey, revision: int, currency: str, compared: Period, period: Period, grain: Grain
) -> Report:
    """See `core.metrics.overview.report_beside`."""
    with scope_of(store, currency) as (session, scope):
        return overview.report_beside(session, scope, compared, period, grain)


@cached
def first_day(store: StoreKey, revision: int, currency: str) -> date | None:
    """See `core.metrics.orders.listing.first_day`."""
    with scope_of(store, currency) as (session, scope):
        return orders.first_day(session, scope)


@cached
def paces(store: StoreKey, revision: int, currency: str, days: tuple[Period, ...]) -> tuple[Pace, ...]:
    """See `core.metrics.pace.paces`."""
    with scope_of(store, currency) as (session, scope):
        return pace.paces(session, scope, days)


@cached
def left_out(store: StoreKey, revision: int, currency: str, period: Period) -> tuple[LeftOut, ...]:
    """See `core.metrics.currencies.left_out`."""
    with scope_of(store, currency) as (session, scope):
        return currencies.left_out(session, scope, period)


@cached
def contents(store: StoreKey, read_at: str) -> Contents:
    """See `core.metrics.contents.contents`. `read_at` changes with each sync and import that ended. It stands in for
    the revision: a busy store would count a million orders again with each new one."""
    with scope_of(store) as (session, scope):
        return metrics_contents.contents(session, scope)
