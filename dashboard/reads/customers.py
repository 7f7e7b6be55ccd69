"""Cached reads of customers."""

from __future__ import annotations

from datetime import date

from core.database import StoreKey
from core.domain.periods import Period
from core.metrics.customers import cohort_profits as metrics_cohort_profits
from core.metrics.customers import cohorts as metrics_cohorts
from core.metrics.customers import details as customer_details
from core.metrics.customers import listing as customers
from core.metrics.customers import repeats as metrics_repeats
from core.metrics.customers import timeline as metrics_timeline
from core.metrics.customers import values as metrics_values
from core.metrics.customers.cohort_profits import CohortProfits
from core.metrics.customers.cohorts import Cohort, ReturnsOn, Width
from core.metrics.customers.details import CustomerDetails
from core.metrics.customers.listing import Buyer, BuyerKey
from core.metrics.customers.repeats import Repeats
from core.metrics.customers.timeline import Event, MonthSales
from core.metrics.customers.values import CustomerValue
from core.metrics.sorting import Sort
from dashboard.reads.cache import cached, scope_of


@cached
def buyers(
    store: StoreKey,
    revision: int,
    currency: str,
    period: Period,
    search: str = "",
    limit: int | None = None,
    offset: int = 0,
    sort: Sort[BuyerKey] = customers.BEST_FIRST,
) -> tuple[Buyer, ...]:
    """See `core.metrics.customers.listing.buyers`."""
    with scope_of(store, currency) as (session, scope):
        return customers.buyers(session, scope, period, search, limit, offset, sort)


@cached
def count_buyers(store: StoreKey, revision: int, currency: str, period: Period, search: str = "") -> int:
    """See `core.metrics.customers.listing.count_buyers`."""
    with scope_of(store, currency) as (session, scope):
        return customers.count_buyers(session, scope, period, search)


@cached
def customer(store: StoreKey, revision: int, currency: str, customer_key: str, limit: int) -> CustomerDetails | None:
    """See `core.metrics.customers.details.customer_details`."""
    with scope_of(store, currency) as (session, scope):
        return customer_details.customer_details(session, scope, customer_key, limit)


@cached
def cohorts(
    store: StoreKey, revision: int, currency: str, width: Width, today: date, returns_on: ReturnsOn
) -> tuple[Cohort, ...]:
    """See `core.metrics.customers.cohorts.cohorts`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_cohorts.cohorts(session, scope, width, today, returns_on)


@cached
def cohort_profits(store: StoreKey, revision: int, currency: str, width: Width, today: date) -> CohortProfits | None:
    """See `core.metrics.customers.cohort_profits.cohort_profits`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_cohort_profits.cohort_profits(session, scope, width, today)


@cached
def customer_values(store: StoreKey, revision: int, currency: str, today: date) -> tuple[CustomerValue, ...]:
    """See `core.metrics.customers.values.customer_values`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_values.customer_values(session, scope, today)


@cached
def repeats(store: StoreKey, revision: int, currency: str, period: Period) -> Repeats:
    """See `core.metrics.repeats.repeats`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_repeats.repeats(session, scope, period)


@cached
def customer_timeline(
    store: StoreKey, revision: int, currency: str, customer_key: str, limit: int
) -> tuple[Event, ...]:
    """See `core.metrics.customers.timeline.timeline`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_timeline.timeline(session, scope, customer_key, limit)


@cached
def customer_months(store: StoreKey, revision: int, currency: str, customer_key: str) -> tuple[MonthSales, ...]:
    """See `core.metrics.customers.timeline.months`."""
    with scope_of(store, currency) as (session, scope):
        return metrics_timeline.months(session, scope, customer_key)
