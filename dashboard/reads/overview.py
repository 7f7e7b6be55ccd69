"""Cached reads of the parts of Overview below its figures."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.domain.periods import Grain, Period
from core.metrics import attention
from core.metrics.attention import SoldOut
from core.metrics.products import movers as metrics_movers
from core.metrics.products.movers import Mover
from core.metrics.sales import origins
from core.metrics.sales import week_hours as hours
from core.metrics.sales.origins import KindReport, Origin, OriginSales
from core.metrics.sales.week_hours import WeekHour
from dashboard.reads.cache import cached, scope_of


@cached
def movers(
    store: StoreKey, revision: int, currency: str, period: Period, compared: Period, limit: int
) -> tuple[Mover, ...]:
    """See `core.metrics.movers.movers`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_movers.movers(session, scope, period, compared, limit)


@cached
def sold_out(store: StoreKey, revision: int, currency: str, today: date) -> tuple[SoldOut, ...]:
    """See `core.metrics.attention.sold_out`."""
    with scope_of(store, currency) as (session, scope):
        return attention.sold_out(session, scope, today)


@cached
def week_hours(store: StoreKey, revision: int, currency: str, period: Period) -> tuple[WeekHour, ...]:
    """See `core.metrics.week_hours.week_hours`."""
    with scope_of(store, currency) as (session, scope):
        return hours.week_hours(session, scope, period)


@cached
def sales_by_origin(
    store: StoreKey, revision: int, currency: str, period: Period, origin: Origin
) -> tuple[OriginSales, ...]:
    """See `core.metrics.sales.origins.sales_by_origin`."""
    with scope_of(store, currency) as (session, scope):
        return origins.sales_by_origin(session, scope, period, origin)


@cached
def sales_by_kind(store: StoreKey, revision: int, currency: str, period: Period, grain: Grain) -> KindReport:
    """See `core.metrics.sales.origins.sales_by_kind`."""
    with scope_of(store, currency) as (session, scope):
        return origins.sales_by_kind(session, scope, period, grain)
